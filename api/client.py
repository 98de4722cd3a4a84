"""One browser as the hub sees it: written to at once while it reads, otherwise a mailbox; never waited for. Pure."""

from collections.abc import Callable, Hashable
from typing import Protocol

SLOW_READER = 1013
MAILBOX = 5_000
LONGEST_STANDSTILL_S = 30.0


class Wire(Protocol):
    """The socket of one browser: `write` never blocks, and says through `Client.pause` when it has had enough."""

    def write(self, frame: bytes) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


class Client:
    """Frames for one browser, newest per key. A mailbox that is full, or stands still too long, ends that client."""

    def __init__(self, wire: Wire, on_gone: Callable[["Client"], None], mailbox: int = MAILBOX) -> None:
        self._wire = wire
        self._on_gone = on_gone
        self._limit = mailbox
        self._waiting: dict[Hashable, bytes] = {}
        self._paused_s: float | None = None
        self.gone = False

    def send(self, key: Hashable, frame: bytes) -> None:
        """`frame` to the browser, or in place of the one with its key that still waits."""
        if self.gone:
            return
        if self._paused_s is None:
            self._wire.write(frame)
        elif key in self._waiting or len(self._waiting) < self._limit:
            self._waiting[key] = frame
        else:
            self.end(SLOW_READER, f"reads too slowly: {self._limit} messages wait")

    def check(self, now_s: float) -> None:
        """Called once a second: a reader that takes nothing at all goes too, however little it was sent."""
        if self._paused_s is not None and now_s - self._paused_s > LONGEST_STANDSTILL_S:
            self.end(SLOW_READER, f"has read nothing for {LONGEST_STANDSTILL_S:g} s")

    def pause(self, now_s: float) -> None:
        self._paused_s = now_s

    def resume(self) -> None:
        """Write what waits, until the wire has had enough again."""
        self._paused_s = None
        while self._waiting and self._paused_s is None:
            key = next(iter(self._waiting))
            self._wire.write(self._waiting.pop(key))

    @property
    def idle(self) -> bool:
        """Whether all that was sent has left for the network."""
        return self._paused_s is None and not self._waiting

    def end(self, code: int, reason: str) -> None:
        """Close this client and no other."""
        if not self.gone:
            self.leave()
            self._wire.close(code, reason)

    def leave(self) -> None:
        """Forget the client: the socket is gone or going."""
        if not self.gone:
            self.gone = True
            self._waiting.clear()
            self._on_gone(self)
