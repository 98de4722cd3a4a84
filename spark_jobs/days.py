"""Which trading days are open, by the clock and by what an earlier run left (pure)."""

from collections.abc import Mapping
from datetime import date, timedelta

from market.calendar import day_bounds_us, trading_day

LEAD_US = 60_000_000  # a day's queries start a minute early, so that midnight waits for nothing
MAX_OPEN = 3  # a long standstill is caught up day by day, beside today and, near midnight, tomorrow
MAX_BACK = 6  # the topics keep seven days, the oldest of which may have begun to go


def due(known: Mapping[date, bool], now_us: int) -> list[date]:
    """Days that must be open now, the present before the past.

    `known` says of each day with a checkpoint whether it is closed.
    """
    today, newest = trading_day(now_us), trading_day(now_us + LEAD_US)
    first = max(_first_unfinished(known, today), today - timedelta(days=MAX_BACK))
    days = [first + timedelta(days=n) for n in range((newest - first).days + 1)]
    unfinished = [day for day in days if not known.get(day, False)]
    now = [day for day in (today, newest) if day in unfinished]
    return list(dict.fromkeys([*now, *unfinished]))[:MAX_OPEN]


def is_over(day: date, now_us: int, grace: timedelta) -> bool:
    """Whether no trade of the day is waited for any longer."""
    return now_us >= day_bounds_us(day)[1] + int(grace.total_seconds() * 1_000_000)


def _first_unfinished(known: Mapping[date, bool], today: date) -> date:
    unfinished = [day for day, closed in known.items() if not closed]
    after_all = max(known, default=today - timedelta(days=1)) + timedelta(days=1)
    return min([*unfinished, after_all, today])
