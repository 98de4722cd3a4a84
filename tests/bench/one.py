"""One measure in a process of its own: `python -m tests.bench.one MODULE ROUNDS FILE` (started by `tests.bench`)."""

import importlib
import signal
import sys
import time
from pathlib import Path

from tests.bench import saved


def main(module: str, rounds: int, file: Path) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped: it took too long"))  # what it started is ended in order
    began_s = time.monotonic()

    def say(line: str) -> None:
        sys.stdout.write(f"  {time.monotonic() - began_s:5.0f} s  {line}\n")
        sys.stdout.flush()

    saved.write(file, saved.made(importlib.import_module(module).measure(rounds, say)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
