"""What the wire may send, as values: `parse` never raises (fugle.md §1; semantics: a trade)."""

from collections.abc import Container
from typing import Any

import msgspec

from ingestor.trades import Trade, Unknown, trade
from market.messages import Pause

AUTHENTICATION_FAILED = "Invalid authentication credentials"
_HEARTBEAT_TOLERANCE_US = 3_600_000_000


class Authenticated(msgspec.Struct, frozen=True):
    """The key was accepted."""


class Refused(msgspec.Struct, frozen=True):
    """An `error` frame: its code where it has one, and its text."""

    code: int | None
    text: str


class Subscribed(msgspec.Struct, frozen=True):
    """Board-lot trade subscriptions the server confirms."""

    symbols: tuple[str, ...]


class Heartbeat(msgspec.Struct, frozen=True):
    """A heartbeat or a pong, stamped by the server in µs."""

    time_us: int


Status = Authenticated | Refused | Subscribed | Heartbeat
Frame = Trade | Pause | Status | Unknown


class _Envelope(msgspec.Struct):
    event: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    channel: str | None = None


class _Subscription(msgspec.Struct, rename="camel"):
    channel: str
    symbol: str
    intraday_odd_lot: bool = False


class _Timed(msgspec.Struct):
    time: int


_envelope = msgspec.json.Decoder(_Envelope).decode
_subscriptions = msgspec.json.Decoder(_Subscription | list[_Subscription]).decode
_timed = msgspec.json.Decoder(_Timed).decode


def parse(frame: bytes, now_us: int, watched: Container[str]) -> Frame:
    """The meaning of one frame received at `now_us`; trades of symbols that are not `watched` are Unknown."""
    try:
        frame.decode()  # the decoder below does not look inside the fields it skips
        return _meaning(frame, now_us, watched)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:  # ValueError: not UTF-8, or endless digits
        return Unknown(f"malformed: {error}")


def _meaning(frame: bytes, now_us: int, watched: Container[str]) -> Frame:
    envelope = _envelope(frame)
    match envelope.event:
        case "data" | "snapshot" if envelope.channel == "trades":
            found = trade(bytes(envelope.data), now_us, "stream")
            return found if isinstance(found, Unknown) or found.symbol in watched else Unknown("symbol not subscribed")
        case "data" | "snapshot":
            return Unknown("not of the channel trades")
        case "heartbeat" | "pong":
            return _heartbeat(envelope.data, now_us)
        case "subscribed":
            return _subscribed(envelope.data)
        case "authenticated":
            return Authenticated()
        case "error":
            return _refused(msgspec.json.decode(frame))
    return Unknown("unknown event")


def _heartbeat(data: msgspec.Raw, now_us: int) -> Heartbeat | Unknown:
    time_us = _timed(data).time
    if abs(time_us - now_us) > _HEARTBEAT_TOLERANCE_US:
        return Unknown("heartbeat with a wrong clock")
    return Heartbeat(time_us)


def _subscribed(data: msgspec.Raw) -> Subscribed:
    """One object answers `symbol`, a list answers `symbols`."""
    found = _subscriptions(data)
    listed = found if isinstance(found, list) else [found]
    return Subscribed(tuple(s.symbol for s in listed if s.channel == "trades" and not s.intraday_odd_lot))


def _refused(frame: dict[str, Any]) -> Refused:
    """Code and text stand at the top or inside `data`; both forms were seen."""
    data = frame.get("data")
    inner = data if isinstance(data, dict) else {}
    code = frame.get("code", inner.get("code"))
    text = inner.get("message") or frame.get("message") or ""
    known = code if isinstance(code, int) else None
    if known is None and text == AUTHENTICATION_FAILED:
        known = 1000
    return Refused(known, str(text)[:200])
