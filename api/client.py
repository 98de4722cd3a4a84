"""One browser as the hub sees it: written to at once while it reads, otherwise a mailbox; never waited for. Pure."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

from api.limits import LONGEST_STANDSTILL_S, MAILBOX

SLOW_READER = 1013


@dataclass(slots=True)
class Traffic:
    """Since the start: frames to all clients, those a newer one replaced; clients that left, and that were too slow."""

    frames: int = 0
    replaced: int = 0
    too_slow: int = 0
    left: int = 0


class Wire(Protocol):
    """The socket of one browser: `write` never blocks, and says through `Client.pause` when it has had enough."""

    def write(self, frame: bytes) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


class Client:
    """Frames for one browser, newest per key. A mailbox that is full, or stands still too long, ends that client.

    `is_plain`: it knows rows only, and is told neither the status nor goodbye.
    """

    is_plain = False

    def __init__(
        self, wire: Wire, on_gone: Callable[["Client"], None], mailbox: int = MAILBOX, traffic: Traffic | None = None
    ) -> None:
        self._wire = wire
        self._on_gone = on_gone
        self._limit = mailbox
        self._traffic = traffic or Traffic()
        self._waiting: dict[Hashable, bytes] = {}
        self._paused_s: float | None = None
        self.gone = False

    def send(self, key: Hashable, frame: bytes) -> None:
        """`frame` to the browser; while it does not read, behind what waits and instead of what waits under its key."""
        if self.gone:
            return
        self._traffic.frames += 1
        if self._paused_s is None:
            self._wire.write(frame)
        elif self._waiting.pop(key, None) is not None:
            self._traffic.replaced += 1
            self._waiting[key] = frame  # at the end: a status says what was sent before it
        elif len(self._waiting) < self._limit:
            self._waiting[key] = frame
        else:
            self._end_as_too_slow(f"reads too slowly: {self._limit} messages wait")

    def check(self, now_s: float) -> None:
        """Called once a second: a reader that takes nothing at all goes too, however little it was sent."""
        if self._paused_s is not None and now_s - self._paused_s > LONGEST_STANDSTILL_S:
            self._end_as_too_slow(f"has read nothing for {LONGEST_STANDSTILL_S:g} s")

    def pause(self, now_s: float) -> None:
        self._paused_s = now_s

    def resume(self) -> None:
        """Write what waits, until the wire has had enough again."""
        self._paused_s = None
        while self._waiting and self._paused_s is None:
            key = next(iter(self._waiting))
            self._wire.write(self._waiting.pop(key))

    @property
    def waiting(self) -> int:
        """Frames in the mailbox."""
        return len(self._waiting)

    @property
    def room(self) -> int:
        """Frames that the mailbox would still take."""
        return self._limit - len(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether all that was sent has left for the network."""
        return self._paused_s is None and not self._waiting

    def end(self, code: int, reason: str) -> None:
        """Close this client and no other."""
        if not self.gone:
            self.leave()
            self._wire.close(code, reason)

    def _end_as_too_slow(self, reason: str) -> None:
        self._traffic.too_slow += 1
        self.end(SLOW_READER, reason)

    def leave(self) -> None:
        """Forget the client: the socket is gone or going."""
        if not self.gone:
            self.gone = True
            self._traffic.left += 1
            self._waiting.clear()
            self._on_gone(self)
