"""The market's clock, as an argument: it decides liveness and latency, never data (semantics: session)."""

import time
from dataclasses import dataclass
from typing import Literal

import msgspec


class Replay(msgspec.Struct, frozen=True):
    """What is replayed: a trading day (ISO), how many times as fast as it was, and whether it runs now."""

    day: str
    speed: float
    state: Literal["waiting", "playing", "paused", "ended"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time in microseconds since the epoch, shifted by `offset_s` for tests of another day."""

    offset_s: float = 0.0

    def now_us(self) -> int:
        return self.market_us(time.time_ns() // 1_000)

    def market_us(self, machine_us: int) -> int:
        """What this clock shows when the machine's shows `machine_us`."""
        return machine_us + int(self.offset_s * 1_000_000)

    def machine_us(self, market_us: int) -> int:
        """What the machine's clock shows when this one shows `market_us`."""
        return market_us - int(self.offset_s * 1_000_000)

    def pace(self) -> float:
        """Seconds of this clock in one of the machine's."""
        return 1.0

    def replay(self) -> Replay | None:
        """What is replayed; None: the time is the market's own."""
        return None
