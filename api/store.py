"""Rows and offsets into MySQL, together or not at all."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import aiomysql
import msgspec

from api import sql
from api.batches import Batch
from api.hops import Hop
from api.mysql import ANSWER_S, FAILURES, connect, final, is_passing, pauses
from market.calendar import trading_day

log = logging.getLogger("api.store")

Offsets = Mapping[tuple[str, int], int]
Statement = tuple[str, bytes]

rows_json = msgspec.json.Encoder(decimal_format="string").encode
_UPSERTS = {table.name: sql.upsert(table) for table in (sql.BARS, sql.AVERAGES, sql.GAPS, sql.OFFSETS, sql.DAYS)}


class Store:
    """The one writer of this process. While the database is away its caller waits, and `hop` says so.

    `on_stored` is told the records of each batch and how many seconds its transaction took.
    """

    def __init__(
        self, options: dict[str, Any], hop: Hop, on_stored: Callable[[int, float], None] = lambda *_: None
    ) -> None:
        self._options = options
        self._hop = hop
        self._on_stored = on_stored
        self._connection: aiomysql.Connection | None = None

    async def offsets(self) -> dict[tuple[str, int], int]:
        """The next offset to read of each (topic, partition) that was ever stored."""
        rows = await self._persist(self._read_offsets)
        return {(topic, partition): offset for topic, partition, offset in rows}

    async def upsert(self, batch: Batch) -> None:
        """Store a batch and its offsets in one transaction, tried until it is done; the batch is never lost."""
        work = [sql.with_rows(*each) for each in statements(batch)]

        async def run(connection: aiomysql.Connection) -> None:
            began_s = time.monotonic()
            async with connection.cursor() as cursor:
                for statement in work:
                    await cursor.execute(statement)
            await connection.commit()
            self._on_stored(batch.records, time.monotonic() - began_s)

        await self._persist(run)

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _read_offsets(self, connection: aiomysql.Connection) -> list[tuple[str, int, int]]:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT topic, partition_id, next_offset FROM consumer_offsets")
            rows: list[tuple[str, int, int]] = await cursor.fetchall()
        await connection.commit()  # an open transaction would keep everybody from changing the table
        return rows

    async def _persist(self, work: Callable[[aiomysql.Connection], Any]) -> Any:
        for pause_s in pauses():
            try:
                async with asyncio.timeout(ANSWER_S):
                    self._connection = self._connection or await connect(self._options)
                    result = await work(self._connection)
            except FAILURES as error:
                await self.close()  # the server rolls back whatever was open
                self._hop.down(str(error) or f"no answer within {ANSWER_S:g} s")
                if not is_passing(error):
                    raise final(error) from error
                log.warning("store.retry error=%r pause_s=%.2f", error, pause_s)
                await asyncio.sleep(pause_s)
            else:
                self._hop.up()
                return result
        raise AssertionError  # pauses() has no end


def statements(batch: Batch) -> list[Statement]:
    """One statement per table with rows in it, keys sorted so that concurrent writers cannot deadlock."""
    records = {
        sql.BARS.name: [dated(bar, bar.second) for bar in _sorted(batch.bars)],
        sql.AVERAGES.name: [dated(mean, mean.second) for mean in _sorted(batch.averages)],
        sql.GAPS.name: [dated(gap, gap.from_us // 1_000_000) for gap in _sorted(batch.gaps)],
        sql.OFFSETS.name: [(*where, offset) for where, offset in sorted(batch.offsets.items())],
        sql.DAYS.name: [(day, 1) for day in sorted({_day(bar.second) for bar in batch.bars.values()})],
    }
    return [(_UPSERTS[table], rows_json(rows)) for table, rows in records.items() if rows]


def dated(record: msgspec.Struct, second: int) -> tuple[object, ...]:
    """A record as a row of its trading day."""
    return (_day(second), *msgspec.structs.astuple(record))


def _sorted(rows: Mapping[Any, Any]) -> list[Any]:
    return [rows[key] for key in sorted(rows)]


def _day(second: int) -> str:
    return _day_of_hour(second // 3_600)


@lru_cache(maxsize=64)
def _day_of_hour(hour: int) -> str:
    """A day begins with an hour, in Taipei too."""
    return trading_day(hour * 3_600_000_000).isoformat()
