"""Trades by the hundred thousand, the same each time: as records of the topic, and as the oracle reads them."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from confluent_kafka import Producer

from market.topics import TRADES
from tests.builders import Data
from tests.oracle import WINDOWS

_FLUSH_S = 60.0
_FULL_S = 0.05


@dataclass(frozen=True)
class Print:
    """One trade; price in cents."""

    symbol: str
    time_us: int
    serial: int
    cents: int
    size: int
    volume: int

    def record(self) -> bytes:
        price = f"{self.cents // 100}.{self.cents % 100:02}"
        return (
            f'{{"symbol":"{self.symbol}","type":"EQUITY","exchange":"TWSE","market":"TSE","time":{self.time_us},'
            f'"serial":{self.serial},"price":{price},"size":{self.size},"volume":{self.volume},"bid":{price},'
            f'"isContinuous":true,"kind":"continuous","received_us":{self.time_us + 900},"source":"stream"}}'
        ).encode()

    def data(self) -> Data:
        price = Decimal(self.cents).scaleb(-2)
        own = {"symbol": self.symbol, "type": "EQUITY", "time": self.time_us, "serial": self.serial, "price": price}
        return own | {"size": self.size, "volume": self.volume, "bid": price, "isContinuous": True}


@dataclass(frozen=True)
class Tape:
    """`rate` trades a second over `symbols` for `seconds` from `begin_s` on; the first symbols have most of them."""

    rate: int
    symbols: int
    seconds: int
    begin_s: int

    def prints(self) -> Iterator[Print]:
        chance = random.Random(1)
        names = [f"{1_000 + number}" for number in range(self.symbols)]
        weights = [1 / (2 + number) for number in range(self.symbols)]
        volumes, step_us = dict.fromkeys(names, 0), 1_000_000 // self.rate
        for second in range(self.seconds):
            for at, symbol in enumerate(chance.choices(names, weights, k=self.rate)):
                serial, size = second * self.rate + at + 1, 1 + (second + at) % 7
                volumes[symbol] += size
                time_us = (self.begin_s + second) * 1_000_000 + at * step_us
                yield Print(symbol, time_us, serial, 10_000 + (serial * 37) % 900 * 5, size, volumes[symbol])

    def fill(self, bootstrap: str) -> "Sums":
        """All of it into the topic; what must come of it."""
        producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 20, "log_level": 0})
        lots, trades = 0, Counter[tuple[str, int]]()
        for each in self.prints():
            put(producer, each)
            lots += each.size
            trades[each.symbol, each.time_us // 1_000_000] += 1
        assert producer.flush(_FLUSH_S) == 0, "the broker did not take the tape"
        return sums(trades, lots)


@dataclass(frozen=True)
class Sums:
    """Over all rows when all are there in their last version, as the versions only grow.

    `rows` are bars, and as many averages; `trades` of the bars, `in_windows` of the averages.
    """

    rows: int
    trades: int
    in_windows: int
    lots: int


def sums(trades: Mapping[tuple[str, int], int], lots: int) -> Sums:
    """From the trades of each symbol and second: one counts in the averages of its second and of the next fourteen."""
    reached = (
        count
        for (symbol, second), count in trades.items()
        for later in range(second, second + max(WINDOWS))
        if (symbol, later) in trades
    )
    return Sums(len(trades), sum(trades.values()), sum(reached), lots)


def put(producer: Producer, each: Print) -> None:
    """Into the topic; a full queue is waited for."""
    while True:
        try:
            producer.produce(TRADES.name, each.record(), each.symbol, timestamp=each.time_us // 1_000)
        except BufferError:
            producer.poll(_FULL_S)
        else:
            producer.poll(0)
            return
