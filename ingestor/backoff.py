"""How long to wait before the next connection."""

import random

_FIRST_S, _LONGEST_S = 1.0, 60.0
# A refused connection means that the account's sockets are taken; asking sooner keeps them taken (fugle.md §1.6).
_CROWDED_FIRST_S, _CROWDED_LONGEST_S = 30.0, 300.0
HEALTHY_S = 10.0


class Backoff:
    """Full jitter over a doubling reach; starts anew after a connection that lasted ten seconds."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures = 0

    def pause_s(self, *, crowded: bool, lasted_s: float) -> float:
        """Seconds to wait after a connection that was subscribed for `lasted_s`."""
        self._failures = 0 if lasted_s >= HEALTHY_S else self._failures
        doubled = 2.0 ** min(self._failures, 10)
        self._failures += 1
        if crowded:
            least = min(_CROWDED_LONGEST_S, _CROWDED_FIRST_S * doubled)
            return least + self._rng.uniform(0, least / 2)
        return self._rng.uniform(0, min(_LONGEST_S, _FIRST_S * doubled))
