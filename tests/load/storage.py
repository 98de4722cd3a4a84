"""`python -m tests.load.storage`: what storing and reading cost while the tables grow to a year of 2,000 symbols.

`STORAGE_ROWS` one-second bars (100 million) over 250 days, each a partition. At some sizes on the way the same is
measured: batches as the API stores them, pages and candles as it reads them, the files; and at last the end of a day.
It lies where Python puts temporary files (TMPDIR), and is gone afterwards.
"""

import asyncio
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from api.history import History
from api.spans import Span
from market.messages import Bar
from tests.integration.api_stack import database
from tests.load.year import DAYS, FIRST, SYMBOLS, Year, bar_at, opening, symbols

BATCH, BATCHES, READS = 2_000, 30, 200
SIZES = (1, 10, 50, 125, DAYS)  # days after which to look
Read = Callable[[History, str, int], Awaitable[Any]]


async def _page(history: History, symbol: str, open_s: int) -> None:
    assert len(await history.rows("bar", symbol, open_s, open_s + 86_400, 1_000)) > 0


async def _day(history: History, symbol: str, open_s: int) -> None:
    span = Span(symbol, open_s - 9 * 3_600, open_s + 15 * 3_600, 1_000)
    assert len(await history.candles("1m", span, frozenset())) > 0


async def _year(history: History, symbol: str, open_s: int) -> None:
    assert len(await history.candles("1d", Span(symbol, open_s - 366 * 86_400, open_s, 1_000), frozenset())) > 0


READ: dict[str, Read] = {"page of bars": _page, "a day of minutes": _day, "a year of days": _year}


def measured(year: Year, chance: random.Random) -> dict[str, float]:
    """Milliseconds, medians, by what was done."""
    found = {"batch of new rows": _ms(year.store(batches(year, trades=1)))}
    found["batch of corrections"] = _ms(year.store(batches(year, trades=2)))
    year.tables.query("DELETE FROM bars WHERE trading_day = %s", year.today)
    year.tables.query("DELETE FROM days WHERE trading_day = %s", year.today)
    return found | asyncio.run(reads(year, chance))


def batches(year: Year, trades: int) -> list[list[Bar]]:
    """A live minute: every second, many symbols at once."""
    names, opened_s = symbols(), year.opened_s
    return [
        [bar_at(names[at % SYMBOLS], opened_s + number * 2 + at // 1_000, trades) for at in range(BATCH)]
        for number in range(BATCHES)
    ]


async def reads(year: Year, chance: random.Random) -> dict[str, float]:
    history, found = History(year.options), {}
    for name, read in READ.items():
        took_s = []
        for _ in range(READS):
            symbol, day = chance.choice(symbols()), FIRST + timedelta(days=chance.randrange(year.days))
            began_s = time.perf_counter()
            await read(history, symbol, opening(day))
            took_s.append(time.perf_counter() - began_s)
        found[name] = _ms(took_s)
    await history.close()
    return found


def on_disk_mib(folder: Path) -> float:
    """All that the database has written and not given back, its logs too."""
    found = 0
    for each in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a temporary one
            found += each.stat().st_blocks * 512
    return found / 2**20


def _ms(took_s: list[float]) -> float:
    return 1_000 * statistics.median(took_s)


def say(name: str, figures: list[float]) -> None:
    row = " ".join(f"{each:9.1f}" for each in figures)
    sys.stdout.write(f"{name:22} {row}   last/first {figures[-1] / figures[0]:5.2f}\n")


def main() -> None:
    rows, chance, found = int(os.environ.get("STORAGE_ROWS", "100000000")), random.Random(1), []
    with tempfile.TemporaryDirectory() as folder, database(Path(folder)) as tables:
        year = Year(tables, rows // DAYS)
        for size in SIZES:
            while year.days < size:
                began_s = time.perf_counter()
                year.grow()
                took_s = time.perf_counter() - began_s
                sys.stderr.write(f"\rday {year.days} of {DAYS}: {year.a_day / took_s:,.0f} rows a second ")
            found.append(measured(year, chance) | {"MiB on disk": on_disk_mib(Path(folder))})
        dropped_s = year.keep(days=DAYS - 1)
        sys.stdout.write("\n" + f"{'million rows':22} " + " ".join(f"{each * year.a_day / 1e6:9.1f}" for each in SIZES))
        sys.stdout.write("\n")
        for name in found[0]:
            say(name, [each[name] for each in found])
        sys.stdout.write(f"the end of the first days: {dropped_s:.2f} s\n")


if __name__ == "__main__":
    main()
