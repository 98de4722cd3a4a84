"""What is known of one hop of the path: its state, since when, and why."""

import time
from dataclasses import dataclass, field
from typing import Literal

State = Literal["unknown", "ok", "stale", "down"]
STALE_S = 3.0  # what speaks once a second, and has not for so long, is stale
MUTE_S = 35.0  # the exchange's heartbeat comes every 30 s


@dataclass(slots=True)
class Hop:
    """A hop as its own adapter reports it; `reason` is for logs and readiness, never empty while down."""

    name: str
    state: State = "unknown"
    reason: str = "not asked yet"
    since_s: float = field(default_factory=time.monotonic)

    def up(self) -> None:
        self._set("ok", "")

    def down(self, reason: str) -> None:
        self._set("down", reason)

    def _set(self, state: State, reason: str) -> None:
        if state != self.state:
            self.since_s = time.monotonic()
        self.state, self.reason = state, reason
