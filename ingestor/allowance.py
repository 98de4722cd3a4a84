"""The plan's REST calls: how long to wait before the next one. Pure; times are the caller's monotonic seconds."""

import random

_OURS = 0.9  # of the plan's calls a minute; the rest is a reserve for whoever else uses the account
_AT_ONCE = 0.25  # of ours; the rest comes evenly, so that no sixty seconds hold more than ours
_FIRST_S, _LONGEST_S = 1.0, 16.0
_SPREAD_S = 2.0
_WHOLE = 1 - 1e-6  # the bucket is a float


class Allowance:
    """A bucket that fills evenly, with a door that a refusal or a fault of the server shuts for a while."""

    def __init__(self, calls_per_minute: int, rng: random.Random, now_s: float = 0.0) -> None:
        ours = max(2.0, _OURS * calls_per_minute)
        self._most = max(1.0, _AT_ONCE * ours)
        self._per_s = (ours - self._most) / 60
        self._rng = rng
        self._left = self._most
        self._filled_s = now_s
        self._shut_until_s = now_s
        self._failures = 0

    def wait_s(self, now_s: float) -> float:
        """Seconds until a call may be made; 0: now, and then it counts as made."""
        self._left = min(self._most, self._left + (now_s - self._filled_s) * self._per_s)
        self._filled_s = now_s
        if now_s < self._shut_until_s:
            return self._shut_until_s - now_s
        if self._left < _WHOLE:
            return (1 - self._left) / self._per_s
        self._left -= 1
        return 0.0

    def answered(self) -> None:
        self._failures = 0

    def refused(self, now_s: float, next_minute_s: float) -> None:
        """Too many calls, ours or another's: nothing before the next minute (fugle.md §3.3)."""
        self._shut(now_s + next_minute_s + self._rng.uniform(0, _SPREAD_S))

    def failed(self, now_s: float) -> None:
        """The server, or the way to it, is out of order: twice as long each time, spread over half of it."""
        longest = min(_LONGEST_S, _FIRST_S * 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._shut(now_s + self._rng.uniform(longest / 2, longest))

    def _shut(self, until_s: float) -> None:
        self._shut_until_s = max(self._shut_until_s, until_s)
