"""One look at the storage: candles first, then the end of old days, then partitions for those to come."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import aiomysql

from api.mysql import connect
from api.storage import partitions
from api.storage.partitions import Wish
from api.storage.rollups import Rollups

log = logging.getLogger("storage.keeper")

_LOCK = "stock_insights_storage"
# A change of a table waits for its readers, and everybody else waits behind it; rather try again at the next look.
_TABLE_WAIT_S = 5


class Keeper:
    """Works with a user that may change tables. Errors are the driver's: what was done is done, the rest comes next."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    async def look(self, wish: Wish) -> None:
        """Bring the storage to what is wished for; nothing, if another keeper is at it."""
        async with self._connected() as reader, self._connected() as writer:
            if not await _locked(writer):
                log.info("storage.busy: another keeper is at work")
                return
            rollups = Rollups(reader, writer)
            for day in await rollups.changed(before=wish.today):
                await rollups.roll(day)
            await self._drop(writer, wish)
            await self._split(writer, wish)

    async def _drop(self, connection: aiomysql.Connection, wish: Wish) -> None:
        """Days are marked first: from then on their candles are all that is known of them."""
        async with connection.cursor() as cursor:
            await cursor.execute(
                "UPDATE days SET dropped = 1 WHERE trading_day < %s AND rolled = writes", (wish.oldest,)
            )
            await connection.commit()
            await cursor.execute("SELECT MIN(trading_day) FROM days WHERE dropped = 0")
            ((kept,),) = await cursor.fetchall()
            for table in partitions.TABLES:
                days = [day for day in wish.over(await _days(cursor, table)) if kept is None or day < kept]
                if days:
                    await cursor.execute(partitions.drop(table, days))
                    log.info("storage.dropped table=%s days=%s..%s", table, days[0], days[-1])

    async def _split(self, connection: aiomysql.Connection, wish: Wish) -> None:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT trading_day FROM days WHERE dropped = 0")
            stored: list[date] = [day for (day,) in await cursor.fetchall()]
            for table in partitions.TABLES:
                days = wish.missing(await _days(cursor, table), stored)
                if days:
                    await cursor.execute(partitions.split(table, days))
                    log.info("storage.split table=%s days=%s..%s", table, days[0], days[-1])

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiomysql.Connection]:
        connection = await connect(self._options)
        try:
            async with connection.cursor() as cursor:
                await cursor.execute("SET SESSION lock_wait_timeout = %s", (_TABLE_WAIT_S,))
            yield connection
        finally:
            connection.close()


async def _locked(connection: aiomysql.Connection) -> bool:
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT GET_LOCK(%s, 0)", (_LOCK,))
        ((is_ours,),) = await cursor.fetchall()
    return bool(is_ours)


async def _days(cursor: aiomysql.Cursor, table: str) -> list[date]:
    await cursor.execute(partitions.NAMES, (table, partitions.BEYOND))
    return [partitions.day(name) for (name,) in await cursor.fetchall()]
