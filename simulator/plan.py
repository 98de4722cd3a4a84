"""How the market is to behave."""

from dataclasses import dataclass
from datetime import date

from market.calendar import Calendar
from simulator.timetable import ALWAYS, HOLIDAY, Timetable

SECOND_US = 1_000_000
DISCLOSED_EVERY_US = 5 * SECOND_US  # trial matches and odd-lot auctions

_ALWAYS_OPEN = Calendar(always=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """`rate` is regular prints a second over all symbols, on average; `pause_every_s` 0: no volatility pauses.

    The timetable holds on the calendar's trading days.
    """

    seed: int = 1
    rate: float = 100.0
    timetable: Timetable = ALWAYS
    pause_every_s: float = 180.0
    pause_lasts_s: float = 20.0
    calendar: Calendar = _ALWAYS_OPEN

    def timetable_on(self, day: date) -> Timetable:
        """What happens when on a day."""
        return self.timetable if self.calendar.trades_on(day) else HOLIDAY
