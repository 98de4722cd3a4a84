"""`python -m tests.bench.gate`: whether each hot function still costs what it did, within a margin no noise reaches.

`--write`: it may cost what it does now. `--slow FUNCTION`: as if it cost 30 % more, to see that this is found.

A cost is CPU time beside that of a fixed reference (`yardstick.py`), in short turns in one thread: what else slows the
machine slows both. The middle of many turns is compared, and only what is too slow again and again is told.
"""

import argparse
import gc
import platform
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import msgspec

from tests.bench.hot import Work, works
from tests.bench.yardstick import reference

EXPECTED = Path(__file__).with_name("gate.json")
HERE = f"Python {platform.python_version()}, {platform.machine()}"
MARGIN = 1.15  # on a busy machine measurements of the same code reach 1.09, and those of SLOWER code begin at 1.22
SLOWER = 1.3
ROUNDS, TRIES = 40, 3
_WARM = 3
_WRITTEN_FROM = 5

Ratios = Mapping[str, float]


def ratios(hot: Mapping[str, Work], rounds: int = ROUNDS) -> dict[str, float]:
    """CPU time of each by that of the reference before and after it, the middle of `rounds`."""
    turns = [_turn(hot) for _ in range(_WARM + rounds)][_WARM:]
    return {name: median(turn[name] for turn in turns) for name in hot}


def regressions(
    hot: Mapping[str, Work], expected: Ratios, measure: Callable[[Mapping[str, Work]], Ratios] = ratios
) -> dict[str, float]:
    """The least ratio of each function that was over the margin in every try."""
    found: dict[str, float] = {}
    suspects = dict(hot)
    for _ in range(TRIES):
        now = measure(suspects)
        found = {
            name: min(now[name], found.get(name, now[name])) for name in suspects if now[name] > MARGIN * expected[name]
        }
        suspects = {name: hot[name] for name in found}
    return found


def told(found: Ratios, expected: Ratios) -> list[str]:
    """What is too slow, by how much, and what to do."""
    return [
        f"{name} costs {ratio:.2f} times the reference, {ratio / expected[name] - 1:.0%} more than the "
        f"{expected[name]:.2f} in {EXPECTED.name}: make it as cheap again (py-spy shows where it goes), or if it "
        f"has to cost that, say so with `python -m tests.bench.gate --write` and why in the commit"
        for name, ratio in found.items()
    ]


def slowed(work: Work, factor: float = SLOWER) -> Work:
    """The same work, and as much more CPU time."""

    def slow() -> object:
        began_ns = time.thread_time_ns()
        done = work()
        until_ns = began_ns + (time.thread_time_ns() - began_ns) * factor
        while time.thread_time_ns() < until_ns:
            pass
        return done

    return slow


def expected(written: Mapping[str, Ratios], here: str = HERE) -> dict[str, float]:
    """What each function costs by this build of Python; by one that nobody has measured, the most it costs by any."""
    known = [written[here]] if here in written else [*written.values()]
    return {name: max(one[name] for one in known) for name in known[0]}


def write(hot: Mapping[str, Work]) -> None:
    runs = [ratios(hot) for _ in range(_WRITTEN_FROM)]
    now = {name: round(median(run[name] for run in runs), 3) for name in hot}
    text = msgspec.json.format(msgspec.json.encode(written() | {HERE: now}), indent=2)
    EXPECTED.write_bytes(text + b"\n")


def written() -> dict[str, dict[str, float]]:
    """By build of Python, as EXPECTED says."""
    return msgspec.json.decode(EXPECTED.read_bytes(), type=dict[str, dict[str, float]])


def _turn(hot: Mapping[str, Work]) -> dict[str, float]:
    gc.collect(0)
    gc.disable()
    try:
        found, before_ns = {}, _spent_ns(reference)
        for name, work in hot.items():
            spent_ns, after_ns = _spent_ns(work), _spent_ns(reference)
            found[name] = 2 * spent_ns / (before_ns + after_ns)
            before_ns = after_ns
        return found
    finally:
        gc.enable()


def _spent_ns(work: Work) -> int:
    began_ns = time.thread_time_ns()
    work()
    return time.thread_time_ns() - began_ns


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gate", description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--slow", metavar="FUNCTION", choices=[*works()])
    asked, hot = parser.parse_args(), works()
    if asked.write:
        write(hot)
        return 0
    before = expected(written())
    if asked.slow:
        hot[asked.slow] = slowed(hot[asked.slow])
    for name, ratio in ratios(hot).items():
        sys.stdout.write(f"{ratio:7.3f}  {ratio / before[name] - 1:+6.1%}  {name}\n")
    found = told(regressions(hot, before), before)
    sys.stdout.writelines(f"{line}\n" for line in found)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
