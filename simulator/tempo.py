"""The hand on a replay's clock (market/replay.py): it alone writes the marks."""

import time
from dataclasses import dataclass
from pathlib import Path

from market import replay
from market.replay import Mark, ReplayClock, State


@dataclass(slots=True)
class Tempo:
    """`file` holds the marks of `clock`."""

    clock: ReplayClock
    file: Path
    is_paused: bool = False

    @property
    def has_gone(self) -> bool:
        """Whether time has ever run."""
        return any(mark.state == "playing" for mark in self.clock.marks.all())

    def go(self) -> None:
        """Run, unless it was paused."""
        self._turn("paused" if self.is_paused else "playing")

    def end(self) -> None:
        """Stand at what the clock shows now."""
        self._turn("ended")

    def pause(self, *, paused: bool) -> None:
        self.is_paused = paused
        if self.clock.replay().state in ("playing", "paused"):
            self.go()

    def set(self, speed: float) -> None:
        """So many times as fast as it was, from now on."""
        self._turn(self.clock.replay().state, speed)

    def wait(self) -> None:
        """Stand for as long as there is nobody to be told anything."""
        self._turn("waiting")

    def _turn(self, state: State, speed: float | None = None) -> None:
        machine_us = time.time_ns() // 1_000
        market_us = self.clock.market_us(machine_us)
        replay.add(self.file, Mark(machine_us, market_us, speed or self.clock.pace(), state))
