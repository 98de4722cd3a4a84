"""P6: a day of one symbol, 16,200 bars by HTTP to the last byte, beside a bare SELECT of the same rows by aiomysql."""

import asyncio
import http.client
import json
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import aiomysql
import uvloop

from api.batches import Batch
from api.hops import Hop
from api.store import Store
from market.calendar import day_bounds_us
from tests.api_builders import TEN, a_bar
from tests.api_server import Served, served
from tests.bench.result import OURS, Figure
from tests.bench.tables import options, settings
from tests.integration.api_stack import database

SYMBOL, DAY, BARS = "2330", date(2026, 12, 1), 16_200  # 09:00 to 13:30
OTHERS = 20  # symbols beside it in the table
BESIDE = "aiomysql, SELECT *"
_OPEN_S = day_bounds_us(DAY)[0] // 1_000_000 + 9 * 3_600
_EACH = 4  # answers timed in each round, the median of which is the round's


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    ours, others = [], []
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # the API's own, for both
    with tempfile.TemporaryDirectory() as folder, database(Path(folder)) as tables:
        asyncio.run(filled(options(tables)))
        say(f"P6: {BARS * (1 + OTHERS):,} bars of {1 + OTHERS} symbols are stored")
        with served(SYMBOL, **settings(tables)) as server:
            for number in range(rounds + 1):  # the first warms up both
                ours.append(_middle(lambda: asked(server)))
                others.append(asyncio.run(selected(options(tables))))
                say(f"P6 round {number}: {ours[-1]:.0f} ms, {BESIDE} {others[-1]:.0f} ms")
    return [
        Figure("P6", "16,200 bars, to the last byte", subject, "ms", tuple(values[1:]), correct=True)
        for subject, values in ((OURS, ours), (BESIDE, others))
    ]


async def filled(database_options: dict[str, Any]) -> None:
    """A day of bars by the API's own store."""
    store = Store(database_options, Hop("database"))
    for number in range(1 + OTHERS):
        symbol = SYMBOL if number == 0 else f"{1_000 + number}"
        bars = {(symbol, second): a_bar(second - TEN, symbol=symbol) for second in range(_OPEN_S, _OPEN_S + BARS)}
        await store.upsert(Batch(0, bars=bars, records=BARS))
    await store.close()


def asked(server: Served) -> float:
    """Milliseconds of one answer on a connection of its own, to its last byte."""
    began_s = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", f"/api/v1/bars/{SYMBOL}?start={_OPEN_S}&end={_OPEN_S + BARS}&limit=20000")
    answer = connection.getresponse()
    body = answer.read()
    took_s = time.perf_counter() - began_s
    connection.close()
    assert (answer.status, len(json.loads(body)["items"])) == (200, BARS), body[:500]
    return took_s * 1_000


async def selected(database_options: dict[str, Any]) -> float:
    """Milliseconds of the same rows as the driver gives them, on an open connection."""
    connection = await aiomysql.connect(**database_options)
    took_ms = []
    for _ in range(_EACH):
        began_s = time.perf_counter()
        async with connection.cursor() as cursor:
            await cursor.execute(
                "SELECT * FROM bars WHERE symbol = %s AND second >= %s AND second < %s AND trading_day = %s "
                "ORDER BY second",
                (SYMBOL, _OPEN_S, _OPEN_S + BARS, DAY),
            )
            found = await cursor.fetchall()
        took_ms.append((time.perf_counter() - began_s) * 1_000)
        assert len(found) == BARS
    await connection.ensure_closed()
    return sorted(took_ms)[len(took_ms) // 2]


def _middle(work: Callable[[], float]) -> float:
    return sorted(work() for _ in range(_EACH))[_EACH // 2]
