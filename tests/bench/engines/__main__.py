"""`python -m tests.bench.engines [ENGINE …] [--install | --check | --rounds N]`: install, check or measure engines."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.engines import installed, made, measure
from tests.bench.engines.check import verdicts
from tests.bench.engines.site import site
from tests.bench.engines.subjects import ALL, BY_KEY, Subject
from tests.bench.engines.tape import Shape, tape, ten_today

KILLED = Shape("K", 6_000, 1_000, 200)


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engines", description=__doc__)
    parser.add_argument("engines", nargs="*", choices=[[], *BY_KEY], metavar="ENGINE", help=", ".join(BY_KEY))
    parser.add_argument("--install", action="store_true", help="only make their environments")
    parser.add_argument("--check", action="store_true", help="only whether the rows are right, also after a kill -9")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args(argv)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str]) -> int:
    given = arguments(argv)
    subjects = [BY_KEY[key] for key in given.engines] or list(ALL)
    if given.install:
        return int(len(installed(subjects, say)[0]) < len(subjects))
    if given.check:
        return checked(subjects)
    for figure in measure(given.rounds, say, subjects):
        values = f"{figure.median:,.1f} {figure.unit}" if figure.values else "-"
        right = {True: "right", False: "WRONG", None: ""}[figure.correct]
        say(f"{figure.measure} {figure.what} | {figure.subject} | {values} | {right} {figure.note}")
    return 0


def checked(subjects: Sequence[Subject]) -> int:
    """Print what each engine's rows are worth; 1 if any is wrong."""
    tapes, killed, right = made(), tape(KILLED, ten_today(time.time_ns() // 1_000)), True
    able, _ = installed(subjects, say)
    with tempfile.TemporaryDirectory(prefix="engines-") as data, site(Path(data)) as where:
        for subject in able:
            service = subject.service(where.data / subject.key, where.bootstrap)
            for when, kind, verdict in verdicts(where, service, tapes, killed):
                say(f"{subject.name}, {when}: {kind} {verdict}")
                right &= verdict.right
    return 0 if right and len(able) == len(subjects) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
