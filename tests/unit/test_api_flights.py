import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from api.flights import Flights


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_however_many_ask_for_the_same_it_is_done_once_and_again_when_it_is_over() -> None:
    async def work() -> None:
        flights: Flights[int] = Flights()
        done: list[str] = []

        async def answer(word: str) -> int:
            done.append(word)
            await asyncio.sleep(0)
            return len(done)

        assert set(await asyncio.gather(*(flights.share("a", lambda: answer("a")) for _ in range(500)))) == {1}
        await flights.share("a", lambda: answer("a"))
        await flights.share("b", lambda: answer("b"))
        assert done == ["a", "a", "b"]
        await asyncio.sleep(0)
        assert len(flights) == 0

    run(work())


def test_a_failure_goes_to_everybody_and_is_not_kept() -> None:
    async def work() -> None:
        flights: Flights[int] = Flights()

        async def fail() -> int:
            await asyncio.sleep(0)
            raise TimeoutError

        answers = await asyncio.gather(*(flights.share("a", fail) for _ in range(3)), return_exceptions=True)
        assert [type(each) for each in answers] == [TimeoutError] * 3
        assert "a" not in flights

    run(work())


def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    async def work() -> None:
        flights: Flights[str] = Flights()
        begun, goes_on = asyncio.Event(), asyncio.Event()

        async def answer() -> str:
            begun.set()
            await goes_on.wait()
            return "there"

        leaving, staying = (asyncio.create_task(flights.share("a", answer)) for _ in range(2))
        await begun.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        goes_on.set()
        assert await staying == "there"

    run(work())
