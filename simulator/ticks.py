"""Price steps and daily limits of the exchange. Prices are whole cents (1/100 TWD), the finest step there is."""

from bisect import bisect_right
from itertools import pairwise
from operator import itemgetter

# (from this price on, the step), both in cents; the exchange changes these by announcement.
TICKS: dict[str, tuple[tuple[int, int], ...]] = {
    "stock": ((0, 1), (10_00, 5), (50_00, 10), (100_00, 50), (500_00, 1_00), (1_000_00, 5_00)),
    "fund": ((0, 1), (50_00, 5)),
    "warrant": ((0, 1), (5_00, 5), (10_00, 10), (50_00, 50), (100_00, 1_00), (500_00, 5_00)),
}
LIMIT_PERCENT = 10
_START = itemgetter(0)


def step(table: str, cents: int) -> int:
    """The step upwards from a price."""
    bands = TICKS[table]
    return bands[bisect_right(bands, cents, key=_START) - 1][1]


def floor(table: str, cents: int) -> int:
    """The nearest valid price at or below `cents`."""
    return cents - cents % step(table, cents)


def ceil(table: str, cents: int) -> int:
    """The nearest valid price at or above `cents`."""
    below = floor(table, cents)
    return below if below == cents else above(table, below)


def above(table: str, cents: int) -> int:
    """The next valid price up."""
    return cents + step(table, cents)


def below(table: str, cents: int) -> int:
    """The next valid price down; at a band's edge the lower band's step counts."""
    return cents - step(table, cents - 1)


def limits(table: str, reference: int) -> tuple[int, int]:
    """(down, up): ten percent of the reference price, rounded inward to a valid price."""
    room = reference * LIMIT_PERCENT
    return ceil(table, -(-(reference * 100 - room) // 100)), floor(table, (reference * 100 + room) // 100)


def text(cents: int) -> str:
    """A price as the feed writes it: no needless zeros (1085, 1084.5, 27.35)."""
    whole, rest = divmod(cents, 100)
    if not rest:
        return str(whole)
    return f"{whole}.{rest // 10}" if rest % 10 == 0 else f"{whole}.{rest:02}"


def aligned(table: str) -> bool:
    """Whether each band of a table begins on a multiple of its own step, on which `floor` relies."""
    return all(low < high and high % tick == 0 for (low, _), (high, tick) in pairwise(TICKS[table]))
