"""Trades that every engine is fed: records, the rows that must come of them, and which row shows which trade (pure)."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from market.calendar import day_bounds_us, trading_day
from tests import oracle
from tests.builders import a_trade, published

KINDS = ("bars", "averages")
Row = tuple[str, int]  # symbol, second
Trade = dict[str, Any]
_LATE, _TWICE, _APART = 0.01, 0.02, 0.01
_LONGEST_DELAY_US = 1_500_000
_TEN_H = 10 * 3600


@dataclass(frozen=True)
class Shape:
    """How many trades, how many a second of exchange time, of how many symbols, all beginning with `letter`."""

    letter: str
    trades: int
    rate: int
    symbols: int

    def __str__(self) -> str:
        return f"{self.rate:,}/s, {self.symbols:,} symbols"


@dataclass(frozen=True)
class Tape:
    """Records in the order they are sent; `shown[kind][n]`: the row and the version of it that shows record n.

    None: the record shows nowhere, being a repeat or no trade of a bar.
    """

    shape: Shape
    records: tuple[tuple[str, bytes], ...]
    rows: dict[str, dict[Row, oracle.Row]]
    shown: dict[str, tuple[tuple[Row, int] | None, ...]]


def ten_today(now_us: int) -> int:
    """Ten o'clock of the trading day, in epoch seconds: engines that keep days see one of today."""
    return day_bounds_us(trading_day(now_us))[0] // 1_000_000 + _TEN_H


def tape(shape: Shape, second: int, seed: int = 0) -> Tape:
    """A tape that begins at `second`: 1 % of the trades are late, 2 % come twice, 1 % count in no bar."""
    rnd = random.Random(f"{shape} {seed}")
    sent = list(_disturbed(rnd, _trades(rnd, shape, second)))
    bars = oracle.bars(sent)
    records = tuple((trade["symbol"], published(trade).encode()) for trade in sent)
    return Tape(shape, records, {"bars": bars, "averages": oracle.averages(bars)}, versions(sent))


def versions(sent: Iterable[Trade]) -> dict[str, tuple[tuple[Row, int] | None, ...]]:
    """By kind, what `Tape.shown` holds: of a row, the `trades` that it must count to have seen the trade."""
    counted: Counter[Row] = Counter()
    known: set[Row] = set()
    bars: list[tuple[Row, int] | None] = []
    averages: list[tuple[Row, int] | None] = []
    for trade in sent:
        symbol, second, one = trade["symbol"], trade["time"] // 1_000_000, (trade["symbol"], trade["serial"])
        if not oracle.counts(trade) or one in known:
            bars.append(None)
            averages.append(None)
            continue
        known.add(one)
        row = (symbol, second)
        counted[row] += 1
        bars.append((row, counted[row]))
        window = range(second - max(oracle.WINDOWS) + 1, second + 1)
        averages.append((row, sum(counted[symbol, at] for at in window)))
    return {"bars": tuple(bars), "averages": tuple(averages)}


def _trades(rnd: random.Random, shape: Shape, second: int) -> Iterator[Trade]:
    """In the order of the exchange; few symbols have most of the trades, as in the market."""
    names = [f"{shape.letter}{n:04}" for n in range(shape.symbols)]
    shares = list(accumulate(1 / (n + 1) for n in range(shape.symbols)))
    volumes: Counter[str] = Counter()
    for n in range(shape.trades):
        symbol, size = rnd.choices(names, cum_weights=shares)[0], rnd.randrange(1, 200)
        volumes[symbol] += size
        cents = rnd.randrange(100_00, 1_100_00)
        yield a_trade(
            price=f"{cents}e-2",
            size=size,
            symbol=symbol,
            time=second * 1_000_000 + n * 1_000_000 // shape.rate,
            serial=n + 1,
            volume=volumes[symbol],
            bid=Decimal(f"{cents - rnd.choice((0, 5))}e-2"),
            ask=Decimal(f"{cents + rnd.choice((0, 5))}e-2"),
        )


def _disturbed(rnd: random.Random, trades: Iterable[Trade]) -> Iterator[Trade]:
    """The same as they may arrive: late, twice, among prints that make no bar."""
    held: list[Trade] = []
    for trade in trades:
        while held and held[0]["time"] + _LONGEST_DELAY_US <= trade["time"]:
            yield held.pop(0)
        fate = rnd.random()
        if fate < _LATE:
            held.append(trade)
            continue
        yield trade | {"isTrial": True} if fate > 1 - _APART else trade
        if _LATE <= fate < _LATE + _TWICE:
            yield trade
    yield from held
