"""What cannot be true of a record, in words. Pure; the bounds are those of the table's columns and of semantics.md."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from functools import singledispatch

from market.messages import Average, Bar, Delay, FeedStatus, Gap, Pause, SymbolInfo, Total, Watched

SYMBOL = re.compile(r"[0-9A-Za-z]{1,16}")
EARLIEST_S, LATEST_S = 946_684_800, 4_102_444_800  # 2000 to 2100: what a trading calendar can mean
LARGEST_INT = 2**63 - 1
LARGEST_PRICE, LARGEST_TURNOVER = Decimal(10**8), Decimal(10**20)  # DECIMAL(12,4), DECIMAL(24,4)
LONGEST_REASON = 255
_TICK = Decimal("0.0001")
_US = 1_000_000


@singledispatch
def objections(record: object, key: bytes | None) -> Iterator[str]:
    """Every reason to refuse a record with this Kafka key, the gravest first."""
    message = f"no rules for {type(record).__name__} (key {key!r})"
    raise TypeError(message)


@objections.register
def _(record: FeedStatus, _key: bytes | None) -> Iterator[str]:
    yield from _time(record.at_us)


@objections.register
def _(record: SymbolInfo, key: bytes | None) -> Iterator[str]:
    yield from _key(record.symbol, key)


@objections.register
def _(record: Pause, _key: bytes | None) -> Iterator[str]:
    yield from _symbol(record.symbol)
    yield from _time(record.time_us)


@objections.register
def _(record: Delay, _key: bytes | None) -> Iterator[str]:
    yield from _symbol(record.symbol)
    yield from _time(record.time_us)


@objections.register
def _(record: Watched, _key: bytes | None) -> Iterator[str]:
    for symbol in record.symbols:
        yield from _symbol(symbol)
    yield from _time(record.at_us)


@objections.register
def _(record: Total, _key: bytes | None) -> Iterator[str]:
    yield from _symbol(record.symbol)
    yield from _time(record.at_us)
    if not 0 <= record.day_volume <= LARGEST_INT:
        yield "lots out of range"


@objections.register
def _(record: Gap, _key: bytes | None) -> Iterator[str]:
    yield from _symbol(record.symbol)
    if not (_is_time(record.from_us) and _is_time(record.to_us) and record.from_us <= record.to_us):
        yield "not a stretch of time"
    if abs(record.missing_lots) > LARGEST_INT or len(record.reason) > LONGEST_REASON:
        yield "lots or reason out of range"
    if not 0 <= record.at_us < LATEST_S * _US:
        yield "time out of range"


@objections.register
def _(record: Bar, key: bytes | None) -> Iterator[str]:
    yield from _key(record.symbol, key)
    yield from _version(record.second, record.trades)
    prices = (record.open, record.high, record.low, record.close, record.vwap)
    volumes = (record.volume, record.buy_volume, record.sell_volume, record.prior_volume, record.day_volume)
    if not all(map(_is_price, prices)) or not _is_amount(record.turnover, LARGEST_TURNOVER):
        yield "impossible price or turnover"
    elif not all(map(_is_volume, volumes)):
        yield "volume out of range"
    else:
        yield from _contradictions(record)


def _contradictions(bar: Bar) -> Iterator[str]:
    if not (bar.low <= min(bar.open, bar.close, bar.vwap) and max(bar.open, bar.close, bar.vwap) <= bar.high):
        yield "contradicts itself: a price outside low and high"
    if bar.volume < bar.trades or bar.buy_volume + bar.sell_volume > bar.volume:
        yield "contradicts itself: volume"
    elif bar.vwap != (bar.turnover / bar.volume).quantize(_TICK, ROUND_HALF_EVEN):
        yield "contradicts itself: vwap is not turnover / volume"
    if bar.last_trade_us // _US != bar.second:
        yield "contradicts itself: last trade in another second"


@objections.register
def _(record: Average, key: bytes | None) -> Iterator[str]:
    yield from _key(record.symbol, key)
    yield from _version(record.second, record.trades)
    # A record belongs to a traded second, so that no window of it can be empty.
    if not (1 <= record.count_5 <= 5 and 1 <= record.count_10 <= 10 and 1 <= record.count_15 <= 15):
        yield "contradicts itself: count"
    elif not all(map(_is_mean, (record.sma_5, record.sma_10, record.sma_15))):
        yield "impossible mean"
    elif not record.count_5 <= record.count_10 <= record.count_15 <= record.trades:
        yield "contradicts itself: a longer window counts less"


def _key(symbol: str, key: bytes | None) -> Iterator[str]:
    yield from _symbol(symbol)
    if key != symbol.encode():
        yield f"key {key!r:.40} is not the symbol {symbol:.16}"


def _symbol(symbol: str) -> Iterator[str]:
    if not SYMBOL.fullmatch(symbol):
        yield f"impossible symbol {symbol[:32]!r}"


def _version(second: int, trades: int) -> Iterator[str]:
    if not EARLIEST_S <= second < LATEST_S:
        yield f"second out of range: {second:.6g}"
    if not 0 < trades <= LARGEST_INT:
        yield "trades must be positive"


def _time(at_us: int) -> Iterator[str]:
    if not _is_time(at_us):
        yield "time out of range"


def _is_time(time_us: int) -> bool:
    return EARLIEST_S <= time_us // _US < LATEST_S


def _is_volume(value: int | None) -> bool:
    return value is None or 0 <= value <= LARGEST_INT


def _is_mean(value: Decimal | None) -> bool:
    return value is not None and _is_price(value)


def _is_price(value: Decimal) -> bool:
    return value.is_finite() and 0 < value < LARGEST_PRICE and not value % _TICK


def _is_amount(value: Decimal, limit: Decimal) -> bool:
    """Positive, below `limit`, at most 4 decimals. Finite first: a NaN cannot even be compared."""
    return value.is_finite() and 0 < value < limit and not value % _TICK
