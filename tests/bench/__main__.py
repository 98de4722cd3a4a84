"""`python -m tests.bench [P4 P6 …]`: our figures beside their anchors', all of MEASURES that are USUAL or those named.

A measure is a module of `tests.bench` with one function, which runs interleaved rounds and tells how far it is:

    def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]: ...

Each runs in a process of its own (`tests.bench.one`), so that none inherits another's memory, threads or failure.
`tests.bench.engines` gives P1 and P2 in one call. The run is kept in var/bench; `tests.bench.report` publishes it.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from market.settings import load
from tests.bench import saved
from tests.bench.settings import BenchSettings
from tests.bench.table import lines

# In the order of a run: the cheap ones first.
MEASURES = {
    "P4": "sink",
    "P6": "history",
    "P5": "fanout",
    "P8": "start",
    "P7": "footprint",
    "P3": "path",
    "P9": "backlog",
    "P1": "engines",
    "P2": "engines",
    "P10": "growth",
}
USUAL = tuple(name for name in MEASURES if name != "P10")  # whose curves take as long as all the others
RUNS = Path("var/bench")
INSTALLS = {"engines": ("tests.bench.engines", "--install")}  # before its clock starts
LONGEST_S, LONGER_S = 1_800.0, {"engines": 3_600.0}  # seven engines in five rounds
_END_S = 60.0


def main(asked: Sequence[str]) -> int:
    if unknown := set(asked) - MEASURES.keys():
        sys.exit(f"no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    names, settings = asked or USUAL, load(BenchSettings)
    file, run, failed = RUNS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}.json", saved.Run(), []
    for module in modules(names):
        if not (found := measured(module, settings.rounds)):
            failed.append(module)
        run |= {name: part for name, part in found.items() if name in names}
        saved.write(file, run)  # after each: a run that is broken off has what it found
    for line in ("", *lines(run), "", f"kept in {file}; into the docs: python -m tests.bench.report {file}"):
        say(line)
    if failed:
        say(f"failed, with the reason above: {', '.join(failed)}")
    return int(bool(failed))


def modules(names: Iterable[str]) -> list[str]:
    """Each module once, in the order of MEASURES."""
    return list(dict.fromkeys(module for name, module in MEASURES.items() if name in names))


def measured(module: str, rounds: int) -> saved.Run:
    """What the module's process found until its time was over; nothing if it failed."""
    say(f"— {module}")
    if module in INSTALLS:
        subprocess.run([sys.executable, "-m", *INSTALLS[module]], check=False)  # what that lacks, the measure names
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "run.json"
        command = [sys.executable, "-m", "tests.bench.one", f"tests.bench.{module}", str(rounds), str(file)]
        with subprocess.Popen(command) as process:
            code = ended(process, LONGER_S.get(module, LONGEST_S))
        say(f"— {module}: {'done' if code == 0 else f'failed with code {code}'}, {time.monotonic() - began_s:.0f} s")
        return saved.read(file) if code == 0 else {}


def ended(process: subprocess.Popen[bytes], longest_s: float, end_s: float = _END_S) -> int:
    """Its code; after `longest_s` it is told to end, and killed (what it started ends with it) `end_s` after that."""
    for limit_s, end in ((longest_s, process.terminate), (end_s, process.kill)):
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            end()
    return process.wait(end_s)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
