"""When the feed was proven alive, from what it said of itself once a second. Pure."""

from bisect import bisect_right

from market.messages import FeedStatus, Watched

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

    def since_us(self, second: int) -> int:
        """The end of what was proven before the stretch that holds a second: since then the connection is another."""
        at = bisect_right(self._starts, second * 1_000_000) - 1
        return self._ends[at - 1] if at > 0 else 0

    def reach(self, second: int) -> int | None:
        """The last second that was proven without a pause from the beginning of `second` on; None: not even that."""
        at = bisect_right(self._starts, second * 1_000_000) - 1
        last = self._ends[at] // 1_000_000 - 1 if at >= 0 else second - 1
        return last if last >= second else None

    def through_us(self) -> int | None:
        """Exchange time through which the feed was last proven alive."""
        return self._ends[-1] if self._ends else None


class Watching:
    """Whose subscriptions were confirmed when; on a new connection nobody's is until it is said again."""

    def __init__(self) -> None:
        self._told_us: list[int] = []
        self._symbols: list[frozenset[str]] = []

    def note(self, watched: Watched) -> None:
        """In their order; older ones than the last are ignored."""
        if self._told_us and watched.at_us <= self._told_us[-1]:
            return
        symbols = frozenset(watched.symbols)
        if self._symbols and symbols == self._symbols[-1]:
            symbols = self._symbols[-1]  # an hourly repetition takes no memory
        self._told_us.append(watched.at_us)
        self._symbols.append(symbols)
        while self._told_us[0] < watched.at_us - KEEP_US:
            del self._told_us[0], self._symbols[0]

    def covers(self, symbol: str, second: int, since_us: int) -> bool:
        """Whether a symbol was watched from a second's beginning on, by what was told after `since_us`."""
        at = bisect_right(self._told_us, second * 1_000_000) - 1
        return at >= 0 and self._told_us[at] > since_us and symbol in self._symbols[at]


def _unbroken(before: FeedStatus, status: FeedStatus) -> bool:
    return (
        before.connected
        and before.alive_through_us is not None
        and before.connection == status.connection
        and (status.connection is not None or _seems_unbroken(before, status))
    )


def _seems_unbroken(before: FeedStatus, status: FeedStatus) -> bool:
    """Of statuses that do not name their connection: a restart counts its reconnects anew, but takes its time."""
    return before.reconnects == status.reconnects and status.at_us - before.at_us <= _LONGEST_SILENCE_US
