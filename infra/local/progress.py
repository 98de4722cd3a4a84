"""One line that says how much has arrived, on stderr."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

_MB = 1_000_000


class Progress:
    """While entered, shows `arrived()` bytes against `total`: in place on a terminal, else every few seconds."""

    def __init__(self, what: str, total: int, arrived: Callable[[], int]) -> None:
        self._what, self._total, self._arrived = what, total, arrived
        self._terminal = sys.stderr.isatty()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if kind is None:
            took = time.monotonic() - self._began
            self._write(f"{self._what}: {self._total / _MB:.0f} MB in {took:.0f} s")
        if self._terminal:
            sys.stderr.write("\n")

    def _show(self) -> None:
        while not self._done.wait(0.2 if self._terminal else 5.0):
            arrived = min(self._arrived(), self._total)
            bar = "#" * (30 * arrived // self._total)
            self._write(f"{self._what}: {bar:<30} {arrived / _MB:.0f} of {self._total / _MB:.0f} MB")

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r\033[K{line}" if self._terminal else f"{line}\n")
        sys.stderr.flush()


def bytes_under(folder: Path) -> int:
    """Bytes of all files below a folder that others are writing."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:
            continue
    return total
