"""The session calendar: which day a trade belongs to and which phase the market is in (semantics: session)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, Self
from zoneinfo import ZoneInfo

from market.holidays import XTAI

TAIPEI = ZoneInfo("Asia/Taipei")
_OFFSET_US = 8 * 3_600 * 1_000_000  # Taipei has no daylight saving time
_DAY_US = 86_400 * 1_000_000
_EPOCH = date(1970, 1, 1)

CalendarName = Literal["xtai", "always"]


class Phase(StrEnum):
    """盤前 · 試撮 · 開盤中 · 收盤撮合 · 收盤 · 休市."""

    PRE_OPEN = "pre_open"
    TRIAL = "trial"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    HOLIDAY = "holiday"


# A postponed close prints at 13:33, so closing lasts until then.
_TIMETABLE = (
    (0, Phase.PRE_OPEN),
    (8 * 60 + 30, Phase.TRIAL),
    (9 * 60, Phase.OPEN),
    (13 * 60 + 25, Phase.CLOSING),
    (13 * 60 + 33, Phase.CLOSED),
)


def trading_day(time_us: int) -> date:
    """The Taipei date of an exchange time in microseconds since the epoch."""
    return _EPOCH + timedelta(days=(time_us + _OFFSET_US) // _DAY_US)


def day_bounds_us(day: date) -> tuple[int, int]:
    """Half-open [midnight, next midnight) of a Taipei day, in microseconds since the epoch."""
    start = (day - _EPOCH).days * _DAY_US - _OFFSET_US
    return start, start + _DAY_US


def closed_days(text: str) -> frozenset[date]:
    """The override for typhoon days: dates as `2026-07-11,2026-07-12`."""
    return frozenset(date.fromisoformat(part.strip()) for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days trade. `always` trades at any hour of any day, for the simulated exchange."""

    always: bool = False
    closed: frozenset[date] = field(default_factory=lambda: XTAI)

    @classmethod
    def named(cls, name: CalendarName, also_closed: str = "") -> Self:
        return cls(always=name == "always", closed=XTAI | closed_days(also_closed))

    def trades_on(self, day: date) -> bool:
        return self.always or (day.weekday() < 5 and day not in self.closed)

    def phase(self, now_us: int) -> Phase:
        day = trading_day(now_us)
        if self.always:
            return Phase.OPEN
        if not self.trades_on(day):
            return Phase.HOLIDAY
        minute = (now_us - day_bounds_us(day)[0]) // 60_000_000
        return [phase for start, phase in _TIMETABLE if start <= minute][-1]

    def next_change(self, now_us: int) -> tuple[Phase, int] | None:
        """The next phase and when it begins (µs); None where it never changes."""
        if self.always:
            return None
        now, day = self.phase(now_us), trading_day(now_us)
        for ahead in range(32):  # no holiday is longer
            start, _ = day_bounds_us(day + timedelta(days=ahead))
            for minute, _ in _TIMETABLE:
                at = start + minute * 60_000_000
                if at > now_us and self.phase(at) != now:
                    return self.phase(at), at
        return None

    def session_us(self, day: date) -> tuple[int, int] | None:
        """Half-open [first, last) µs in which bars of `day` may trade; None on a closed day."""
        start, end = day_bounds_us(day)
        if self.always:
            return start, end
        if not self.trades_on(day):
            return None
        return start + 9 * 3_600_000_000, start + (13 * 60 + 34) * 60_000_000
