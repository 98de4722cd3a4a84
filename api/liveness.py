"""When the feed was proven alive, from what it said of itself once a second. Pure."""

from bisect import bisect_right

from market.messages import FeedStatus

KEEP_US = 36 * 3_600 * 1_000_000  # a trading day and the night before it
_LONGEST_SILENCE_US = 5_000_000


class Liveness:
    """Proven stretches in µs of exchange time: nothing can be missing inside one.

    Two statuses of one unbroken connection prove what lies between them, silent or not: TCP loses nothing in between.
    """

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: FeedStatus | None = None

    def note(self, status: FeedStatus) -> None:
        """Statuses in their order; older ones than the last are ignored."""
        before = self._before
        if before is not None and status.at_us <= before.at_us:
            return
        self._before = status
        alive = status.alive_through_us
        if not status.connected or alive is None:
            return
        if before is not None and self._ends and _unbroken(before, status):
            self._ends[-1] = max(self._ends[-1], alive)
        elif not self._ends or alive > self._ends[-1]:
            self._starts.append(alive)
            self._ends.append(alive)
        while self._ends[0] < alive - KEEP_US:
            del self._starts[0], self._ends[0]

    def proves(self, second: int) -> bool:
        """Whether the feed was alive through the whole of an epoch second."""
        start_us, end_us = second * 1_000_000, (second + 1) * 1_000_000
        at = bisect_right(self._starts, start_us) - 1
        return at >= 0 and self._ends[at] >= end_us

    def reach(self, second: int) -> int | None:
        """The last second that was proven without a pause from the beginning of `second` on; None: not even that."""
        at = bisect_right(self._starts, second * 1_000_000) - 1
        last = self._ends[at] // 1_000_000 - 1 if at >= 0 else second - 1
        return last if last >= second else None

    def through_us(self) -> int | None:
        """Exchange time through which the feed was last proven alive."""
        return self._ends[-1] if self._ends else None


def _unbroken(before: FeedStatus, status: FeedStatus) -> bool:
    return (
        before.connected
        and before.alive_through_us is not None
        and before.reconnects == status.reconnects
        and status.at_us - before.at_us <= _LONGEST_SILENCE_US
    )
