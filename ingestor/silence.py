"""When a quiet connection is a dead one. Times are the caller's monotonic seconds."""

from collections import deque

_TOTAL_S = 35.0  # the server's heartbeat comes every 30 s
_PING_AFTER_S = 17.0  # seldom: the vendor records every pong
_USUAL_GAPS = 12  # twelve usual gaps without a trade: at a trade a second, 12 s
_REMEMBERED = 30
_LONGEST_S = 120.0  # rarer trades than one in 10 s say nothing: heartbeats must do
_UNLEARNED_S = 300.0


class Silence:
    """Judges total silence, and silence of trades against how often this watch list usually trades."""

    def __init__(self) -> None:
        self._heard_s = self._traded_s = self._pinged_s = 0.0
        self._seconds: deque[int] = deque(maxlen=_REMEMBERED + 1)  # those with trades, so that a sweep counts once
        self._patience = 1.0
        self._busy = False

    def connected(self, now_s: float) -> None:
        """A new connection; what was learned of the usual pace stays."""
        self._heard_s = self._traded_s = self._pinged_s = now_s
        self._busy = False

    def busy(self) -> None:
        """A frame is being published: waiting for the broker is not silence of the exchange."""
        self._busy = True

    def heard(self, now_s: float, *, trade: bool) -> None:
        """A frame was received and dealt with."""
        self._busy, self._heard_s = False, now_s
        if not trade:
            return
        self._traded_s, self._patience = now_s, 1.0
        if not self._seconds or int(now_s) > self._seconds[-1]:
            self._seconds.append(int(now_s))

    def wants_ping(self, now_s: float) -> bool:
        """Once per quiet spell: a pong proves the connection before the next heartbeat would."""
        wanted = not self._busy and now_s - max(self._heard_s, self._pinged_s) >= _PING_AFTER_S
        self._pinged_s = now_s if wanted else self._pinged_s
        return wanted

    def verdict(self, now_s: float, *, trading: bool) -> str | None:
        """Why the connection must be given up; `trading`: the market is in continuous trading. None: it is well."""
        if self._busy:
            return None
        if now_s - self._heard_s >= _TOTAL_S:
            return f"silent for {_TOTAL_S:.0f} s"
        if not trading:
            self._traded_s = now_s  # the pause before the market opens is no silence
        limit = self._limit_s()
        if limit is None or now_s - self._traded_s < limit:
            return None
        self._patience *= 2  # a market that has really gone quiet costs few reconnects
        return f"no trade for {limit:.0f} s in continuous trading"

    def _limit_s(self) -> float | None:
        if len(self._seconds) <= _REMEMBERED:
            return _UNLEARNED_S * self._patience
        usual = _USUAL_GAPS * (self._seconds[-1] - self._seconds[0]) / _REMEMBERED
        return usual * self._patience if usual <= _LONGEST_S else None
