"""P4: rows a second into the database on the durable path, beside LOAD DATA of the same rows into the same tables.

The recorder is the API's own, from records as they come off the wire to the commit with their offsets; only the broker
is left out. The anchor has its files ready. Both begin with empty tables and end with the same rows, which is checked.
"""

import asyncio
import gc
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymysql
import uvloop

from api import sql
from api.__main__ import _COLLECT_AFTER, _SWITCH_S
from api.hops import Hop
from api.letters import DeadLetters
from api.recorder import Recorder
from api.records import Raw
from api.store import Store, dated
from market.clock import Clock
from market.messages import Average, Bar
from market.settings import KafkaSettings
from tests.api_builders import a_raw
from tests.bench.result import OURS, Figure
from tests.bench.tables import options, rows, settings
from tests.integration.api_stack import Database, database

SYMBOLS, SECONDS = 200, 200  # as many bars as averages: 80,000 rows
LOAD = "LOAD DATA LOCAL INFILE"
_NOWHERE = KafkaSettings(bootstrap="127.0.0.1:9")


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(_COLLECT_AFTER, 20, 50)  # as the API runs
    records = list(rows(SYMBOLS, SECONDS))
    raws = [a_raw(record, offset) for offset, record in enumerate(records)]
    ours, others = [], []
    with tempfile.TemporaryDirectory() as folder, database(Path(folder) / "database") as tables:
        files = {table.name: _file(Path(folder), table, records) for table in (sql.BARS, sql.AVERAGES)}
        for number in range(rounds + 1):  # the first warms up both
            ours.append(_timed(tables, lambda: uvloop.run(recorded(options(tables), raws))))
            stored = _contents(tables)
            others.append(_timed(tables, lambda: loaded(tables, files)))
            assert _contents(tables) == stored, "the two have not stored the same rows"
            say(f"P4 round {number}: {len(raws) / ours[-1]:,.0f} rows/s, {LOAD} {len(raws) / others[-1]:,.0f} rows/s")
    speeds = ((OURS, ours), (LOAD, others))
    return [_figure(subject, [len(raws) / each for each in took_s[1:]]) for subject, took_s in speeds]


def _figure(subject: str, values: Sequence[float]) -> Figure:
    return Figure("P4", "rows stored", subject, "rows/s", tuple(values), correct=True)


class Wire:
    """In the place of the broker's reader: the same chunks, as fast as they are taken."""

    def __init__(self, raws: Sequence[Raw]) -> None:
        self._raws = raws

    async def run(self, deliver: Callable[[list[Raw]], None], slots: threading.Semaphore, chunk: int) -> None:
        loop = asyncio.get_running_loop()

        def read() -> None:
            for at in range(0, len(self._raws), chunk):
                assert slots.acquire(timeout=30), "no chunk was stored within 30 s"
                loop.call_soon_threadsafe(deliver, list(self._raws[at : at + chunk]))

        await loop.run_in_executor(None, read)


async def recorded(database_options: dict[str, Any], raws: Sequence[Raw]) -> float:
    """Seconds in which the API's recorder stored all of them."""
    store = Store(database_options, Hop("database"))
    recorder = Recorder(_NOWHERE, store, DeadLetters({}, Clock()), Hop("kafka"))
    recorder._reader = Wire(raws)  # type: ignore[assignment]
    await store.offsets()  # connected, as it is when records come
    began_s = time.perf_counter()
    work = asyncio.create_task(recorder.run())
    while recorder.recorded < len(raws):
        assert not work.done(), "the recorder ended"
        await asyncio.sleep(0.001)
    took_s = time.perf_counter() - began_s
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await store.close()
    return took_s


def loaded(tables: Database, files: dict[str, Path]) -> float:
    """Seconds in which the server read the files into the tables, in one transaction."""
    given = settings(tables)
    names = {"user": "mysql_user", "password": "mysql_password", "host": "mysql_host", "database": "mysql_database"}
    reach: Any = {name: given[known] for name, known in names.items()}
    connection = pymysql.connect(**reach, port=int(given["mysql_port"]), local_infile=True, charset="utf8mb4")
    with connection, connection.cursor() as cursor:
        began_s = time.perf_counter()
        for table, file in files.items():
            cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table} CHARACTER SET utf8mb4")
        connection.commit()
        return time.perf_counter() - began_s


def _timed(tables: Database, work: Callable[[], float]) -> float:
    tables.clear()
    gc.collect()
    return work()


def _file(folder: Path, table: sql.Table, records: Sequence[Bar | Average]) -> Path:
    file, kind = folder / f"{table.name}.tsv", Bar if table is sql.BARS else Average
    lines = ("\t".join(map(_cell, dated(each, each.second))) for each in records if isinstance(each, kind))
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def _cell(value: object) -> str:
    return "\\N" if value is None else str(value)


def _contents(tables: Database) -> list[tuple[Any, ...]]:
    return tables.query("CHECKSUM TABLE bars, averages")
