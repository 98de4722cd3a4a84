"""Clients that are cut again and again while rows are written end with the database's rows, to the last digit."""

import asyncio
import contextlib
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stock_insights_client import Average, Bar, Event, Live, Status
from tests.api_builders import TEN, a_bar, an_average
from tests.integration.api_stack import Stack, until
from tests.integration.cutting import Line, cut_at_random, line

pytestmark = pytest.mark.stack
NOW_S = TEN + 600
SYMBOLS = ["1101", "1102", "2330", "0050", "00878"]
CUTS = 200


class Load(threading.Thread):
    """Rows of ever newer seconds and, one in four, of any earlier one; each version counts more trades."""

    def __init__(self, under: Stack) -> None:
        super().__init__()
        self._under = under
        self._chance = random.Random(6)
        self._over = threading.Event()
        self.versions: Counter[tuple[str, int]] = Counter()

    def run(self) -> None:
        began = time.monotonic()
        while not self._over.wait(0.01):
            newest = int((time.monotonic() - began) * 2)
            self._under.send(*(row for _ in range(4) for row in self._rows(newest)))

    def _rows(self, newest: int) -> list[Any]:
        symbol = self._chance.choice(SYMBOLS)
        at = newest if self._chance.random() < 0.75 else self._chance.randrange(newest + 1)
        self.versions[symbol, at] += 1
        trades, price = self.versions[symbol, at], f"{self._chance.randint(10_000, 12_000) / 10:.1f}"
        return [a_bar(at, trades, price, symbol=symbol), an_average(at, trades, price, symbol=symbol)]

    def end(self) -> None:
        self._over.set()
        self.join()


async def follow(live: Live, seen: Counter[Event]) -> None:
    async for event in live:
        if not isinstance(event, Status):
            seen[event] += 1


def stored(under: Stack, kind: type[Bar] | type[Average]) -> dict[tuple[str, int], Any]:
    columns = ", ".join(f"`{name}`" for name in kind.__struct_fields__)
    table = "bars" if kind is Bar else "averages"
    rows = [kind(*row) for row in under.database.query(f"SELECT {columns} FROM {table}")]  # noqa: S608 - ours
    return {(row.symbol, row.second): row for row in rows}


async def endure(load: Load, clients: list[tuple[Live, Line]], is_stored: Any) -> list[Counter[Event]]:
    """Cut every client's line at random until each was cut often enough, then let them come to rest."""
    seen: list[Counter[Event]] = [Counter() for _ in clients]
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(follow(live, count)) for (live, _), count in zip(clients, seen, strict=True)]
        await asyncio.gather(*(cut_at_random(made, CUTS, seed) for seed, (_, made) in enumerate(clients)))
        await asyncio.to_thread(load.end)
        await asyncio.to_thread(until, is_stored, "all is stored")
        async with asyncio.timeout(40):
            await asyncio.sleep(1)  # the last cut has been noticed
            await asyncio.gather(*(live.ready.wait() for live, _ in clients))
            await asyncio.sleep(1)
        for task in following:
            task.cancel()
    return seen


def test_a_client_cut_two_hundred_times_ends_with_the_databases_rows_through_one_replica_and_through_two(
    under: Stack, tmp_path: Path
) -> None:
    load = Load(under)
    under.send(*(a_bar(0, symbol=symbol) for symbol in SYMBOLS), *(an_average(0, symbol=symbol) for symbol in SYMBOLS))
    load.versions.update({(symbol, 0): 1 for symbol in SYMBOLS})

    async def run(ports: list[int]) -> tuple[list[tuple[Live, Line]], list[Counter[Event]]]:
        async with contextlib.AsyncExitStack() as lines:
            lone, shared = [await lines.enter_async_context(line(*each)) for each in (ports[:1], ports)]
            clients = [(Live(made.url, ["*"] if made is lone else SYMBOLS, since=TEN), made) for made in (lone, shared)]
            load.start()
            return clients, await endure(load, clients, is_stored)

    def is_stored() -> bool:
        return {key: row.trades for key, row in stored(under, Bar).items()} == expected(load)

    with under.api() as one, under.api() as other:
        until(lambda: len(one.get("/api/v1/symbols")["items"]) == len(SYMBOLS), "the symbols are known")
        try:
            clients, seen = asyncio.run(run([one.port, other.port]))
        finally:
            load.end()
        for (live, made), events in zip(clients, seen, strict=True):
            assert made.cuts >= CUTS
            assert live.resumptions > 0
            assert live.connections > CUTS // 2  # the others were cut in the handshake
            assert live.bars == stored(under, Bar)
            assert live.averages == stored(under, Average)
            assert [msgspec.structs.asdict(event) for event, times in events.items() if times > 1] == []


def expected(load: Load) -> dict[tuple[str, int], int]:
    return {(symbol, TEN + at): trades for (symbol, at), trades in load.versions.items()}


def test_what_no_snapshot_reaches_comes_from_history(under: Stack) -> None:
    seconds = [-25_000, -21_000, -19_000, 0]
    under.send(*(a_bar(at, symbol="1103") for at in seconds), *(an_average(at, symbol="1103") for at in seconds))

    async def work(url: str) -> Live:
        live = Live(url, ["1103"], since=TEN - 25_000)
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            following = group.create_task(follow(live, Counter()))
            await live.ready.wait()
            following.cancel()
        return live

    with under.api() as api:
        until(lambda: len(stored_of(under, "1103")) == len(seconds), "all is stored")
        live = asyncio.run(work(api.url))
    assert sorted(second - TEN for _, second in live.bars) == seconds
    assert sorted(second - TEN for _, second in live.averages) == seconds


def stored_of(under: Stack, symbol: str) -> list[int]:
    return [second for each, second in stored(under, Bar) if each == symbol]
