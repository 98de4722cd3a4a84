"""The day of one symbol so far, folded from its prints: what `/intraday/quote` tells (fugle.md 2.5)."""

import asyncio
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from simulator.ledger import Board, Ledger
from simulator.prints import AFTER_HOURS_SERIAL
from simulator.symbols import Instrument

SLICE = 500  # prints folded before others get a turn
_CENT = Decimal("0.01")


class Tick(msgspec.Struct):
    """A data object, as far as a quote needs it."""

    price: Decimal
    size: int
    time: int
    serial: int
    volume: int | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None


_tick = msgspec.json.Decoder(Tick).decode


@dataclass(slots=True)
class Quote:
    """Totals of the regular board; `seen` prints are in them."""

    seen: int = 0
    trades: int = 0
    first: Tick | None = None
    high: Tick | None = None
    low: Tick | None = None
    last: Tick | None = None
    lots: int = 0
    volume: int | None = None
    value: Decimal = Decimal(0)
    at_bid: int = 0
    at_ask: int = 0

    async def catch_up(self, ledger: Ledger, symbol: str) -> None:
        """Fold what was printed since the last call, a slice at a time."""
        while bodies := ledger.bodies(Board(symbol), self.seen, SLICE, oldest_first=True):
            for body in bodies:
                self._fold(_tick(body))
            self.seen += len(bodies)
            await asyncio.sleep(0)

    def _fold(self, tick: Tick) -> None:
        if not tick.size or tick.serial == AFTER_HOURS_SERIAL:
            return
        self.volume = self.volume if tick.volume is None else tick.volume
        self.trades += 1
        self.first = self.first or tick
        self.last = tick
        self.high = tick if self.high is None or tick.price > self.high.price else self.high
        self.low = tick if self.low is None or tick.price < self.low.price else self.low
        self.lots += tick.size
        self.value += tick.price * tick.size
        self.at_ask += tick.size if tick.ask is not None and tick.price >= tick.ask else 0
        self.at_bid += tick.size if tick.bid is not None and tick.price <= tick.bid else 0

    def fields(self, one: Instrument) -> dict[str, Any]:
        """The part of the answer that comes from prints; what is not known is left out."""
        if not (self.first and self.high and self.low and self.last):
            return {}
        last, reference = self.last, Decimal(one.reference) / 100
        change = last.price - reference
        return {
            "openPrice": self.first.price,
            "openTime": self.first.time,
            "highPrice": self.high.price,
            "highTime": self.high.time,
            "lowPrice": self.low.price,
            "lowTime": self.low.time,
            "closePrice": last.price,
            "closeTime": last.time,
            "avgPrice": _cents(self.value / self.lots),
            "change": change,
            "changePercent": _cents(change * 100 / reference),
            "amplitude": _cents((self.high.price - self.low.price) * 100 / reference),
            "lastPrice": last.price,
            "lastSize": last.size,
            "total": self._total(one, last),
            "lastTrade": {name: value for name, value in msgspec.structs.asdict(last).items() if value is not None},
            "serial": last.serial,
            "lastUpdated": last.time,
        }

    def _total(self, one: Instrument, last: Tick) -> dict[str, Any]:
        return {
            "tradeValue": int(self.value * one.board_lot),
            "tradeVolume": self.lots if self.volume is None else self.volume,
            "tradeVolumeAtBid": self.at_bid,
            "tradeVolumeAtAsk": self.at_ask,
            "transaction": self.trades,
            "time": last.time,
        }


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
