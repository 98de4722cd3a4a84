import asyncio
from collections.abc import Coroutine
from typing import Any

from api.history import UnavailableError
from api.memory import Memory
from api.records import Row
from api.snapshots import Snapshots
from tests.api_builders import TEN, a_row


class SlowHistory:
    """A database that answers when told, and counts what it was asked."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.asked: list[tuple[str, int]] = []
        self.answer = asyncio.Event()
        self.is_away = is_away

    async def rows(self, kind: str, symbol: str, start: int, *_: int) -> list[Row]:
        if kind == "bar":
            self.asked.append((symbol, start))
        if self.is_away:
            raise UnavailableError
        await self.answer.wait()
        return [a_row(0, symbol=symbol)] if kind == "bar" else []


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def over(history: SlowHistory, memory: Memory | None = None) -> Snapshots:
    return Snapshots(history, Memory() if memory is None else memory, lambda: True)  # type: ignore[arg-type]


def test_however_many_ask_at_once_there_is_one_query_a_symbol() -> None:
    async def work() -> None:
        history = SlowHistory()
        snapshots = over(history)
        asking = [asyncio.create_task(snapshots.recorded("2330", TEN + number % 50, TEN + 60)) for number in range(500)]
        await asyncio.sleep(0)
        history.answer.set()
        answers = await asyncio.gather(*asking)
        assert history.asked == [("2330", TEN)]
        assert all(answer.complete for answer in answers)

    run(work())


def test_who_asks_for_more_than_is_under_way_gets_the_next_query() -> None:
    async def work() -> None:
        history = SlowHistory()
        snapshots = over(history)
        near = [asyncio.create_task(snapshots.recorded("2330", TEN, TEN + 60)) for _ in range(5)]
        await asyncio.sleep(0)
        far = [asyncio.create_task(snapshots.recorded("2330", TEN - 600, TEN + 60)) for _ in range(5)]
        await asyncio.sleep(0)
        history.answer.set()
        await asyncio.gather(*near, *far)
        assert history.asked == [("2330", TEN), ("2330", TEN - 600)]

    run(work())


def test_one_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    async def work() -> None:
        history = SlowHistory()
        snapshots = over(history)
        leaving = asyncio.create_task(snapshots.recorded("2330", TEN, TEN + 60))
        staying = asyncio.create_task(snapshots.recorded("2330", TEN, TEN + 60))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        history.answer.set()
        assert len((await staying).bars) == 1

    run(work())


def test_a_database_that_failed_is_spared_for_a_moment_and_the_snapshot_says_that_it_is_not_whole() -> None:
    async def work() -> None:
        history = SlowHistory(is_away=True)
        snapshots = over(history)
        answers = [await snapshots.recorded(symbol, TEN, TEN + 60) for symbol in ("2330", "0050", "1101")]
        assert [answer.complete for answer in answers] == [False, False, False]
        assert len(history.asked) == 1

    run(work())


def test_memory_knows_better_than_the_database_what_came_last() -> None:
    async def work() -> None:
        history, memory = SlowHistory(), Memory()
        history.answer.set()
        snapshots = over(history, memory)
        recorded = await snapshots.recorded("2330", TEN, TEN + 60)
        memory.accept(a_row(0, trades=2), 0)
        memory.accept(a_row(1), 0)
        bars, _ = snapshots.merge(recorded, "2330", TEN)
        assert [(row.second - TEN, row.trades) for row in bars] == [(0, 2), (1, 1)]

    run(work())
