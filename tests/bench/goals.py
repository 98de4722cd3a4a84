"""How far to go: a bound for each figure, and what is known of those that are beyond it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.bench.result import OURS, Figure, Ratio, of_rounds, ratio

PYFLINK = "PyFlink"


@dataclass(frozen=True)
class Goal:
    """Our figure, or its ratio to the best correct one of those `beside`, is at most (or at least) `bound`."""

    measure: str
    what: str  # as fnmatch: "*, p50, *"
    bound: float
    at_most: bool = True
    beside: str = "*"  # the same of the anchors' names; "": the figure itself is judged
    but: str = ""  # an anchor that another goal is about
    reason: str = ""  # measured, why it is not met, and the next lever

    def __str__(self) -> str:
        times = " ×" if self.beside else ""
        whom = f" {self.beside}" if self.beside not in ("*", "") else ""
        return f"{'≤' if self.at_most else '≥'} {self.bound:g}{times}{whom}"

    def share(self, value: float) -> float:
        """How much of the bound a value uses up: up to 1 it is within."""
        used, bound = (value, self.bound) if self.at_most else (self.bound, value)
        return used / bound if bound else math.inf if used else 0.0

    def concerns(self, figure: Figure) -> bool:
        return self.measure == figure.measure and fnmatchcase(figure.what, self.what)


@dataclass(frozen=True)
class Judged:
    """A goal, our figure, the anchor it is held against, and how they stand."""

    goal: Goal
    ours: Figure
    other: Figure | None
    ratio: Ratio

    @property
    def is_met(self) -> bool:
        return self.goal.share(self.ratio.middle) <= 1 and self.ours.correct is not False

    def __str__(self) -> str:
        if self.is_met:
            return "met"
        if self.ours.correct is False:
            return f"not met: wrong rows ({self.ours.note})"
        return f"not met: {self.goal.reason or 'the reason is not measured yet'}"


def judged(figures: Iterable[Figure], goals: Iterable[Goal]) -> list[Judged]:
    """Each goal with each figure of ours that it concerns; without an anchor that ran there is nothing to judge."""
    known = [figure for figure in figures if figure.values]
    of_us = [figure for figure in known if figure.subject == OURS]
    pairs = [(goal, ours) for goal in goals for ours in of_us if goal.concerns(ours)]
    return [found for goal, ours in pairs if (found := _judged(goal, ours, known)) is not None]


def _judged(goal: Goal, ours: Figure, known: list[Figure]) -> Judged | None:
    if not goal.beside:
        return Judged(goal, ours, None, of_rounds(ours.values))
    others = [each for each in known if _is_rival(each, ours, goal)]
    if not others:
        return None
    best = (min if goal.at_most else max)(others, key=lambda each: each.median)
    return Judged(goal, ours, best, ratio(ours, best))


def _is_rival(other: Figure, ours: Figure, goal: Goal) -> bool:
    return (
        (other.measure, other.what) == (ours.measure, ours.what)
        and other.subject not in (OURS, goal.but)
        and fnmatchcase(other.subject, goal.beside)
        and other.correct is not False
    )


_BOUNDARY = "at a batch boundary all waits for planning and commit; next: a twin application with shifted boundaries"
_LOOP = (
    "a row takes the API's one loop 9 µs (decoded 2, checked 4, merged 1, encoded 2), a bar the database 9, and both "
    "share the cores; next: checks by the batch in compiled code"
)

GOALS = (
    Goal("P1", "*p50*", 0.5),
    Goal("P1", "*p99*", 0.5),
    Goal("P2", "*, per core", 2, at_most=False, but=PYFLINK),
    Goal("P2", "*, per core", 1, at_most=False, beside=PYFLINK),
    Goal("P2", "trades/s through both, *symbols", 20_000, at_most=False, beside=""),
    Goal("P3", "p50, 500/s", 2),
    Goal("P3", "p99, 500/s", 3),
    Goal("P3", "p50, 5,000/s", 5),
    Goal("P3", "p99, 5,000/s", 5),
    Goal("P3", "worst, *", 250, beside="", reason=_BOUNDARY),
    Goal("P4", "rows stored", 0.5, at_most=False, reason=_LOOP),
    Goal("P5", "frames a second of processor", 0.8, at_most=False),
    Goal("P5", "p99 with a frozen reader", 1.2, beside="alone"),
    Goal("P6", "16,200 bars, to the last byte", 1.5),
    Goal("P7", "resident", 2.5, beside=""),
    Goal("P7", "cores, idle", 0.25, beside=""),
    Goal("P8", "start to first live price", 1.3),
    Goal("P9", "times real time, *", 20, at_most=False, beside=""),
    Goal("P9", "rows lost", 0, beside=""),
    Goal("P10", "*: cost of one, at most / at least", 1.1, beside=""),
)
