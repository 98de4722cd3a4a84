"""A symbol's records over a range of seconds: what the database has, with what memory knows better."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

import msgspec

from api import fill, stages
from api.history import History
from api.live import Live
from api.memory import merged
from api.records import Kind, Row
from api.spans import Page, Span
from market.calendar import Calendar
from market.messages import Auction, Bar, decode_bar, encode

_SLICE = 100  # seconds computed before others get their turn: about 2 ms
_PAGE = 5_000
T = TypeVar("T")


class Ranges:
    """Pages of records. `UnavailableError` when the database does not answer: memory alone is no history.

    `is_current`: whether the database holds all but what memory does; while not, no second is known to be empty.
    """

    def __init__(self, history: History, live: Live, calendar: Calendar, is_current: Callable[[], bool]) -> None:
        self._history = history
        self._live = live
        self._calendar = calendar
        self._is_current = is_current

    async def page(self, kind: Kind, span: Span) -> Page:
        """Only seconds that traded."""
        return Page.cut([(row.second, row.value) for row in await self._rows(kind, span)], span)

    async def filled_bars(self, span: Span) -> Page:
        """Every second with its state."""
        seconds = span.seconds(self.now())
        rows, facts = await self.facts(span.symbol, seconds)
        states = fill.states(rows, seconds, facts)
        items = [_with_state(rows.get(second), span.symbol, second, state) async for second, state in slowly(states)]
        return _filled(items, seconds, span, self.now())

    async def facts(self, symbol: str, seconds: range) -> tuple[dict[int, Row], fill.Facts]:
        """The bars of these seconds, and of as many around them as a pause takes; what decides of the others."""
        earliest_us = (seconds.start - fill.LONGEST_HALT_S) * 1_000_000
        pauses = [at for at in self._live.pauses.get(symbol, ()) if earliest_us <= at < seconds.stop * 1_000_000]
        begun = [at // 1_000_000 for at in pauses]
        delays = self._live.delays.get(symbol, ())
        wide = stages.widened(self._calendar, seconds, delays)
        first, stop = min([wide.start, *begun]), max([wide.stop, *(at + fill.LONGEST_HALT_S for at in begun)])
        is_current = self._is_current()  # before the rows are read: what is recorded later can only be more
        rows = {row.second: row for row in await self.every_row(symbol, range(first, stop))}
        after = {at for each in begun for at in range(each, each + fill.LONGEST_HALT_S + 1) if at in rows}
        auctions = {at for at in after if _auction(rows[at]) is not None}
        gaps = await self._gaps(symbol, seconds)
        calls = stages.calls(self._calendar, range(first, stop))
        closes = {at for at in calls if at in rows and _auction(rows[at]) == "close"}
        stage = stages.Stages(self._calendar, delays, sorted(rows), closes).at
        return rows, fill.Facts(stage, lambda at: is_current and self._live.proves(symbol, at), gaps, pauses, auctions)

    async def filled_averages(self, span: Span) -> Page:
        """The average at every second, by its definition."""
        seconds = span.seconds(self.now())
        reach = range(seconds.start - fill.LONGEST_WINDOW + 1, seconds.stop)
        bars: dict[int, Bar] = {}
        async for row in slowly(await self.every_row(span.symbol, reach)):
            bars[row.second] = decode_bar(row.value)
        items = [encode(each) async for each in slowly(fill.averages(bars, seconds, span.symbol))]
        return _filled(items, seconds, span, self.now())

    async def whole(self, kind: Kind, span: Span) -> AsyncIterator[list[bytes]]:
        """Every record of the span up to its limit, some thousand at a time."""
        left, start = span.limit, span.start
        while left > 0:
            page = await self.page(kind, Span(span.symbol, start, span.end, min(left, _PAGE)))
            yield page.items
            if page.next is None:
                return
            left, start = left - len(page.items), page.next

    async def _rows(self, kind: Kind, span: Span) -> list[Row]:
        """Up to `limit` + 1 rows: the one too many says that there is more, and where."""
        if span.start >= span.end:
            return []
        read = self._history.last_rows if span.last else self._history.rows
        stored = await read(kind, span.symbol, span.start, span.end, span.limit + 1)
        recent = self._live.hub.memory.rows(kind, span.symbol, span.start, span.end)
        rows = merged(stored, recent)
        return rows[-span.limit - 1 :] if span.last else rows[: span.limit + 1]

    async def every_row(self, symbol: str, seconds: range) -> list[Row]:
        """All bars of these seconds."""
        return await self._rows("bar", Span(symbol, seconds.start, seconds.stop, len(seconds)))

    async def _gaps(self, symbol: str, seconds: range) -> frozenset[int]:
        """Seconds of open and lost gaps, the recorded and the just told, with those of the trades around them."""
        first, last = seconds.start, seconds.stop
        stored = await self._history.gaps_within(symbol, first * 1_000_000, last * 1_000_000)
        known = stored | self._live.audit.gaps(symbol)
        ranges = [range(from_us // 1_000_000, to_us // 1_000_000 + 1) for from_us, to_us in known]
        return frozenset(at for each in ranges for at in range(max(each.start, first), min(each.stop, last)))

    def now(self) -> int:
        """The market's clock, in epoch seconds."""
        return self._live.now_us() // 1_000_000


def _auction(row: Row) -> Auction | None:
    return decode_bar(row.value).auction


async def slowly(values: Iterable[T]) -> AsyncIterator[T]:
    """The same values, with a turn for others after each slice."""
    left: Iterator[T] = iter(values)
    while part := list(islice(left, _SLICE)):
        for value in part:
            yield value
        await asyncio.sleep(0)


def _with_state(row: Row | None, symbol: str, second: int, state: fill.SecondState) -> bytes:
    if row is None:
        return msgspec.json.encode({"symbol": symbol, "second": second, "state": state})
    return row.value.rstrip()[:-1] + b',"state":"traded"}'


def _filled(items: list[bytes], seconds: range, span: Span, now: int) -> Page:
    following = seconds.stop if seconds.stop < min(span.end, now) else None
    return Page(items, following, seconds.start if span.last and seconds.start > span.start else None)
