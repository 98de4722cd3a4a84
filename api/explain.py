"""What a second's bar was made of: its trades, its versions, and whether the exchange's counter proves it."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec
from confluent_kafka import KafkaException

from api import fill
from api.flights import Flights
from api.history import History
from api.live import Live
from api.memory import merged
from api.problems import Problem
from api.proof import Around, Copy, counted, proof, revision, trades
from api.ranges import Ranges
from api.records import Raw
from api.search import Search, Searched, Stretch, TooSlowError
from api.spans import Span
from market.calendar import day_bounds_us, trading_day
from market.clock import Clock
from market.messages import decode_bar, decode_trade, encode
from market.topics import BARS, TRADES

_AT_A_TIME, _MOST_WAITING = 2, 8
_BEFORE_US, _AFTER_US = 5_000_000, 60_000_000  # around a second: clocks that differ, trades that come late

Found = dict[str, Searched]


@dataclass(frozen=True, slots=True)
class Question:
    """A second with its neighbours as this process knows them."""

    symbol: str
    second: int
    around: Around
    clock: Clock
    now_us: int

    def stretches(self) -> list[Stretch]:
        """Trades are stamped by the market's clock, bars by Spark's machine; in ms."""
        pace = self.clock.pace()
        since_us = self.second * 1_000_000 - int(_BEFORE_US * pace)
        until_us = min(self.second * 1_000_000 + int(_AFTER_US * pace), self.now_us)
        stamped = {TRADES.name: (since_us, until_us)}
        stamped[BARS.name] = (self.clock.machine_us(since_us), self.clock.machine_us(until_us))
        key = self.symbol.encode()
        return [Stretch(topic, key, since // 1_000, until // 1_000) for topic, (since, until) in stamped.items()]

    def is_asked(self, raw: Raw) -> bool:
        """Whether a record of this symbol is of this second; what cannot be read is not."""
        try:
            if raw.topic == TRADES.name:
                return decode_trade(raw.value or b"").time // 1_000_000 == self.second
            return decode_bar(raw.value or b"").second == self.second
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return False

    def is_answered(self, found: Found) -> bool:
        """Whether all trades of the bar have been found, and its newest version."""
        bar = self.around.bar
        versions = [decode_bar(raw.value or b"").trades for raw in found[BARS.name].records]
        return bar is None or (counted(_trades(found)) >= bar.trades and bar.trades in versions)

    def answer(self, found: Found) -> dict[str, Any]:
        """What the topics say. `explained`: the trades found are as many as the bar counts."""
        bar, made_of = self.around.bar, _trades(found)
        revisions = [
            revision(decode_bar(raw.value or b""), self.clock.market_us(raw.timestamp_ms * 1_000), raw.offset)
            for raw in found[BARS.name].records
        ]
        return {
            "trades": made_of,
            "explained": None if bar is None else counted(made_of) == bar.trades,
            "revisions": revisions,
            "proof": proof(self.around),
            "searched": {each.topic: self._searched(each, found[each.topic]) for each in self.stretches()},
        }

    def _searched(self, stretch: Stretch, searched: Searched) -> dict[str, Any]:
        since_us, through_us = self._market_us(stretch, stretch.since_ms), self.now_us
        if searched.through_ms is not None:
            through_us = self._market_us(stretch, searched.through_ms)
        return {"from_us": since_us, "through_us": through_us, "records": searched.looked_at}

    def _market_us(self, stretch: Stretch, stamp_ms: int) -> int:
        return self.clock.market_us(stamp_ms * 1_000) if stretch.topic == BARS.name else stamp_ms * 1_000


def _trades(found: Found) -> list[dict[str, Any]]:
    records = found[TRADES.name].records
    return trades(Copy(decode_trade(raw.value or b""), raw.partition, raw.offset) for raw in records)


class Explain:
    """One search at a time for a symbol and second, shared by all who ask; few at once, in threads of their own."""

    def __init__(self, kafka: Mapping[str, Any], history: History, live: Live, ranges: Ranges, clock: Clock) -> None:
        self._kafka = kafka
        self._history = history
        self._live = live
        self._ranges = ranges
        self._clock = clock
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="explain")
        self._flights: Flights[bytes] = Flights()

    async def answer(self, symbol: str, second: int) -> bytes:
        """JSON (openapi: Explanation). `Problem` 503 when the broker is too slow or too many ask."""
        key = (symbol, second)
        if key not in self._flights and len(self._flights) >= _MOST_WAITING:
            raise Problem(503, f"{_MOST_WAITING} other seconds are being explained; try again in a few seconds")
        return await self._flights.share(key, lambda: self._explain(symbol, second))

    def close(self) -> None:
        """Ends the searches under way."""
        self._stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _explain(self, symbol: str, second: int) -> bytes:
        own = range(second, second + 1)
        around = await self._around(symbol, second)
        averages = await self._ranges.page("average", Span(symbol, own.start, own.stop, 1))
        rows, facts = await self._ranges.facts(symbol, own)
        ((_, state),) = fill.states(rows, own, facts)
        question = Question(symbol, second, around, self._clock, self._live.now_us())
        found = await asyncio.get_running_loop().run_in_executor(self._threads, self._search, question)
        known = {"bar": around.bar, "average": msgspec.Raw(averages.items[0]) if averages.items else None}
        return encode({"symbol": symbol, "second": second, "state": state} | known | question.answer(found))

    async def _around(self, symbol: str, second: int) -> Around:
        """The bars next to a second in its trading day, as the database and memory know them together."""
        begin_us, end_us = day_bounds_us(trading_day(second * 1_000_000))
        stored = await self._history.around(symbol, second)
        recent = self._live.hub.memory.rows("bar", symbol, begin_us // 1_000_000, end_us // 1_000_000)
        bars = {row.second: decode_bar(row.value) for row in merged(stored, recent)}
        before = max((at for at in bars if at < second), default=0)
        after = min((at for at in bars if at > second), default=0)
        return Around(bars.get(before), bars.get(second), bars.get(after))

    def _search(self, question: Question) -> Found:
        search = Search(self._kafka, self._stop, question.is_asked)
        try:
            return search.run(question.stretches(), question.is_answered)
        except (TooSlowError, KafkaException) as error:
            message = f"the broker does not answer in time: {error}; try again in a few seconds"
            raise Problem(503, message) from error
