"""What is to happen when: timed acts, in order."""

import heapq
from collections.abc import Callable
from itertools import count

from simulator.prints import Print

Act = Callable[[int, int], list[Print]]  # (the time it was due, now), both µs


class Agenda:
    """Acts by time; of two at one time, the one entered first."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Act]] = []
        self._order = count()

    def at(self, at_us: int, act: Act) -> None:
        """Enter an act."""
        heapq.heappush(self._due, (at_us, next(self._order), act))

    def run(self, now_us: int) -> list[Print]:
        """Do everything that is due, what it enters included; what was printed."""
        out: list[Print] = []
        while self._due and self._due[0][0] <= now_us:
            at_us, _, act = heapq.heappop(self._due)
            out += act(at_us, now_us)
        return out

    def next_us(self) -> int | None:
        """When the next act is due."""
        return self._due[0][0] if self._due else None
