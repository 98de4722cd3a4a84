"""When a crowd has left is decided by counts and a clock; what that gives back is measured in tests/integration."""

import asyncio
import gc
import weakref

import pytest

from api import tidying
from api.client import Traffic
from api.tidying import CROWD, QUIET_S, Departures


def said(*seen: tuple[float, int]) -> list[bool]:
    """At (second, how many have left since the start)."""
    departures = Departures()
    return [departures.are_over(left, at_s) for at_s, left in seen]


def test_a_crowd_that_left_is_over_once_nobody_follows_and_only_once() -> None:
    assert said((0, 0), (1, CROWD), (2, CROWD), (1 + QUIET_S, CROWD), (9, CROWD)) == [False, False, False, True, False]


def test_while_clients_still_leave_it_waits() -> None:
    assert said((1, CROWD), (2, CROWD + 1), (1 + QUIET_S, CROWD + 1), (2 + QUIET_S, CROWD + 1))[2:] == [False, True]


def test_a_few_leave_too_little_behind_until_they_are_many() -> None:
    assert said((1, CROWD - 1), (100, CROWD - 1), (200, CROWD), (200 + QUIET_S, CROWD)) == [False, False, False, True]


class Left:
    """What only the collector finds."""

    def __init__(self) -> None:
        self.own = self


def test_what_the_crowd_left_is_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        traffic = Traffic(left=CROWD)
        left = weakref.ref(Left())
        assert left() is not None
        tidier = asyncio.create_task(tidying.tidy(traffic))
        async with asyncio.timeout(5):
            while left() is not None:  # noqa: ASYNC110 - nothing tells of its end
                await asyncio.sleep(0.01)
        tidier.cancel()

    monkeypatch.setattr(tidying, "_LOOK_S", 0.02)
    monkeypatch.setattr(tidying, "QUIET_S", 0.05)
    gc.disable()
    try:
        asyncio.run(run())
    finally:
        gc.enable()
