"""One symbol's trading day audited by the exchange's own counter (semantics: a bar). Pure.

What the bars count must fill the counter: it starts the day at 0, stands at `prior_volume` before a bar, grows by the
bar's `volume` to `day_volume`, and stands there until the next bar. A bar without counters is unknown until the next
known counter; it is proven if its `volume` is exactly what is between those around it.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from market.messages import Bar

UNKNOWN = -1  # in place of a counter that the feed did not give
COLUMNS = 5  # of `Chain.of`: second, trades, volume, prior_volume, day_volume


class Break(NamedTuple):
    """Lots that no bar counts (negative: counted twice), shown by the bar of `second`.

    `since`: the first second that may lack them; None: the day's beginning.
    """

    since: int | None
    second: int
    missing_lots: int


class Anchor(NamedTuple):
    """The counter as last known, and the volumes since; `second` of the bar that knew it, None: the day's start."""

    second: int | None
    total: int


class Chain:
    """The newest version of each bar, 40 bytes a bar; the same whatever came in whichever order."""

    __slots__ = ("_breaks", "_changed", "_days", "_first", "_priors", "_seconds", "_trades", "_volumes", "missing_lots")

    def __init__(self) -> None:
        self._seconds, self._trades, self._volumes, self._priors, self._days = (array("q") for _ in range(COLUMNS))
        self._breaks: dict[int, list[Break]] = {}  # by the bar that shows them
        self._changed: set[int] = set()
        self._first: Break | None = None
        self.missing_lots = 0

    @classmethod
    def of(cls, numbers: Sequence[int]) -> "Chain":
        """From bars ascending by second, `COLUMNS` numbers each."""
        chain = cls()
        columns = (chain._seconds, chain._trades, chain._volumes, chain._priors, chain._days)
        for at, column in enumerate(columns):
            column.extend(numbers[at::COLUMNS])
        anchor = Anchor(None, 0)
        for at in range(len(chain)):
            anchor = chain._judge(at, anchor)
        return chain

    def add(self, bar: Bar) -> bool:
        """Take in a version of a bar; False if one that counts as many trades is held."""
        prior, day = bar.prior_volume, bar.day_volume
        return self.put(
            bar.second, bar.trades, bar.volume, UNKNOWN if prior is None else prior, UNKNOWN if day is None else day
        )

    def put(self, second: int, *row: int) -> bool:
        """As `add`; `row`: trades, volume, prior_volume, day_volume."""
        at = bisect_left(self._seconds, second)
        columns = (self._trades, self._volumes, self._priors, self._days)
        if at < len(self) and self._seconds[at] == second:
            if row[0] <= self._trades[at]:
                return False
            for column, value in zip(columns, row, strict=True):
                column[at] = value
        else:
            self._seconds.insert(at, second)
            for column, value in zip(columns, row, strict=True):
                column.insert(at, value)
        self._judge_from(at)
        return True

    def merge(self, other: "Chain") -> None:
        """Take in all of the other's bars."""
        for row in other.rows():
            self.put(*row)

    def rows(self) -> Iterator[tuple[int, ...]]:
        return zip(self._seconds, self._trades, self._volumes, self._priors, self._days, strict=True)

    def take_changes(self) -> set[int]:
        """Seconds whose bar began, or ceased, to show a break since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def break_at(self, second: int) -> Break | None:
        """What the bar of a second shows to be broken, the first of it."""
        return next(iter(self._breaks.get(second, ())), None)

    def breaks(self) -> list[Break]:
        """Ascending by the second that shows them."""
        return [each for second in sorted(self._breaks) for each in self._breaks[second]]

    def first_break(self, horizon: int) -> Break | None:
        """The first that bars through `horizon` show."""
        if self._first is None and self._breaks:
            self._first = self._breaks[min(self._breaks)][0]
        return self._first if self._first and self._first.second <= horizon else None

    def last(self, horizon: int) -> int | None:
        """The second of the last bar through `horizon`."""
        at = bisect_right(self._seconds, horizon)
        return self._seconds[at - 1] if at else None

    def counter(self, horizon: int) -> int:
        """Where the exchange's counter stood after the bars through `horizon`."""
        return self._anchor(bisect_right(self._seconds, horizon)).total

    def doubt(self, horizon: int) -> Break | None:
        """What of the bars through `horizon` is not proven, the earliest: a break, or counters not given since."""
        if broken := self.first_break(horizon):
            return broken
        at = bisect_right(self._seconds, horizon)
        if not at or self._days[at - 1] != UNKNOWN:
            return None
        return Break(self._anchor(at).second, self._seconds[at - 1], 0)

    def __len__(self) -> int:
        return len(self._seconds)

    def _judge_from(self, at: int) -> None:
        """A bar changed: judge it and those that lean on it, through the next that knows the counter."""
        anchor = self._anchor(at)
        for each in range(at, len(self)):
            anchor = self._judge(each, anchor)
            if each > at and (self._priors[each] != UNKNOWN or self._days[each] != UNKNOWN):
                return

    def _judge(self, at: int, anchor: Anchor) -> Anchor:
        """Compare a bar's counters with the anchor before it, and note the breaks; the anchor after it."""
        second, prior, day = self._seconds[at], self._priors[at], self._days[at]
        found = []
        if prior != UNKNOWN:
            if prior != anchor.total:
                found.append(Break(anchor.second, second, prior - anchor.total))
            anchor = Anchor(second, prior)
        anchor = Anchor(anchor.second, anchor.total + self._volumes[at])
        if day != UNKNOWN:
            if day != anchor.total:
                found.append(Break(anchor.second, second, day - anchor.total))
            anchor = Anchor(second, day)
        self._note(second, found)
        return anchor

    def _note(self, second: int, found: list[Break]) -> None:
        before = self._breaks.pop(second, None)
        if found:
            self._breaks[second] = found
        if before or found:
            self._first = None
            self._changed.add(second)
            self.missing_lots += sum(each.missing_lots for each in found)
            self.missing_lots -= sum(each.missing_lots for each in before or ())

    def _anchor(self, at: int) -> Anchor:
        """The counter before the bar at this place."""
        carried = 0
        for each in range(at - 1, -1, -1):
            if self._days[each] != UNKNOWN:
                return Anchor(self._seconds[each], self._days[each] + carried)
            carried += self._volumes[each]
            if self._priors[each] != UNKNOWN:
                return Anchor(self._seconds[each], self._priors[each] + carried)
        return Anchor(None, carried)
