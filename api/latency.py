"""Exchange to here, over the last minute. Pure."""

from collections import Counter, deque
from dataclasses import dataclass, field

WINDOW_S = 60
_PER_MS = 10  # resolution: 0.1 ms


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds of the middle and of the 99th in a hundred; None without a measurement."""

    p50_ms: float | None
    p99_ms: float | None
    count: int


@dataclass(slots=True)
class Latency:
    """One histogram a second: its size follows how different the latencies are, not how many."""

    _seconds: deque[tuple[int, Counter[int]]] = field(default_factory=deque)

    def add(self, latency_ms: float, now_s: float) -> None:
        second = int(now_s)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append((second, Counter()))
            self._forget(second)
        self._seconds[-1][1][round(latency_ms * _PER_MS)] += 1

    def quantiles(self, now_s: float) -> Quantiles:
        self._forget(int(now_s))
        total: Counter[int] = Counter()
        for _, counts in self._seconds:
            total.update(counts)
        count = total.total()
        return Quantiles(_at(total, count, 0.50), _at(total, count, 0.99), count)

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
