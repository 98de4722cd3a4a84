"""A replay's clock: it waits, runs SPEED times as fast as the market's did, and waits again, as its marks say.

The exchange that plays the tape writes the marks into a file, and every service of the replay reads them: so all of
them agree on one time, which begins when somebody listens and stands still as long as nobody does.
"""

import os
from bisect import bisect_right
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Literal

import msgspec

from market.calendar import trading_day
from market.clock import Clock, Replay

FASTEST = 100  # times as fast as it was
State = Literal["waiting", "playing", "paused", "ended"]
# Of a clock that stands: a little faster than not at all, so that what comes later has a later time.
_CREEP = 1e-5


class Mark(msgspec.Struct, frozen=True):
    """From `machine_us` on, by this machine's clock, the market's goes on from `market_us`."""

    machine_us: int
    market_us: int
    speed: float
    state: State

    @property
    def rate(self) -> float:
        """Seconds of the market in one of the machine's."""
        return self.speed if self.state == "playing" else _CREEP

    def market_at(self, machine_us: int) -> int:
        return self.market_us + int((machine_us - self.machine_us) * self.rate)

    def machine_at(self, market_us: int) -> int:
        return self.machine_us + int((market_us - self.market_us) / self.rate)


_mark = msgspec.json.Decoder(Mark).decode
_by_machine, _by_market = attrgetter("machine_us"), attrgetter("market_us")


class Marks:
    """The marks of a file, one a line, the oldest first; read again whenever there are more."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: tuple[int, list[Mark]] = (0, [])  # together, as threads share them
        self.all()

    def all(self) -> list[Mark]:
        """Raises OSError where there is no such file, ValueError where it holds no marks."""
        size, marks = self._known
        if os.stat(self._file).st_size != size:  # noqa: PTH116 - asked for with each record: half the cost of Path's
            text = self._file.read_bytes()
            marks = [_mark(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]
            self._known = len(text), marks
        if not marks:
            message = f"{self._file} is not the clock of a replay"
            raise ValueError(message)
        return marks


def add(file: Path, mark: Mark) -> None:
    """Write the next mark; the first makes the file."""
    line = msgspec.json.encode(mark) + b"\n"
    with file.open("ab", buffering=0) as out:  # in one write, so that nobody reads half of it
        out.write(line)


@dataclass(frozen=True, slots=True)
class ReplayClock(Clock):
    """The market's time of a replay. It never goes back."""

    marks: Marks = field(kw_only=True)

    def market_us(self, machine_us: int) -> int:
        marks = self.marks.all()
        return marks[max(0, bisect_right(marks, machine_us, key=_by_machine) - 1)].market_at(machine_us)

    def machine_us(self, market_us: int) -> int:
        marks = self.marks.all()
        return marks[max(0, bisect_right(marks, market_us, key=_by_market) - 1)].machine_at(market_us)

    def pace(self) -> float:
        """The speed, also while it stands: what was sent before is still on its way."""
        return self.marks.all()[-1].speed

    def replay(self) -> Replay:
        marks = self.marks.all()
        return Replay(trading_day(marks[0].market_us).isoformat(), marks[-1].speed, marks[-1].state)
