"""Which watched symbols the server has confirmed on one connection. Times are the caller's monotonic seconds."""

from collections.abc import Iterable

_PATIENCE_S, _LONGEST_S = 10.0, 300.0


class Subscriptions:
    """Asked for at once, confirmed one by one; what stays unconfirmed is asked for again, ever more seldom."""

    def __init__(self, watched: Iterable[str], now_s: float) -> None:
        self._missing = dict.fromkeys(watched)
        self._patience_s = _PATIENCE_S
        self._due_s = now_s + self._patience_s

    def confirm(self, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            self._missing.pop(symbol, None)

    def missing(self) -> tuple[str, ...]:
        return tuple(self._missing)

    def overdue(self, now_s: float) -> tuple[str, ...]:
        """Symbols to ask for again now; the next time is twice as far away."""
        if now_s < self._due_s or not self._missing:
            return ()
        self._patience_s = min(_LONGEST_S, 2 * self._patience_s)
        self._due_s = now_s + self._patience_s
        return self.missing()
