"""Random histories of a small market: what the exchange printed, and how the topic `trades` came to hold it."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from tests.builders import TEN, Data, a_trade, published

_SECOND = 1_000_000
_DAY_S = 86_400
_MIDNIGHT = TEN - 10 * 3_600
_OPENING, _CLOSING = _MIDNIGHT + 9 * 3_600, _MIDNIGHT + 13 * 3_600 + 30 * 60
_PRICES = ("10", "10.0001", "10.0002", "568.5", "1085", "99999.9999")
_RUBBISH = ("", "{", "null", '{"symbol":"2330"}', "[]")


class History(NamedTuple):
    """`records` in the topic's order: trades of every kind with their repeats, other days', and what is no trade.

    `name` begins each of its symbols, so that many histories pass through one query and stay apart; `seed` decides
    all that happens to it on its way.
    """

    name: str
    seed: int
    records: tuple[Data | str, ...]

    def trades(self) -> list[Data]:
        """What the day's rows must be made of."""
        return [each for each in self.records if not isinstance(each, str) and _is_of_the_day(each)]

    def values(self) -> list[str]:
        """The records as the topic holds them."""
        return [each if isinstance(each, str) else published(each) for each in self.records]

    def without_each(self) -> Iterator["History"]:
        """The histories that lack one record, as others by name."""
        for at in range(len(self.records)):
            yield self._replace(records=self.records[:at] + self.records[at + 1 :]).named(f"{self.name}x{at}"[-14:])

    def named(self, name: str) -> "History":
        records = (
            each if isinstance(each, str) else each | {"symbol": name + each["symbol"][-1]} for each in self.records
        )
        return History(name, self.seed, tuple(records))


def _is_of_the_day(trade: Data) -> bool:
    return bool(0 <= trade["time"] // _SECOND - _MIDNIGHT < _DAY_S)


def a_history(seed: int) -> History:
    """One to three symbols, up to nine trades each within some seconds, and what is printed beside them."""
    chance, name = random.Random(seed), f"{seed}"
    printed = [trade for letter in "abc"[: chance.randint(1, 3)] for trade in _day(chance, f"{name}{letter}")]
    beside = [_beside(chance, trade) for trade in printed if chance.random() < 0.25]
    rubbish = [chance.choice(_RUBBISH) for _ in range(chance.choice((0, 0, 1)))]
    return History(name, seed, tuple(_arrived(chance, [*printed, *beside, *rubbish])))


def _day(chance: random.Random, symbol: str) -> Iterator[Data]:
    """A symbol's trades that count, in the exchange's order."""
    begin = chance.choice((_OPENING, TEN, TEN, _CLOSING - 3, _MIDNIGHT, _MIDNIGHT + _DAY_S - 20))
    time_us, volume, serial = begin * _SECOND, 0, chance.randint(1, 9)
    for _ in range(chance.randint(1, 9)):
        size = chance.choice((1, 1, 2, chance.randint(1, 499)))
        volume, serial = volume + size, serial + chance.randint(1, 5)
        flags, time_us = _kind(chance, time_us)
        known = {} if chance.random() < 0.08 else {"volume": volume}
        price = chance.choice(_PRICES)
        trade = a_trade(symbol=symbol, time=time_us, serial=serial, price=price, size=size)
        del trade["isContinuous"]
        yield trade | flags | known | _quote(chance, price)
        time_us += _step(chance, time_us)


def _kind(chance: random.Random, time_us: int) -> tuple[Data, int]:
    """How a match came about, and when: the closing call is of 13:30 sharp."""
    if time_us >= _CLOSING * _SECOND - 5 * _SECOND and chance.random() < 0.3 and time_us <= _CLOSING * _SECOND:
        return {"isClose": True}, _CLOSING * _SECOND
    if time_us == _OPENING * _SECOND:
        return {"isOpen": True}, time_us
    return ({} if chance.random() < 0.1 else {"isContinuous": True}), time_us


def _step(chance: random.Random, time_us: int) -> int:
    """To the next trade: a sweep, the last µs of this second or the first of the next, or some seconds on."""
    left = _SECOND - time_us % _SECOND
    return chance.choice((0, 0, 1, left - 1, left, chance.randint(1, 3 * _SECOND), chance.randint(4, 16) * _SECOND))


def _quote(chance: random.Random, price: str) -> Data:
    if chance.random() < 0.2:
        return {}
    paid, tick = Decimal(price), Decimal("0.0001")
    return {
        "bid": chance.choice((Decimal(0), paid, paid - tick)),
        "ask": chance.choice((Decimal(0), paid, paid + tick)),
    }


def _beside(chance: random.Random, trade: Data) -> Data:
    """What must not count although it looks like that trade."""
    other_day = chance.choice((-1, 1)) * _DAY_S * _SECOND
    return trade | chance.choice(
        (
            {"isTrial": True, "serial": trade["serial"] + 1_000},
            {"type": "ODDLOT", "size": 999, "volume": 999},  # its serials are of its own
            {"serial": 99_999_999},
            {"time": trade["time"] + other_day},  # so are each day's
        )
    )


def _arrived(chance: random.Random, sent: list[Data | str]) -> list[Data | str]:
    """Each at least once, in an order that is nearly kept, or in none."""
    often = [each for each in sent for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    disorder = chance.choice((0, 1.5, 5, len(often)))
    places = [place + chance.random() * disorder for place in range(len(often))]
    return [each for _, each in sorted(zip(places, often, strict=True), key=lambda pair: pair[0])]
