"""A symbol's records over a range of seconds: what the database has, with what memory knows better."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import msgspec

from api import fill
from api.history import History
from api.live import Live
from api.memory import merged
from api.records import Kind, Row
from market.calendar import Calendar, trading_day
from market.messages import Bar, decode_bar, encode

_SLICE = 100  # seconds computed before others get their turn: about 2 ms
_PAGE = 5_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open epoch seconds of a symbol, and how many items to give at most."""

    symbol: str
    start: int
    end: int
    limit: int

    def seconds(self, now: int) -> range:
        """The seconds of a filled page; the future has none."""
        return range(self.start, max(self.start, min(self.end, now, self.start + self.limit)))


@dataclass(frozen=True, slots=True)
class Page:
    """Items as JSON, and the second at which the next page starts."""

    items: list[bytes]
    next: int | None

    def json(self) -> bytes:
        following = b"null" if self.next is None else b'"%d"' % self.next
        return b'{"items":[' + b",".join(self.items) + b'],"next":' + following + b"}"


class Ranges:
    """Pages of records. `UnavailableError` when the database does not answer: memory alone is no history."""

    def __init__(self, history: History, live: Live, calendar: Calendar) -> None:
        self._history = history
        self._live = live
        self._calendar = calendar

    async def page(self, kind: Kind, span: Span) -> Page:
        """Only seconds that traded."""
        rows = await self._rows(kind, span)
        items = [row.value for row in rows[: span.limit]]
        return Page(items, rows[span.limit].second if len(rows) > span.limit else None)

    async def filled_bars(self, span: Span) -> Page:
        """Every second with its state."""
        seconds = span.seconds(self._now())
        rows = {row.second: row for row in await self._every_row(span.symbol, seconds)}
        pauses = self._live.pauses.get(span.symbol, [])
        states = fill.states(rows, seconds, pauses, await self._verdicts(span.symbol))
        items = [_with_state(rows.get(second), span.symbol, second, state) async for second, state in _slowly(states)]
        return Page(items, _after(seconds, span, self._now()))

    async def filled_averages(self, span: Span) -> Page:
        """The average at every second, by its definition."""
        seconds = span.seconds(self._now())
        reach = range(seconds.start - fill.LONGEST_WINDOW + 1, seconds.stop)
        bars: dict[int, Bar] = {}
        async for row in _slowly(await self._every_row(span.symbol, reach)):
            bars[row.second] = decode_bar(row.value)
        items = [encode(each) async for each in _slowly(fill.averages(bars, seconds, span.symbol))]
        return Page(items, _after(seconds, span, self._now()))

    async def whole(self, kind: Kind, span: Span) -> AsyncIterator[bytes]:
        """Every record of the span, however many pages it takes, up to its limit."""
        left, start = span.limit, span.start
        while left > 0:
            page = await self.page(kind, Span(span.symbol, start, span.end, min(left, _PAGE)))
            for item in page.items:
                yield item
            if page.next is None:
                return
            left, start = left - len(page.items), page.next

    async def _rows(self, kind: Kind, span: Span) -> list[Row]:
        """Up to `limit` + 1 rows: the one too many says that there is more, and where."""
        if span.start >= span.end:
            return []
        stored = await self._history.rows(kind, span.symbol, span.start, span.end, span.limit + 1)
        recent = self._live.hub.memory.rows(kind, span.symbol, span.start, span.end)
        return merged(stored, recent)[: span.limit + 1]

    async def _every_row(self, symbol: str, seconds: range) -> list[Row]:
        return await self._rows("bar", Span(symbol, seconds.start, seconds.stop, len(seconds)))

    async def _verdicts(self, symbol: str) -> "_Verdicts":
        gaps = await self._history.gaps(symbol, None)
        missing = [(gap["from_us"] // 1_000_000, gap["to_us"] // 1_000_000) for gap in gaps if gap["state"] != "healed"]
        return _Verdicts(self._live, self._calendar, missing)

    def _now(self) -> int:
        return self._live.now_us() // 1_000_000


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """Of a second without a trade. Empty only if nothing can be missing from it: the rest is unknown."""

    live: Live
    calendar: Calendar
    missing: list[tuple[int, int]]

    def __call__(self, second: int) -> fill.SecondState:
        time_us = second * 1_000_000
        session = self.calendar.session_us(trading_day(time_us))
        if session is None or not session[0] <= time_us < session[1]:
            return "closed"
        is_missing = any(first <= second <= last for first, last in self.missing)
        is_settled = second < self.live.settled_before() and self.live.liveness.proves(second)
        return "empty" if is_settled and not is_missing else "unknown"


async def _slowly(values: Iterable[T]) -> AsyncIterator[T]:
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


def _after(seconds: range, span: Span, now: int) -> int | None:
    return seconds.stop if seconds.stop < min(span.end, now) else None
