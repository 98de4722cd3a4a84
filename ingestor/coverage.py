"""Which lots of one symbol's day are known, by the exchange's running volume (semantics: a gap). Pure.

A trade covers (volume − size, volume] of the counter, so what is known is a set: order and repetition cannot matter.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

Moment = tuple[int, int]  # (time in µs, serial): the exchange's order
_BEFORE_ALL: Moment = (-1, -1)
_MOST_UNPLACED = 10_000  # beyond, a gap is told larger than it is; memory is bounded

Effect = Literal["extended", "placed", "contradicted"]


class Print(Protocol):
    """What coverage needs of a trade that counts in bars."""

    @property
    def time(self) -> int: ...
    @property
    def serial(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def volume(self) -> int | None: ...


class Hole(NamedTuple):
    """`lots` nobody has seen, between two trades; `since_s` is when the later one showed it."""

    from_us: int
    to_us: int
    lots: int
    since_s: float


@dataclass(slots=True)
class Island:
    """A stretch (lo, hi] of the counter without a hole, from its first trade to its last."""

    lo: int
    hi: int
    first: Moment
    last: Moment
    since_s: float

    def is_single(self) -> bool:
        return self.first == self.last


class Coverage:
    """The known stretches, ascending. Trades without a running volume are kept apart: they have lots, but no place."""

    def __init__(self) -> None:
        self._islands: list[Island] = []
        self._unplaced: dict[int, tuple[Moment, int]] = {}  # serial -> moment, lots

    def add(self, trade: Print, now_s: float) -> Effect:
        """Take in a trade seen at `now_s`; "extended" means that no hole opened, closed or changed."""
        moment, volume = (trade.time, trade.serial), trade.volume
        if volume is None:
            return self._keep(moment, trade.size)
        tip = self._islands[-1] if self._islands else None
        if tip and tip.hi == volume - trade.size and tip.last < moment and not self._unplaced:
            tip.hi, tip.last = volume, moment
            return "extended"
        return self._unite(Island(max(0, volume - trade.size), volume, moment, moment, now_s))

    def know(self, total: int, time_us: int, now_s: float) -> Effect:
        """The counter stood at `total` after the trades of `time_us`, whoever saw them."""
        after_all = (time_us, 2**63)
        return self._unite(Island(total, total, after_all, after_all, now_s))

    def merge(self, other: "Coverage") -> None:
        """Know what the other knows too."""
        for island in other._islands:  # noqa: SLF001 - of the same class
            self._unite(island)
        for moment, lots in other._unplaced.values():  # noqa: SLF001
            self._keep(moment, lots)

    def lots(self) -> int:
        """Where the counter stands after the newest trade, as far as this is known."""
        tip = self._islands[-1] if self._islands else None
        return (tip.hi if tip else 0) + self._unplaced_between(tip.last if tip else _BEFORE_ALL, (2**63, 0))

    def holes(self, start_us: int) -> list[Hole]:
        """What is missing below the newest trade; the day begins at `start_us`."""
        found = []
        hi, last = 0, _BEFORE_ALL
        for each in self._islands:
            lots = each.lo - hi
            if lots > 0 and (lots := lots - self._unplaced_between(last, each.first)) > 0:
                from_us = last[0] if last != _BEFORE_ALL else start_us
                found.append(Hole(min(from_us, each.first[0]), each.first[0], lots, each.since_s))
            hi, last = each.hi, each.last
        return found

    def lacks(self, trade: Print) -> bool:
        """Whether the trade would fill a hole, or a part of one."""
        if trade.serial in self._unplaced:
            return False
        if trade.volume is None:
            return self._is_in_a_hole((trade.time, trade.serial))
        lo, at = trade.volume - trade.size, bisect_right(self._islands, trade.volume - trade.size, key=_hi)
        if at == len(self._islands):
            return False
        above = self._islands[at]
        return lo < above.lo or (above.hi < trade.volume and above is not self._islands[-1])

    def _unite(self, new: Island) -> Effect:
        islands = self._islands
        first, end = bisect_left(islands, new.lo, key=_hi), bisect_right(islands, new.hi, key=_lo)
        wrong = self._contradicting(new, first - 1, end)
        if wrong is not None:
            return self._drop(new, wrong)
        met = islands[first:end]
        # The hole below was a part of the one that the next trade above has shown.
        shown = [each.since_s for each in (new, *met, *islands[end : end + 1])]
        islands[first:end] = [
            Island(
                min(each.lo for each in (new, *met)),
                max(each.hi for each in (new, *met)),
                min(each.first for each in (new, *met)),
                max(each.last for each in (new, *met)),
                min(shown),
            )
        ]
        self._explain()
        return "placed"

    def _contradicting(self, new: Island, below: int, above: int) -> int | None:
        """The neighbour whose place in time denies its place in the counter."""
        if below >= 0 and self._islands[below].last > new.first:
            return below
        if above < len(self._islands) and self._islands[above].first < new.last:
            return above
        return None

    def _drop(self, new: Island, wrong: int) -> Effect:
        """Of a contradiction, a lone trade is the outlier; a stretch of several is believed. Its lots remain known."""
        other = self._islands[wrong]
        if other.is_single():
            del self._islands[wrong]
            self._unite(new)
            self._keep(other.first, other.hi - other.lo)
        elif new.is_single():
            self._keep(new.first, new.hi - new.lo)
        return "contradicted"

    def _keep(self, moment: Moment, lots: int) -> Effect:
        if not lots or self._is_on_an_island(moment) or len(self._unplaced) >= _MOST_UNPLACED:
            return "extended"
        self._unplaced[moment[1]] = (moment, lots)
        self._explain()
        return "placed"

    def _explain(self) -> None:
        """Lots without a place that are as many as a hole between their neighbours wants are that hole's."""
        if not self._unplaced:
            return
        for at in reversed(range(len(self._islands))):
            above, below = self._islands[at], self._islands[at - 1] if at else None
            hi, last = (below.hi, below.last) if below else (0, _BEFORE_ALL)
            if 0 < above.lo - hi <= self._unplaced_between(last, above.first):
                above.lo, above.since_s = hi, min(above.since_s, below.since_s if below else above.since_s)
                if below:
                    above.lo, above.first = below.lo, below.first
                    del self._islands[at - 1]
                else:
                    above.first = min(moment for moment, _ in self._unplaced.values())
        self._unplaced = {serial: kept for serial, kept in self._unplaced.items() if not self._is_on_an_island(kept[0])}

    def _unplaced_between(self, after: Moment, before: Moment) -> int:
        return sum(lots for moment, lots in self._unplaced.values() if after < moment < before)

    def _is_on_an_island(self, moment: Moment) -> bool:
        at = bisect_right(self._islands, moment, key=_first) - 1
        return at >= 0 and moment <= self._islands[at].last

    def _is_in_a_hole(self, moment: Moment) -> bool:
        at = bisect_right(self._islands, moment, key=_first)
        if at == len(self._islands) or self._is_on_an_island(moment):
            return False
        return self._islands[at].lo > (self._islands[at - 1].hi if at else 0)


def _lo(island: Island) -> int:
    return island.lo


def _hi(island: Island) -> int:
    return island.hi


def _first(island: Island) -> Moment:
    return island.first
