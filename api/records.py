"""What a topic's record says, checked before anything believes it: a record, or `Bad` with the reason. Pure."""

from collections.abc import Callable
from typing import Literal

import msgspec

from api.checks import objections
from market import topics
from market.messages import (
    Average,
    Bar,
    FeedRecord,
    SymbolInfo,
    decode_average,
    decode_bar,
    decode_feed,
    decode_symbol,
)

Kind = Literal["bar", "average"]
Known = Bar | Average | FeedRecord | SymbolInfo


class Raw(msgspec.Struct, frozen=True, gc=False):
    """A Kafka record as it came; `timestamp_ms` is when it was produced, `read_us` when this machine read it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    read_us: int = 0


class Bad(msgspec.Struct, frozen=True):
    """A record nobody may use, and why."""

    reason: str


class Row(msgspec.Struct, frozen=True, gc=False):
    """One bar or average as its topic's bytes, with the key and the version they merge by.

    `partition` and `offset`: where it stands in its topic; -1 if it came from the database.
    """

    kind: Kind
    symbol: str
    second: int
    trades: int
    value: bytes
    partition: int = -1
    offset: int = -1


def row(record: Bar | Average, value: bytes, partition: int = -1, offset: int = -1) -> Row:
    kind: Kind = "bar" if isinstance(record, Bar) else "average"
    return Row(kind, record.symbol, record.second, record.trades, value, partition, offset)


def parse(raw: Raw) -> Known | Bad:
    """The record, or why it is none. Unknown fields are ignored: additions are welcome."""
    if raw.value is None:
        return Bad("null value")
    try:
        raw.value.decode()
        record = _DECODERS[raw.topic](raw.value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Bad(f"not the schema of {raw.topic}: {error}"[:200])
    except RecursionError:
        return Bad("nested too deeply")
    reason = next(objections(record, raw.key), None)
    return Bad(reason) if reason else record


_DECODERS: dict[str, Callable[[bytes], Known]] = {
    topics.BARS.name: decode_bar,
    topics.AVERAGES.name: decode_average,
    topics.FEED.name: decode_feed,
    topics.SYMBOLS.name: decode_symbol,
}
