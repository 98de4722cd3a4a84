"""How long something takes: its quantiles over the last minute, and a histogram since the start. Pure.

A time below zero says that two clocks differ, not how long anything took: it is counted apart and shown as no time.
"""

from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field

import msgspec

WINDOW_S = 60
CATCHING_UP_MS = 60_000.0  # what takes longer waited for somebody to come back
BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_PER_MS = 10  # what is counted is whole tenths of a millisecond
_BOUNDS = tuple(round(bound * 1_000 * _PER_MS) for bound in BOUNDS_S)
_FINE = 100 * _PER_MS  # up to here each tenth is a bucket of its own
_LEFT_OUT, _IMPOSSIBLE = -1, -2  # no other value is negative
_DISTRUST = 0.01  # the share of impossible ones from which on the 99th in a hundred says nothing


class Quantiles(msgspec.Struct, frozen=True):
    """Milliseconds of the middle and of the 99th in a hundred over the last minute; null without any.

    `left_out`: what was only caught up with. `impossible`: what took less than no time, as two clocks differ; more
    than one in a hundred of them, and both quantiles are null.
    """

    p50_ms: float | None
    p99_ms: float | None
    count: int
    left_out: int
    impossible: int = 0


class Took(msgspec.Struct, frozen=True):
    """`lately`, and since the process began: how many took up to each of `BOUNDS_S`, and longer than the last."""

    lately: Quantiles
    counts: tuple[int, ...]
    sum_s: float
    impossible: int


@dataclass(slots=True)
class Latency:
    """One count for each second and each bucket, some 3,300 at most however many times there are and how different.

    Up to 100 ms a bucket is 0.1 ms wide; beyond, a quantile is told as its bucket's end, less than 1 % too high.
    `resolution_ms`: of the stamps; what is less below zero than that is 0.
    """

    resolution_ms: float = 0.0
    _second: int = 0
    _open: Counter[int] = field(default_factory=Counter)
    _closed: deque[tuple[int, Counter[int]]] = field(default_factory=deque)
    _lately: Counter[int] = field(default_factory=Counter)  # of the closed ones
    _counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    _sum: int = 0
    _open_sum: int = 0  # exact, which the buckets are not
    _impossible: int = 0

    def add(self, took_ms: float, now_s: float) -> None:
        if took_ms > CATCHING_UP_MS:
            self.leave_out(now_s)
        elif took_ms < 0:
            self._count(0 if took_ms > -self.resolution_ms else _IMPOSSIBLE, now_s)
        else:
            tenths = round(took_ms * _PER_MS)
            self._count(tenths if tenths <= _FINE else _bucket(tenths), now_s)
            self._open_sum += tenths

    def leave_out(self, now_s: float) -> None:
        """Something from before somebody listened says how long he was away."""
        self._count(_LEFT_OUT, now_s)

    def quantiles(self, now_s: float) -> Quantiles:
        self._roll(int(now_s))
        found = self._lately + self._open
        left_out, impossible = found.pop(_LEFT_OUT, 0), found.pop(_IMPOSSIBLE, 0)
        count = found.total()
        if impossible > _DISTRUST * (count + impossible):
            return Quantiles(None, None, count, left_out, impossible)
        return Quantiles(_at(found, count, 0.50), _at(found, count, 0.99), count, left_out, impossible)

    def took(self, now_s: float) -> Took:
        """What is known, with all that was added before this second."""
        lately = self.quantiles(now_s)
        return Took(lately, tuple(self._counts), self._sum / (1_000 * _PER_MS), self._impossible)

    def _count(self, value: int, now_s: float) -> None:
        second = int(now_s)
        if second != self._second:
            self._roll(second)
        self._open[value] += 1

    def _roll(self, second: int) -> None:
        """Each second is looked at twice, when it is over and when it is too long ago, however often it is asked."""
        if second != self._second:
            if self._open:
                self._close()
            self._second = second
        while self._closed and self._closed[0][0] <= second - WINDOW_S:
            self._lately -= self._closed.popleft()[1]

    def _close(self) -> None:
        counts, self._open = self._open, Counter()
        self._sum, self._open_sum = self._sum + self._open_sum, 0
        self._closed.append((self._second, counts))
        self._lately.update(counts)
        self._impossible += counts[_IMPOSSIBLE]
        for value, times in counts.items():
            if value >= 0:
                self._counts[bisect_left(_BOUNDS, value)] += times


def _bucket(tenths: int) -> int:
    """The end of the bucket of what is longer than `_FINE`: 1 ms wide up to 1 s, 10 up to 10 s, 100 beyond.

    Each of `_BOUNDS` ends one, so that the histogram is as exact as without buckets.
    """
    width = 10 if tenths <= 10 * _FINE else 100 if tenths <= 100 * _FINE else 1_000
    return -(-tenths // width) * width


def _at(counts: Counter[int], count: int, share: float) -> float | None:
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= share * count:
            return value / _PER_MS
    return None
