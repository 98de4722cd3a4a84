"""What happens when in a trading day, as data: times are seconds after Taipei midnight."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import itemgetter


class Stage(StrEnum):
    """What the exchange does between two times of the day."""

    SHUT = "shut"
    TRIAL = "trial"
    CONTINUOUS = "continuous"
    CLOSING_TRIAL = "closing_trial"
    CLOSED = "closed"


def _at(hour: int, minute: int, second: int = 0) -> int:
    return hour * 3_600 + minute * 60 + second


_START = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Stages by their start; `pace` gives trades relative to the average rate from a time on."""

    stages: tuple[tuple[int, Stage], ...]
    pace: tuple[tuple[int, float], ...]
    opening_spread_s: float  # how long the opening auctions of all symbols take
    odd_lots_from: int
    after_hours: int
    delayed_share: float  # of symbols whose opening or closing auction is put off

    def stage(self, second: float) -> Stage:
        return self.stages[bisect_right(self.stages, second, key=_START) - 1][1]

    def pace_at(self, second: float) -> float:
        return self.pace[bisect_right(self.pace, second, key=_START) - 1][1]


# The real day (fugle.md 6.1); the first minutes and the last are the busy ones.
DAY = Timetable(
    stages=(
        (0, Stage.SHUT),
        (_at(8, 30), Stage.TRIAL),
        (_at(9, 0), Stage.CONTINUOUS),
        (_at(13, 25), Stage.CLOSING_TRIAL),
        (_at(13, 30), Stage.CLOSED),
    ),
    pace=((0, 1.0), (_at(9, 0), 3.0), (_at(9, 5), 1.6), (_at(9, 30), 0.9), (_at(13, 15), 1.8)),
    opening_spread_s=10.0,
    odd_lots_from=_at(9, 10),
    after_hours=_at(14, 30),
    delayed_share=0.02,
)

# A market that never sleeps: it closes for the last moments before midnight and opens again after it.
ALWAYS = Timetable(
    stages=(
        (0, Stage.CONTINUOUS),
        (_at(23, 59, 50), Stage.CLOSING_TRIAL),
        (_at(23, 59, 58), Stage.CLOSED),
    ),
    pace=((0, 1.0),),
    opening_spread_s=1.0,
    odd_lots_from=0,
    after_hours=_at(14, 30),
    delayed_share=0.0,
)

# A day without trading.
HOLIDAY = replace(DAY, stages=((0, Stage.SHUT),), after_hours=-1)
