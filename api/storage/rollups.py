"""The candles of days that are over: made of their bars, and made anew when those changed."""

import logging
from datetime import date
from typing import Any

import aiomysql

from api import sql
from api.candles import Interval, candles
from api.history import unpacked
from api.store import dated, rows_json
from market.calendar import day_bounds_us
from market.messages import decode_bar

log = logging.getLogger("storage.rollups")

_BARS = sql.page(sql.BARS)
_TABLES: tuple[tuple[Interval, str], ...] = (("1m", sql.upsert(sql.MINUTES)), ("1d", sql.upsert(sql.SESSIONS)))
_MOST_ROWS = 86_400


class Rollups:
    """Reads with one connection, each day as it was at one moment; writes with another, a symbol at a time."""

    def __init__(self, reader: aiomysql.Connection, writer: aiomysql.Connection) -> None:
        self._reader = reader
        self._writer = writer

    async def changed(self, before: date) -> list[date]:
        """Days that are over and have bars which their candles do not know."""
        statement = (
            "SELECT trading_day FROM days WHERE trading_day < %s AND rolled <> writes AND dropped = 0 "
            "ORDER BY trading_day"
        )
        return [day for (day,) in await _ask(self._reader, statement, before)]

    async def roll(self, day: date) -> int:
        """Make a day's candles; how many symbols. What is stored meanwhile is for the next time."""
        await self._reader.rollback()  # what was asked before it saw another moment
        await _do(self._reader, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await _do(self._reader, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            ((writes,),) = await _ask(self._reader, "SELECT writes FROM days WHERE trading_day = %s", day)
            symbols = await _ask(self._reader, "SELECT DISTINCT symbol FROM bars WHERE trading_day = %s", day)
            for (symbol,) in symbols:
                await self._roll(day, symbol)
        finally:
            await self._reader.rollback()
        await _do(self._writer, "UPDATE days SET rolled = %s WHERE trading_day = %s", writes, day)
        await self._writer.commit()
        log.info("storage.rolled day=%s symbols=%d", day, len(symbols))
        return len(symbols)

    async def _roll(self, day: date, symbol: str) -> None:
        start, stop = (at // 1_000_000 for at in day_bounds_us(day))
        found = unpacked("bar", await _ask(self._reader, _BARS, symbol, start, stop, day, day, _MOST_ROWS))
        bars = [decode_bar(row.value) for row in found]
        for interval, upsert in _TABLES:
            rows = [dated(each, each.second) for each in candles(interval, bars)]
            await _do(self._writer, upsert, rows_json(rows).hex())
        await self._writer.commit()


async def _ask(connection: aiomysql.Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    async with connection.cursor() as cursor:
        await cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = list(await cursor.fetchall())
    return found


async def _do(connection: aiomysql.Connection, statement: str, *values: object) -> None:
    await _ask(connection, statement, *values)
