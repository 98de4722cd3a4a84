"""What a new subscriber must know: the recorded rows and the remembered ones, merged by the one rule."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.history import History, UnavailableError
from api.memory import Memory, merged
from api.records import Kind, Row

_GRAIN_S = 60  # clients that ask at about the same time ask for the same minutes
_PATIENCE_S, _SPARED_S = 2.0, 2.0
_KINDS: tuple[Kind, ...] = ("bar", "average")


@dataclass(frozen=True, slots=True)
class Recorded:
    """Rows of one symbol, ascending; not `complete`: the database did not give all of them."""

    bars: list[Row]
    averages: list[Row]
    complete: bool


class Snapshots:
    """One query at a time per symbol, shared by all who wait for it."""

    def __init__(self, history: History, memory: Memory, is_current: Callable[[], bool]) -> None:
        self._history = history
        self._memory = memory
        self._is_current = is_current
        self._spared_until_s = 0.0
        self._running: dict[str, tuple[int, asyncio.Task[Recorded]]] = {}

    async def recorded(self, symbol: str, since: int, until: int) -> Recorded:
        """From the query that is under way if it reaches far enough back, else from the next one."""
        while running := self._running.get(symbol):
            reaches_to, task = running
            if reaches_to <= since:
                return await asyncio.shield(task)
            await asyncio.wait([task])
        start = since - since % _GRAIN_S
        task = asyncio.create_task(self._ask(symbol, start, until), name=f"snapshot.{symbol}")
        self._running[symbol] = (start, task)
        task.add_done_callback(lambda _: self._running.pop(symbol, None))
        return await asyncio.shield(task)  # one who leaves must not take the answer from the others

    def merge(self, recorded: Recorded, symbol: str, since: int) -> tuple[list[Row], list[Row]]:
        """Bars and averages with what arrived meanwhile. Call it in the same breath as subscribing: then no seam."""
        bars, averages = (
            merged((row for row in rows if row.second >= since), self._memory.rows(kind, symbol, since))
            for kind, rows in zip(_KINDS, (recorded.bars, recorded.averages), strict=True)
        )
        return bars, averages

    async def _ask(self, symbol: str, start: int, until: int) -> Recorded:
        """At most a row a second. A database that just failed is spared: nobody's live data shall wait for it."""
        if time.monotonic() < self._spared_until_s:
            return Recorded([], [], complete=False)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                bars = await self._history.rows("bar", symbol, start, until, until - start)
                averages = await self._history.rows("average", symbol, start, until, until - start)
        except (UnavailableError, TimeoutError):
            self._spared_until_s = time.monotonic() + _SPARED_S
            return Recorded([], [], complete=False)
        return Recorded(bars, averages, complete=self._is_current())
