"""What is recorded, read back: rows of a symbol and range, gaps, the last bar of every symbol."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from weakref import WeakValueDictionary

import aiomysql

from api import sql
from api.candles import Interval
from api.chain import COLUMNS
from api.flights import Flights
from api.mysql import FAILURES, final, insist, is_passing
from api.records import Kind, Row
from api.spans import Span
from market.calendar import trading_day

log = logging.getLogger("api.history")

ANSWER_S = 5.0
_CONNECTIONS = 6
_PAGES: dict[Kind, str] = {"bar": sql.page(sql.BARS), "average": sql.page(sql.AVERAGES)}
_LAST_PAGES: dict[Kind, str] = {"bar": sql.last_page(sql.BARS), "average": sql.last_page(sql.AVERAGES)}
_CANDLES: dict[Interval, dict[bool, str]] = {
    "1m": {last: sql.candles(sql.MINUTES, last=last) for last in (False, True)},
    "1d": {last: sql.candles(sql.SESSIONS, last=last) for last in (False, True)},
}
_GAP = ("symbol", "from_us", "to_us", "missing_lots", "state", "reason", "at_us")
_LAST_BARS, _CHAIN, _AROUND = sql.last_bars(), sql.chain(), sql.around()
# The server cuts a value that is too long, and says so in a warning only.
_CUT = "{} rows do not fit into one answer; ask for fewer"


class UnavailableError(RuntimeError):
    """The database does not answer; the message says what it said."""


class History:
    """Reads with a few connections of its own; each query has a deadline.

    A query that is under way is shared by all who ask the same, and of one symbol there is one query at a time.
    """

    def __init__(self, options: dict[str, Any], on_answer: Callable[[float], None] = lambda _: None) -> None:
        self._options = options
        self._on_answer = on_answer  # told how many seconds each query took
        self._pool: aiomysql.Pool | None = None
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._flights: Flights[list[Any]] = Flights()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def rows(self, kind: Kind, symbol: str, start: int, end: int, limit: int) -> list[Row]:
        """The first `limit` rows of seconds in [start, end), ascending."""
        return await self._page(_PAGES[kind], kind, symbol, range(start, end), limit)

    async def last_rows(self, kind: Kind, symbol: str, start: int, end: int, limit: int) -> list[Row]:
        """The last `limit` rows of seconds in [start, end), ascending."""
        return await self._page(_LAST_PAGES[kind], kind, symbol, range(start, end), limit)

    async def _page(self, statement: str, kind: Kind, symbol: str, seconds: range, limit: int) -> list[Row]:
        start, end = seconds.start, seconds.stop
        days = (trading_day(start * 1_000_000), trading_day((end - 1) * 1_000_000))
        return unpacked(kind, await self._query(statement, (symbol, start, end, *days, limit), symbol))

    async def around(self, symbol: str, second: int) -> list[Row]:
        """The bars around a second within its trading day, and its own."""
        where = (trading_day(second * 1_000_000), symbol, second)
        return unpacked("bar", await self._query(_AROUND, (*where, *where)))

    async def gaps(
        self, symbol: str | None, state: str | None, limit: int, after: tuple[int, str, int] | None = None
    ) -> list[dict[str, Any]]:
        """The newest first, of a symbol and state or of all; `after`: from_us, symbol and to_us of the last one."""
        where = ["TRUE"]
        values: list[object] = []
        for column, value in (("symbol", symbol), ("state", state)):
            if value is not None:
                where.append(f"{column} = %s")
                values.append(value)
        if after is not None:
            where.append("(from_us < %s OR (from_us = %s AND (symbol > %s OR (symbol = %s AND to_us < %s))))")
            values += [after[0], after[0], after[1], after[1], after[2]]
        statement = (
            f"SELECT {', '.join(_GAP)} FROM gaps WHERE {' AND '.join(where)} "  # noqa: S608 - columns are ours
            "ORDER BY trading_day DESC, from_us DESC, symbol, to_us DESC LIMIT %s"
        )
        return [dict(zip(_GAP, row, strict=True)) for row in await self._query(statement, (*values, limit))]

    async def gaps_within(self, symbol: str, from_us: int, to_us: int) -> set[tuple[int, int]]:
        """From and to of the gaps that are not healed and touch [from_us, to_us)."""
        statement = "SELECT from_us, to_us FROM gaps WHERE symbol = %s AND from_us < %s AND to_us >= %s AND state <> %s"
        return set(await self._query(statement, (symbol, to_us, from_us, "healed")))

    async def last_bars(self) -> dict[str, Row]:
        """Each symbol's last bar of the last recorded trading day."""
        return {row.symbol: row for row in unpacked("bar", await self._query(_LAST_BARS, ()))}

    async def has_bars(self, symbol: str) -> bool:
        return bool(await self._query("SELECT 1 FROM bars WHERE symbol = %s LIMIT 1", (symbol,)))

    async def symbols_of(self, day: date) -> list[str]:
        """Symbols with a bar of a trading day."""
        found = await self._query("SELECT DISTINCT symbol FROM bars WHERE trading_day = %s", (day,))
        return [symbol for (symbol,) in found]

    async def chain(self, day: date, symbol: str) -> list[int]:
        """The day's bars of a symbol as `Chain.of` wants them."""
        ((count, text),) = await self._query(_CHAIN, (day, symbol))
        numbers = list(map(int, (text or "").split()))
        if len(numbers) != count * COLUMNS:
            raise UnavailableError(_CUT.format(count))
        return numbers

    async def days(self, first: date, last: date) -> dict[date, bool]:
        """Days with recorded bars, and whether their candles are those of all bars."""
        statement = "SELECT trading_day, dropped = 1 OR rolled = writes FROM days WHERE trading_day BETWEEN %s AND %s"
        return {day: bool(is_rolled) for day, is_rolled in await self._query(statement, (first, last))}

    async def candles(self, interval: Interval, span: Span, but: frozenset[date]) -> list[Row]:
        """Recorded candles that begin in the span, but for those of some days: `limit` + 1, the first or the last."""
        days = ",".join(day.isoformat() for day in sorted(but))
        values = (span.symbol, span.start, span.end, days, span.limit + 1)
        return unpacked("bar", await self._query(_CANDLES[interval][span.last], values, span.symbol))

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            await self._pool.wait_closed()

    async def _query(self, statement: str, values: tuple[object, ...], symbol: str | None = None) -> list[Any]:
        """`symbol`: queries of the same one take turns, so that a crowd of its watchers leaves room for the others."""
        return await self._flights.share((statement, values), lambda: self._ask(statement, values, symbol))

    async def _ask(self, statement: str, values: tuple[object, ...], symbol: str | None) -> list[Any]:
        began_s = time.monotonic()
        async with self._answering(), self._turn(symbol), self._places:
            pool = await self._opened()
            async with pool.acquire() as connection, connection.cursor() as cursor:
                insist(connection, self._options)
                await cursor.execute(statement, values)
                found: list[Any] = await cursor.fetchall()
        self._on_answer(time.monotonic() - began_s)
        return found

    def _turn(self, symbol: str | None) -> asyncio.Lock:
        return asyncio.Lock() if symbol is None else self._turns.setdefault(symbol, asyncio.Lock())

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(ANSWER_S):
                yield
        except FAILURES as error:
            if not is_passing(error):
                raise final(error) from error
            message = str(error) or f"no answer within {ANSWER_S:g} s"
            log.warning("history.unavailable error=%r", message)
            raise UnavailableError(message) from error

    async def _opened(self) -> aiomysql.Pool:
        if self._pool is None:
            self._pool = await aiomysql.create_pool(
                minsize=0, maxsize=_CONNECTIONS, pool_recycle=600, autocommit=True, **self._options
            )
        return self._pool


def unpacked(kind: Kind, found: Sequence[Any]) -> list[Row]:
    """Rows of an answer to one of `sql`'s statements for a page; `UnavailableError` if the server cut it."""
    ((count, lines),) = found
    text = lines.encode() if isinstance(lines, str) else lines or b""
    rows = []
    for line in text.split(b"\n") if text else ():
        symbol, second, trades, value = line.split(b" ", 3)
        rows.append(Row(kind, symbol.decode(), int(second), int(trades), value))
    if len(rows) != count:
        raise UnavailableError(_CUT.format(count))
    return rows
