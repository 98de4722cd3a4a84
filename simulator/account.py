"""What the plan allows: subscriptions, connections, REST calls a minute (fugle.md 4). One account holds all of it."""

from dataclasses import dataclass
from typing import Literal

PlanName = Literal["basic", "developer", "advanced"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a plan."""

    subscriptions: int
    connections: int
    calls_a_minute: int


PLANS: dict[PlanName, Limits] = {
    "basic": Limits(5, 1, 60),
    "developer": Limits(300, 2, 600),
    "advanced": Limits(2_000, 2, 2_000),
}


@dataclass(slots=True)
class Account:
    """The one account of this exchange and what it uses of its plan."""

    key: str
    limits: Limits
    connections: int = 0
    subscriptions: int = 0
    _minute: int = -1
    _calls: int = 0

    def admits_connection(self) -> bool:
        return self.connections < self.limits.connections

    def admits_subscriptions(self, new: int) -> bool:
        """A full quota refuses even a repeat, which would need nothing."""
        return self.subscriptions < self.limits.subscriptions >= self.subscriptions + new

    def admits_call(self, now_us: int) -> bool:
        """Count a REST call; False over the limit, until the clock's next minute."""
        minute = now_us // 60_000_000
        if minute != self._minute:
            self._minute, self._calls = minute, 0
        self._calls += 1
        return self._calls <= self.limits.calls_a_minute
