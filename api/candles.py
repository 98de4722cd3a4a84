"""Candles of a minute and of a trading day, made of one-second bars. Pure."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import Literal

from market.calendar import day_bounds_us, trading_day
from market.messages import Bar, Record

Interval = Literal["1m", "1d"]
_PLACES = Decimal("0.0001")


class Candle(Record, kw_only=True, frozen=True):
    """A symbol's bars over a minute or a trading day; `second` is the first of it, `seconds` how many traded."""

    symbol: str
    second: int
    seconds: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    trades: int
    turnover: Decimal
    vwap: Decimal
    buy_volume: int
    sell_volume: int


def begin(interval: Interval, second: int) -> int:
    """The first second of the candle that `second` belongs to."""
    if interval == "1m":
        return second - second % 60
    return day_bounds_us(trading_day(second * 1_000_000))[0] // 1_000_000


def candles(interval: Interval, bars: Iterable[Bar]) -> list[Candle]:
    """Of one symbol's bars, ascending, every candle; a candle is whole only if all bars of it are given."""
    groups = groupby(bars, key=lambda bar: begin(interval, bar.second))
    return [_candle(second, tuple(group)) for second, group in groups]


def _candle(second: int, bars: tuple[Bar, ...]) -> Candle:
    volume, turnover = sum(bar.volume for bar in bars), sum((bar.turnover for bar in bars), Decimal(0))
    return Candle(
        symbol=bars[0].symbol,
        second=second,
        seconds=len(bars),
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=volume,
        trades=sum(bar.trades for bar in bars),
        turnover=turnover,
        vwap=(turnover / volume).quantize(_PLACES, ROUND_HALF_EVEN),
        buy_volume=sum(bar.buy_volume for bar in bars),
        sell_volume=sum(bar.sell_volume for bar in bars),
    )
