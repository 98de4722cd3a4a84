"""Recorded sessions for tests: written as the ingestor writes them, read as a replay reads them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from ingestor.recording import About, Recording
from market.clock import Clock
from market.recording import Line, parts, read
from tests.builders import DAY, TEN

NOW_US = TEN * 1_000_000
SECRET = "canary-key"  # noqa: S105 - made up, to be looked for
Told = list[tuple[Path, int, str]]


class Hands(Clock):
    """A clock that is set by hand."""

    __slots__ = ("shows_us",)

    def __init__(self, shows_us: int = NOW_US) -> None:
        object.__setattr__(self, "shows_us", shows_us)

    def set(self, shows_us: int) -> None:
        object.__setattr__(self, "shows_us", shows_us)

    def now_us(self) -> int:
        return int(self.shows_us)


def a_recording(folder: Path, clock: Clock | None = None) -> Recording:
    return Recording(folder, About(("2330", "0050"), "always", SECRET), clock or Hands())


def recorded(folder: Path, act: Callable[[Recording], object], clock: Clock | None = None) -> None:
    """What `act` records, written to the end."""

    async def scenario() -> None:
        recording = a_recording(folder, clock)
        writing = asyncio.create_task(recording.run())
        await asyncio.sleep(0)
        act(recording)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

    asyncio.run(scenario())


def lines(folder: Path, day: str = DAY.isoformat()) -> tuple[list[Line], Told]:
    """All lines of a day, and what was told of those that are of no use."""
    told: Told = []
    found = [line for _, line in read(parts(folder / day), lambda *what: told.append(what))]
    return found, told
