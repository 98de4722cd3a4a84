"""A database that grows to a year of 2,000 symbols: one real day, then copies of it on the dates that follow."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api import mysql, sql
from api.batches import Batch
from api.hops import Hop
from api.settings import ApiSettings
from api.storage.keeper import Keeper
from api.storage.partitions import Wish
from api.store import Store
from market.calendar import Calendar, day_bounds_us
from market.messages import Bar
from tests.api_builders import TEN, a_bar, a_raw
from tests.integration.api_stack import Database

FIRST, SYMBOLS, DAYS = date(2025, 12, 1), 2_000, 250
_STEP_S = 5  # a bar every five seconds: twelve of them make a candle
_COPIED = (sql.BARS, sql.MINUTES, sql.SESSIONS)


@dataclass
class Year:
    """`a_day` bars a day, `days` of them; each day is a partition, and has its candles."""

    tables: Database
    a_day: int
    days: int = 0

    def __post_init__(self) -> None:
        given: Any = {name.removeprefix("API_").lower(): value for name, value in self.tables.environment.items()}
        self.options = mysql.options(ApiSettings(**given))

    @property
    def today(self) -> date:
        """The day after the last one."""
        return FIRST + timedelta(days=self.days)

    @property
    def opened_s(self) -> int:
        return opening(self.today)

    def grow(self) -> None:
        """One more day."""
        if self.days == 0:
            self._first()
        else:
            shift_s = self.days * 86_400
            for table in _COPIED:
                self.tables.query(_copy(table, shift_s), self.today, FIRST)
            self.tables.query("INSERT INTO days (trading_day, writes, rolled) VALUES (%s, 1, 1)", self.today)
        self.days += 1
        self.keep()

    def keep(self, days: int = 400) -> float:
        """Seconds that a look at the storage takes."""
        began_s = time.perf_counter()
        asyncio.run(Keeper(self.options).look(Wish(Calendar(always=True), self.today, days, 7)))
        return time.perf_counter() - began_s

    def store(self, batches: Sequence[Sequence[Bar]]) -> list[float]:
        """Seconds that each transaction took."""
        took_s: list[float] = []

        async def run() -> None:
            store = Store(self.options, Hop("database"), lambda _, seconds: took_s.append(seconds))
            for bars in batches:
                batch = Batch(opened_s=0)
                for bar in bars:
                    batch.add(a_raw(bar))
                assert not batch.bad
                await store.upsert(batch)
            await store.close()

        asyncio.run(run())
        return took_s

    def _first(self) -> None:
        self.keep()
        seconds = range(self.opened_s, self.opened_s + _STEP_S * (self.a_day // SYMBOLS), _STEP_S)
        self.store([[bar_at(symbol, second) for second in seconds] for symbol in symbols()])


def symbols() -> list[str]:
    return [f"{1_000 + number}" for number in range(SYMBOLS)]


def bar_at(symbol: str, second: int, trades: int = 1) -> Bar:
    return a_bar(second - TEN, trades, symbol=symbol)


def opening(day: date) -> int:
    """The second at which the market opens."""
    return day_bounds_us(day)[0] // 1_000_000 + 9 * 3_600


def _copy(table: sql.Table, shift_s: int) -> str:
    moved = {"trading_day": "%s", "second": f"second + {shift_s}"}
    values = ", ".join(moved.get(column, f"`{column}`") for column in table.columns)
    names = ", ".join(f"`{column}`" for column in table.columns)
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name} WHERE trading_day = %s"  # noqa: S608
