"""The machine's clock, as an argument: it decides liveness and latency, never data (semantics: session)."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time in microseconds since the epoch, shifted by `offset_s` for replays and day-change tests."""

    offset_s: float = 0.0

    def now_us(self) -> int:
        return time.time_ns() // 1_000 + int(self.offset_s * 1_000_000)
