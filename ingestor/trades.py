"""One trade as the exchange sent it → its kind and its record, or why it is refused (semantics: a trade)."""

import re
from typing import Annotated, Literal

import msgspec

from market.calendar import trading_day
from market.messages import Kind, Pause

# A trade has some 300 bytes. Spark reads no record with a number of over 1,000 digits or nested over 1,000 deep.
_MAX_BYTES = 1_000
# Prices are judged as written: below 10^8, at most 4 decimals, no exponent (nobody writes a price so).
_PRICE = re.compile(rb"[0-9]{1,8}(\.[0-9]{1,4})?").fullmatch
_OFFER = re.compile(rb"null|[0-9]{1,8}(\.[0-9]{1,4})?").fullmatch
_POSITIVE = re.compile(rb"[1-9]").search
_AFTER_HOURS_SERIAL = 99_999_999
# A thousand times the largest print there could be; Spark's exact sums of one second stay within a long.
_MOST_VALUE = 10**10
# Around midnight yesterday's last trades still come in, and an exchange's clock may be ahead of ours.
LATE_US = 600_000_000
_EARLY_US = 60_000_000

Source = Literal["stream", "rest"]
_Microseconds = Annotated[int, msgspec.Meta(ge=0, le=2**53)]  # until the year 2255
_Count = Annotated[int, msgspec.Meta(ge=0, lt=10**12)]
_ABSENT = msgspec.Raw()


class Trade(msgspec.Struct, frozen=True):
    """An accepted trade: what gaps and counters need of it, and `value`, its record with every digit as sent."""

    symbol: str
    time: int
    serial: int
    size: int
    volume: int | None
    kind: Kind
    value: bytes
    delayed: Literal["open", "close"] | None = None  # a trial match says that this call is put off


class Unknown(msgspec.Struct, frozen=True):
    """Not a trade and not a status; goes to `dead-letters` with its reason."""

    reason: str


class _Print(msgspec.Struct, rename="camel"):
    """The fields a trade must have; prices stay raw, so that a string is seen and no digit is lost."""

    symbol: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{1,16}\Z")]
    type: str
    exchange: str
    time: _Microseconds
    serial: _Count
    price: msgspec.Raw
    size: _Count
    volume: _Count | None = None
    bid: msgspec.Raw = msgspec.Raw(b"0")
    ask: msgspec.Raw = msgspec.Raw(b"0")
    market: str | None = None
    is_trial: bool = False
    is_continuous: bool = False
    is_open: bool = False
    is_close: bool = False
    is_limit_up_halt: bool = False
    is_limit_down_halt: bool = False
    is_delayed_open: bool = False
    is_delayed_close: bool = False
    kind: msgspec.Raw = _ABSENT
    received_us: msgspec.Raw = msgspec.field(name="received_us", default=_ABSENT)
    source: msgspec.Raw = _ABSENT

    def has_ours(self) -> bool:
        return not (self.kind is self.received_us is self.source is _ABSENT)


_print = msgspec.json.Decoder(_Print).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def trade(data: bytes, now_us: int, source: Source) -> Trade | Pause | Unknown:
    """Classify one trade object received at `now_us`. Raises msgspec.MsgspecError where it is not such an object."""
    if len(data) > _MAX_BYTES:
        return Unknown("too long for a trade")
    found = _print(data)
    reason = _refusal(found, now_us)
    if reason:
        return Unknown(reason)
    if found.size == 0:
        return _pause(found)
    kind = _kind(found)
    ours = f'"kind":"{kind}","received_us":{now_us},"source":"{source}"'
    value = _spliced(_without_ours(data) if found.has_ours() else data, ours)
    delayed = _delayed(found) if kind == "trial" else None
    return Trade(found.symbol, found.time, found.serial, found.size, found.volume, kind, value, delayed)


def _refusal(found: _Print, now_us: int) -> str | None:
    if not trading_day(now_us - LATE_US) <= trading_day(found.time) <= trading_day(now_us + _EARLY_US):
        return "time is not today"
    if not _PRICE(found.price) or not _POSITIVE(found.price):
        return "price is not a number above 0, below 10^8, of at most 4 decimals"
    if not (_OFFER(found.bid) and _OFFER(found.ask)):
        return "bid or ask is not a price"
    if (
        found.volume is not None and found.volume < found.size and not found.is_trial
    ):  # a trial match adds nothing to it
        return "volume is less than size"
    if float(found.price) * found.size >= _MOST_VALUE:
        return "price times size is 10^10 or more"
    return None


def _pause(found: _Print) -> Pause | Unknown:
    """Size 0 with one halt flag says that a volatility pause of the board lot began."""
    halted_once = found.is_limit_up_halt != found.is_limit_down_halt
    if not halted_once or found.is_trial or found.type == "ODDLOT":
        return Unknown("size 0 without a halt flag")
    return Pause(symbol=found.symbol, time_us=found.time, direction="up" if found.is_limit_up_halt else "down")


def _delayed(found: _Print) -> Literal["open", "close"] | None:
    if found.is_delayed_open:
        return "open"
    return "close" if found.is_delayed_close else None


def _kind(found: _Print) -> Kind:
    """The closed table of semantics, in its order of precedence."""
    rules: tuple[tuple[bool, Kind], ...] = (
        (found.type == "ODDLOT", "odd_lot"),
        (found.is_trial, "trial"),
        (found.serial == _AFTER_HOURS_SERIAL, "after_hours"),
        (found.is_open, "open"),
        (found.is_close, "close"),
        (found.is_continuous, "continuous"),
    )
    return next((kind for matches, kind in rules if matches), "call")


def _spliced(data: bytes, ours: str) -> bytes:
    """`data` with our members added, and not a byte of it changed."""
    return data[:-1] + b"," + ours.encode() + b"}"


def _without_ours(data: bytes) -> bytes:
    """`data` without members named like ours, which a typed reader could stumble over although the last one counts."""
    members = _members(data)
    for name in ("kind", "received_us", "source"):
        members.pop(name, None)
    return msgspec.json.encode(members)
