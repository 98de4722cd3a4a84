"""Exchange to here, over the last minute, without what was only caught up with. Pure."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_S = 60
_PER_MS = 10  # resolution: 0.1 ms
_LEFT_OUT = -1  # no latency is negative


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds of the middle and of the 99th in a hundred, None without any; `left_out`: rows not in them."""

    p50_ms: float | None
    p99_ms: float | None
    count: int
    left_out: int


@dataclass(slots=True)
class Latency:
    """One histogram a second: its size follows how different the latencies are, not how many.

    `observe` is told each latency too, in seconds.

    Rows from before this process listened, or of a pipeline that comes back, say how long it was away: left out.
    """

    observe: Callable[[float], None] = lambda _: None
    _seconds: deque[tuple[int, Counter[int]]] = field(default_factory=deque)

    def add(self, latency_ms: float, now_s: float) -> None:
        self._count(round(latency_ms * _PER_MS), now_s)
        self.observe(latency_ms / 1_000)

    def leave_out(self, now_s: float) -> None:
        self._count(_LEFT_OUT, now_s)

    def _count(self, value: int, now_s: float) -> None:
        second = int(now_s)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append((second, Counter()))
            self._forget(second)
        self._seconds[-1][1][value] += 1

    def quantiles(self, now_s: float) -> Quantiles:
        self._forget(int(now_s))
        total: Counter[int] = Counter()
        for _, counts in self._seconds:
            total.update(counts)
        left_out = total.pop(_LEFT_OUT, 0)
        count = total.total()
        return Quantiles(_at(total, count, 0.50), _at(total, count, 0.99), count, left_out)

    def _forget(self, second: int) -> None:
        while self._seconds and self._seconds[0][0] <= second - WINDOW_S:
            self._seconds.popleft()


def _at(counts: Counter[int], count: int, share: float) -> float | None:
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= share * count:
            return value / _PER_MS
    return None
