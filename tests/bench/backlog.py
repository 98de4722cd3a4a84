"""P9: an hour of 500 trades a second waits in Kafka; Spark and the API come back and catch up.

It is over when the tables hold every row and a trade made then reaches a browser. One round: of a drain of 1.8 million
trades the beginning does not matter.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from confluent_kafka import Producer

from infra.local import services
from infra.local.service import running
from market.settings import load
from tests import oracle
from tests.bench import spark
from tests.bench.result import OURS, Figure
from tests.bench.settings import BenchSettings
from tests.bench.tape import Print, Sums, Tape, put
from tests.builders import TEN, by_key
from tests.e2e.screen import Screen
from tests.integration.api_stack import Stack, free_port, stack
from tests.waiting import until

RATE, SYMBOLS = 500, 200
NOW_S = TEN + 3 * 3_600  # 13:00 by the market's clock
LONGEST_S = 1_200.0
_LOOKED_AT = ("1000", "1001", "1100", "1199")  # symbols whose every bar is compared with the oracle's
_COMPARED = "sums of all rows; every bar of four symbols with the oracle's"
_LIVE_S = 30.0
_LOOK_EVERY_S, _TELL_EVERY_S = 1.0, 15.0


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    minutes = load(BenchSettings).backlog_minutes
    found = drained(Tape(RATE, SYMBOLS, round(minutes * 60), NOW_S - round(minutes * 60)), say)
    return [
        Figure("P9", f"times real time, {minutes:g} min of {RATE}/s", OURS, "×", (minutes * 60 / found.took_s,)),
        Figure("P9", "trades a second, storing included", OURS, "1/s", (found.trades / found.took_s,)),
        Figure("P9", "rows lost", OURS, "rows", (found.lost,), correct=not found.lost, note=_COMPARED),
    ]


@dataclass(frozen=True)
class Drained:
    """How long it took until all was there and live, from the start of the processes; rows that are not there."""

    took_s: float
    trades: int
    lost: int


def drained(tape: Tape, say: Callable[[str], None], partitions: int = 1) -> Drained:
    os.environ["TOPICS_PARTITIONS"] = str(partitions)
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder), NOW_S) as under:
        expected = tape.fill(under.broker.bootstrap)
        say(f"{expected.trades:,} trades of {expected.rows:,} bars wait, {partitions} partitions")
        took_s = asyncio.run(_caught_up(under, expected, partitions, say))
        return Drained(took_s, expected.trades, lost(under, tape, expected))


async def _caught_up(under: Stack, expected: Sums, partitions: int, say: Callable[[str], None]) -> float:
    """Seconds from the start of the processes."""
    began_s = told_s = time.monotonic()
    async with _pipeline(under, partitions) as page:
        while (stored := counted(under)) != (expected.trades, expected.in_windows):
            if time.monotonic() > told_s + _TELL_EVERY_S:
                told_s = time.monotonic()
                shares = stored[0] / expected.trades, stored[1] / expected.in_windows
                say("{:.0%} of the trades are in bars, {:.0%} in averages".format(*shares))
            assert time.monotonic() < began_s + LONGEST_S, f"{stored} of {expected} after {LONGEST_S:g} s"
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.to_thread(_is_live, under, page)
        return time.monotonic() - began_s


def counted(under: Stack) -> tuple[int, int]:
    """Trades that the stored bars count, and the stored averages."""
    query = "SELECT (SELECT SUM(trades) FROM bars), (SELECT SUM(trades) FROM averages)"
    bars, averages = under.database.query(query)[0]
    return int(bars or 0), int(averages or 0)


@asynccontextmanager
async def _pipeline(under: Stack, partitions: int) -> AsyncIterator[str]:
    """Spark's application and the API, the page's address."""
    port = free_port()
    common = {"KAFKA_BOOTSTRAP": under.broker.bootstrap, "MARKET_CALENDAR": "always", "API_HOST": "127.0.0.1"}
    common |= {"CLOCK_OFFSET_S": str(under.clock_offset_s), "SPARK_PARTITIONS": str(partitions)}
    run = services.Run(under.folder, common)
    api = replace(services.api(run, port, under.database.environment), start_s=LONGEST_S)
    async with running(spark.application(run)), running(api):
        yield f"http://127.0.0.1:{port}"


def _is_live(under: Stack, page: str) -> None:
    """A trade made now comes to a browser."""
    producer = Producer({"bootstrap.servers": under.broker.bootstrap, "acks": "all"})
    with Screen(page, ["1000"]) as screen:
        time_us = time.time_ns() // 1_000 + under.clock_offset_s * 1_000_000
        put(producer, Print("1000", time_us, 90_000_000, 10_000, 1, 1_000_000_000))
        until(lambda: ("1000", time_us // 1_000_000) in screen.rows["bars"], "a live trade's bar", _LIVE_S)


def lost(under: Stack, tape: Tape, expected: Sums) -> int:
    """The greatest of: bars too few or too many, lots likewise, and bars of four symbols that are not the oracle's."""
    before = "second < %s"
    query = f"SELECT COUNT(*), SUM(volume) FROM bars WHERE {before}"  # noqa: S608
    bars, lots = map(int, under.database.query(query, NOW_S)[0])
    right = oracle.bars(each.data() for each in tape.prints() if each.symbol in _LOOKED_AT)
    names = list(next(iter(right.values())))
    columns = ", ".join(f"`{name}`" for name in names)
    query = f"SELECT {columns} FROM bars WHERE {before} AND symbol IN %s"  # noqa: S608
    stored = by_key(dict(zip(names, row, strict=True)) for row in under.database.query(query, NOW_S, _LOOKED_AT))
    wrong = sum(stored.get(key) != row for key, row in right.items())
    return max(abs(expected.rows - bars), abs(expected.lots - lots), wrong)
