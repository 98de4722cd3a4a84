"""What browsers and server say to each other on `/ws` (contract: WebSocket). Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from api import messages, position
from api.checks import EARLIEST_S, LATEST_S, SYMBOL
from api.hub import EVERY, Channel
from api.limits import Limits
from api.messages import encode

VERSION = "1"
HEARTBEAT_S = 1
CHANNELS: tuple[Channel, ...] = ("bars", "averages", "status", "alerts")
EVENTS: frozenset[Channel] = frozenset({"status", "alerts"})  # they are told, and need no snapshot
SNAPSHOT_S = 15 * 60


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    id: int | None = Field(default=None, ge=0, le=2**53 - 1)


Symbols = Annotated[list[str], Field(max_length=1_000)]
Channels = Annotated[list[Channel], Field(min_length=1, max_length=len(CHANNELS))]


class Subscribe(_Message):
    """`since`: the first epoch second of the snapshot; the last 15 minutes without it.

    `position`: of the last status heard while the same symbols were subscribed; if the server still holds all rows
    that came after it, the snapshot is these rows, of any second. Otherwise, `since` counts. Of the channels `status`
    and `alerts` the events that were told meanwhile come first, the newest of each; without both there are none.
    """

    type: Literal["subscribe"]
    channels: Channels
    symbols: Symbols = []
    since: int | None = Field(default=None, ge=EARLIEST_S, lt=LATEST_S)
    position: str | None = Field(default=None, max_length=position.LONGEST)

    @field_validator("position")
    @classmethod
    def _is_ours(cls, given: str | None) -> str | None:
        if given and position.parse(given) is None:
            message = "give back what a status said"
            raise ValueError(message)
        return given or None


class Unsubscribe(_Message):
    """Without symbols: of all of them."""

    type: Literal["unsubscribe"]
    channels: Channels
    symbols: Symbols = []


class List(_Message):
    """Asks for an `ack` with the effective subscriptions."""

    type: Literal["list"]


class Ping(_Message):
    """Asks for a `pong`."""

    type: Literal["ping"]


ClientMessage = Subscribe | Unsubscribe | List | Ping


class Refusal(msgspec.Struct, frozen=True):
    """A message that cannot be obeyed: `code` as in the contract, in words, for the message with this id."""

    code: int
    message: str
    id: int | None = None


_adapter: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])
_ID = re.compile(r'"id"\s*:\s*(\d{1,16})\b')


def parse(text: str, limits: Limits) -> ClientMessage | Refusal:
    """A client's frame; what is wrong with it is a value too."""
    if len(text) > limits.frame_bytes or len(text.encode()) > limits.frame_bytes:
        return Refusal(413, f"a message has at most {limits.frame_bytes} bytes; subscribe in several")
    try:
        return _adapter.validate_json(text)
    except ValidationError as error:
        found = _ID.search(text)
        return Refusal(400, _words(error), int(found[1]) if found and int(found[1]) < 2**53 else None)


def from_query(query: Mapping[str, str]) -> Subscribe | Refusal | None:
    """The subscription in the URL, `?channels=bars,averages&symbols=2330,0050&since=…`; None without `channels`."""
    if "channels" not in query:
        return None
    given: dict[str, Any] = {"type": "subscribe", "channels": _split(query["channels"])}
    given |= {"symbols": _split(query.get("symbols", ""))}
    given |= {name: query[name] for name in ("since", "position") if name in query}
    try:
        return Subscribe.model_validate(given, strict=False)
    except ValidationError as error:
        return Refusal(400, _words(error))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "message"
    return f"{where}: {first['msg']}"[:300]


def refused(symbols: Iterable[str], known: Iterable[str]) -> dict[str, Refusal]:
    """The asked symbols that cannot be had, each with the reason."""
    there = set(known)
    reasons = {}
    for symbol in symbols:
        if symbol != EVERY and not SYMBOL.fullmatch(symbol):
            reasons[symbol] = Refusal(400, "a symbol has 1 to 16 letters and digits")
        elif symbol != EVERY and symbol not in there:
            reasons[symbol] = Refusal(404, "unknown symbol: no reference data and no bar today")
    return reasons


def welcome(server_time_us: int, limits: Limits) -> bytes:
    made = messages.Welcome(version=VERSION, server_time_us=server_time_us, heartbeat_s=HEARTBEAT_S, limits=limits)
    return encode(made)


def ack(id: int | None, subscriptions: Mapping[Channel, Iterable[str]], refusals: Mapping[str, Refusal]) -> bytes:  # noqa: A002 - the wire's name
    """The effective subscriptions by channel, and what was refused."""
    effective = messages.Subscriptions(*(sorted(subscriptions.get(channel, ())) for channel in CHANNELS))
    turned_down = [messages.Refused(symbol, each.code, each.message) for symbol, each in refusals.items()]
    return encode(messages.Ack(id=id, subscriptions=effective, refused=turned_down))


class Rows(msgspec.Struct, frozen=True):
    """A snapshot's records as their topics' bytes, ascending; the rest as in `messages.Snapshot`."""

    bars: list[bytes]
    averages: list[bytes]
    since: int
    complete: bool
    resumed: bool = False


def snapshot(symbol: str, rows: Rows) -> bytes:
    """The records' bytes are never read again, only put between commas."""
    fields = {"type": "snapshot", "symbol": symbol, "since": rows.since, "complete": rows.complete}
    head = encode(fields | {"resumed": rows.resumed})[:-1]
    return head + b',"bars":[' + b",".join(rows.bars) + b'],"averages":[' + b",".join(rows.averages) + b"]}"


def wrapped(type: Literal["gap", "pause", "delay"], value: bytes) -> bytes:  # noqa: A002 - the wire's name
    return b'{"type":"' + type.encode() + b'","data":' + value + b"}"


def ready(id: int | None) -> bytes:  # noqa: A002 - the wire's name
    return encode(messages.Ready(id=id))


def error(refusal: Refusal) -> bytes:
    return encode(messages.Error(id=refusal.id, code=refusal.code, message=refusal.message))


def pong(id: int | None, server_time_us: int) -> bytes:  # noqa: A002 - the wire's name
    return encode(messages.Pong(id=id, server_time_us=server_time_us))


def bye(reconnect_after_ms: int) -> bytes:
    return encode(messages.Bye(reason="the server stops", reconnect_after_ms=reconnect_after_ms))
