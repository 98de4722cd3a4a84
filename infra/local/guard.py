"""`python -m infra.local.guard`: outlives a supervisor that was killed, just long enough to end what it had started.

The supervisor writes `+GROUP` or `-GROUP` lines to our standard input; its end, however it came, closes that pipe.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Self

_GRACE_S = 5.0


class Guard:
    """The supervisor's side: which process groups must not outlive it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.guard"], stdin=subprocess.PIPE, process_group=0
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(_GRACE_S * 2)

    def add(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):  # somebody killed the guard: the kernel's own signal remains
                self._process.stdin.write(line.encode())
                self._process.stdin.flush()


def watch(lines: Iterable[str]) -> set[int]:
    """Read until the pipe closes; the groups that were still running then."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    return groups


def end(groups: set[int], grace_s: float = _GRACE_S) -> None:
    """SIGTERM to each group's leader, which ends its own; SIGKILL to the groups still there after the grace."""
    deadline = time.monotonic() + grace_s
    for leader in groups:
        _reached(os.kill, leader, signal.SIGTERM)
    left = groups
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if _reached(os.killpg, group, 0)}
    for group in left:
        _reached(os.killpg, group, signal.SIGKILL)


def _reached(send: Callable[[int, int], None], target: int, number: int) -> bool:
    """Whether there was somebody to be signalled."""
    try:
        send(target, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(watch(sys.stdin))


if __name__ == "__main__":
    main()
