"""One symbol's book: the best bid and ask, and what an arriving order does to them. Prices in cents, on ticks."""

import random
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from simulator import ticks
from simulator.prints import Fill, Print, Writer
from simulator.symbols import Instrument

SWEEPS = 0.04  # share of orders that take more than one level
DEEPEST_SWEEP = 4
EMPTIES = 0.15  # share of single-level orders that take the whole level
PULL = 0.35  # how strongly orders lean towards the day's anchor, so that prices wander but seldom lock
QUOTES_STALE = 0.5  # share of a sweep's earlier prints that still carry the old book; the others carry none

# Lots per print: a heavy tail with a mean of about 3.5, as measured on large caps.
_SIZES = tuple(min(500, int((1 - (i + 0.5) / 4096) ** -0.8)) for i in range(4096))


class Seen(msgspec.Struct):
    """What a book can be restored from."""

    price: Decimal
    volume: int | None = None
    isClose: bool = False  # noqa: N815 - the exchange's name


_seen = msgspec.json.Decoder(Seen).decode


@dataclass(slots=True)
class Book:
    """The state of one symbol on one trading day; `bid` or `ask` is None when locked at a limit."""

    instrument: Instrument
    anchor: int
    writer: Writer = field(init=False)
    last: int = field(init=False)
    bid: int | None = field(init=False)
    ask: int | None = field(init=False)
    down: int = field(init=False)
    up: int = field(init=False)
    volume: int = 0
    odd_volume: int = 0
    is_open: bool = False
    is_paused: bool = False

    def __post_init__(self) -> None:
        self.writer = Writer(self.instrument)
        self.down, self.up = self.instrument.limits
        self.rest(self.instrument.reference)

    @property
    def matches(self) -> bool:
        """Whether orders match continuously."""
        return self.is_open and not self.is_paused and not self.instrument.matching_interval_s

    def rest(self, price: int) -> None:
        """Let the book stand around `price`, which becomes the last price and the best bid."""
        self.last = price
        self._bid_at(price)

    def inside(self, price: int) -> int:
        """`price` moved to a valid one between the limits."""
        return min(self.up, max(self.down, ticks.floor(self.instrument.tick_table, max(price, self.down))))

    def order(self, rng: random.Random) -> list[Fill]:
        """One aggressive order: its fills, in order. All of a sweep's share one time; the last carries the book."""
        buys = self.bid is None or (self.ask is not None and rng.random() < self._buying())
        price = self.ask if buys else self.bid
        assert price is not None  # noqa: S101 - never locked on both sides
        fills = self._sweep(price, rng, buys=buys) if rng.random() < SWEEPS else []
        if len(fills) > 1:
            return fills
        fill = Fill(price, rng.choice(_SIZES), self.bid, self.ask)
        self.last = price
        if rng.random() < EMPTIES:
            (self._bid_at if buys else self._ask_at)(price)
        return [fill]

    def resume(self, each: Print) -> None:
        """Take over a print from before a restart."""
        seen = _seen(each.body)
        if not each.trades or seen.volume is None:
            return
        if each.odd:
            self.odd_volume = seen.volume
        else:
            self.volume = seen.volume
            self.is_open = not seen.isClose
            self.rest(self.inside(int(seen.price * 100)))

    def auction(self, price: int, size: int) -> Fill:
        """A call auction at `price`: everything matches there and the book stands around it."""
        self.rest(self.inside(price))
        return Fill(self.last, size, self.bid, self.ask)

    def _sweep(self, price: int, rng: random.Random, *, buys: bool) -> list[Fill]:
        levels = self._levels(price, rng.randint(2, DEEPEST_SWEEP), buys=buys)
        if len(levels) == 1:
            return []
        stale = (self.bid, self.ask) if rng.random() < QUOTES_STALE else (None, None)
        fills = [Fill(level, rng.choice(_SIZES), *stale) for level in levels[:-1]]
        self.last = levels[-1]
        self._around_last(bought=buys)
        return [*fills, Fill(self.last, rng.choice(_SIZES), self.bid, self.ask)]

    def _levels(self, price: int, count: int, *, buys: bool) -> list[int]:
        move = ticks.above if buys else ticks.below
        levels = [price]
        while len(levels) < count and self.down <= (price := move(self.instrument.tick_table, price)) <= self.up:
            levels.append(price)
        return levels

    def _around_last(self, *, bought: bool) -> None:
        """After a sweep the last level is not used up: a buyer leaves it as the ask, a seller as the bid."""
        if bought:
            self._ask_at(self.last)
        else:
            self._bid_at(self.last)

    def _bid_at(self, price: int) -> None:
        ask = ticks.above(self.instrument.tick_table, price)
        self.bid, self.ask = price, (ask if ask <= self.up else None)

    def _ask_at(self, price: int) -> None:
        bid = ticks.below(self.instrument.tick_table, price)
        self.bid, self.ask = (bid if bid >= self.down else None), price

    def _buying(self) -> float:
        return 0.5 + PULL * (self.anchor - self.last) / max(1, self.up - self.instrument.reference)
