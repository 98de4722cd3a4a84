"""Which partitions a table of days has, should have, and the statements from one to the other. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from market.calendar import Calendar

TABLES = ("bars", "averages")
BEYOND = "beyond"  # takes whatever is later than the last partition
NAMES = (
    "SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = %s "
    "AND partition_name <> %s"
)


def name(day: date) -> str:
    return f"d{day:%Y%m%d}"


def day(partition: str) -> date:
    return date.fromisoformat(partition.removeprefix("d"))


@dataclass(frozen=True, slots=True)
class Wish:
    """Keep `keep_days` days before today, and have a partition for each trading day of the next `ahead_days`."""

    calendar: Calendar
    today: date
    keep_days: int
    ahead_days: int

    @property
    def oldest(self) -> date:
        """The first day that is kept."""
        return self.today - timedelta(days=self.keep_days)

    def missing(self, have: Iterable[date], stored: Iterable[date]) -> list[date]:
        """Days to split off `beyond`: those of stored rows and those to come, as far as they lie after all others."""
        last = max(have, default=date.min)
        ahead = (self.today + timedelta(days=each) for each in range(self.ahead_days + 1))
        wanted = {each for each in ahead if self.calendar.trades_on(each)} | set(stored)
        return sorted(each for each in wanted if each > last)

    def over(self, have: Iterable[date]) -> list[date]:
        """Days to drop."""
        return sorted(each for each in have if each < self.oldest)


def split(table: str, days: Sequence[date]) -> str:
    """`beyond` into a partition a day and itself; no rows are lost, those in it are moved."""
    each = [f"PARTITION {name(one)} VALUES LESS THAN ('{one + timedelta(days=1)}')" for one in days]
    rest = f"PARTITION {BEYOND} VALUES LESS THAN (MAXVALUE)"
    return f"ALTER TABLE {table} REORGANIZE PARTITION {BEYOND} INTO ({', '.join([*each, rest])})"


def drop(table: str, days: Sequence[date]) -> str:
    return f"ALTER TABLE {table} DROP PARTITION {', '.join(map(name, days))}"
