"""The streaming protocol as values: what a client may say, and the frames that answer (fugle.md 1)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

INVALID_KEY, QUOTA, BAD_REQUEST, AUTH_TIMEOUT = 1000, 1001, 1003, 1004
OVER_CONNECTIONS = "Maximum number of connections reached"
CHANNELS = ("trades", "books", "candles", "aggregates", "indices")
DATA_HEAD = b'{"event":"data","data":'
SNAPSHOT_HEAD = b'{"event":"snapshot","data":'


@dataclass(frozen=True, slots=True)
class Auth:
    key: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """`many`: asked with `symbols`, so answered with a list."""

    channel: str
    symbols: tuple[str, ...]
    many: bool
    odd: bool


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    ids: tuple[str, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class Subscriptions:
    pass


@dataclass(frozen=True, slots=True)
class Ping:
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """A request that cannot be followed, and why."""

    why: str


Request = Auth | Subscribe | Unsubscribe | Subscriptions | Ping | Bad


def parse(text: str | bytes) -> Request:
    """What a client's frame asks for; never an exception."""
    try:
        message = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        return Bad("message should be a JSON object")
    data = message.get("data", {})
    if not isinstance(data, dict):
        return Bad("data should be an object")
    event = message.get("event")
    asked = _EVENTS.get(event) if isinstance(event, str) else None
    return asked(data) if asked else Bad("event should be one of " + ", ".join(_EVENTS))


def _auth(data: dict[str, Any]) -> Request:
    key = next((data[name] for name in ("apikey", "token", "sdkToken") if data.get(name)), None)
    return Auth(key) if isinstance(key, str) else Bad("apikey should not be empty")


def _subscribe(data: dict[str, Any]) -> Request:
    channel, many = data.get("channel"), "symbols" in data
    if channel not in CHANNELS:
        return Bad(f"channel should be one of {', '.join(CHANNELS)}")
    symbols = _texts(data["symbols"] if many else [data.get("symbol")])
    if not symbols:
        return Bad("symbols should not be empty" if many else "symbol should not be empty")
    return Subscribe(channel, symbols, many, data.get("intradayOddLot") is True)


def _unsubscribe(data: dict[str, Any]) -> Request:
    many = "ids" in data
    ids = _texts(data["ids"] if many else [data.get("id")])
    if not ids:
        return Bad("ids should not be empty" if many else "id should not be empty")
    return Unsubscribe(ids, many)


def _texts(values: object) -> tuple[str, ...]:
    """Distinct non-empty strings in order, or nothing at all if one is something else."""
    if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
        return ()
    return tuple(dict.fromkeys(values))


_EVENTS: dict[str, Callable[[dict[str, Any]], Request]] = {
    "auth": _auth,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "subscriptions": lambda _: Subscriptions(),
    "ping": lambda data: Ping({"state": data["state"]} if "state" in data else {}),
}


def frame(event: str, data: object = None) -> bytes:
    """A server frame."""
    return _json({"event": event} if data is None else {"event": event, "data": data})


def error(code: int, message: str, *, in_data: bool = False) -> bytes:
    """An error frame; some servers put the code inside `data`."""
    if in_data:
        return _json({"event": "error", "data": {"code": code, "message": message}})
    return _json({"event": "error", "code": code, "data": {"message": message}})


def _json(message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def tail(subscription_id: str, channel: str = "trades") -> bytes:
    """What follows the data object in a data frame: a body goes out between a head and this, never encoded again."""
    return f',"id":"{subscription_id}","channel":"{channel}"}}'.encode()
