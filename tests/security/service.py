"""One of the project's services as a process with wrong settings: what it says and how it ends."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STOP_S = 20.0


@dataclass(frozen=True)
class Process:
    """A running service and its log."""

    child: subprocess.Popen[bytes]
    log: Path

    def says(self, *texts: str, within_s: float = 60.0) -> str:
        """The first line of the log with all these texts; the process has to live until then."""
        deadline = time.monotonic() + within_s
        while True:
            found = [line for line in self._lines() if all(text in line for text in texts)]
            if found:
                return found[0]
            assert self.child.poll() is None, f"ended with {self.child.returncode}:\n{self.log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"not said: {texts}\n{self.log.read_text()[-3000:]}"
            time.sleep(0.1)

    def ends(self, within_s: float = 60.0) -> tuple[int, list[str]]:
        """Its exit status and all that it said."""
        return self.child.wait(within_s), self._lines()

    def _lines(self) -> list[str]:
        return self.log.read_text("utf-8").splitlines()


@contextmanager
def process(module: str, log: Path, environment: Mapping[str, str]) -> Iterator[Process]:
    """`python -m module` with nothing in its environment but this; killed at the end if it is still there."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    with log.open("wb") as out:
        command = [sys.executable, "-m", module]
        child = subprocess.Popen(command, env={**clean, **environment}, stdout=out, stderr=out)
    try:
        yield Process(child, log)
    finally:
        child.terminate()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
