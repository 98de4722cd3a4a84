"""P1 and P2: the same bars and averages by this project and by what people would pick instead, on one broker.

In each round each engine is started alone, on empty topics of one partition. What it makes of the first 20,000 trades
is compared with the oracle and not timed. Then it is fed 500 trades/s, a backlog (P2: how fast that drains is what it
can sustain) and 5,000 trades/s. A trade's wait is from its hand-over to the producer to the first row that counts it.
Each keeps its state as its documentation has it by default: Bytewax and Pathway in memory alone, the others on disk or
in Kafka. `--check` also tells what a kill -9 does to their rows.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from infra.local.parts import PartError
from infra.local.waiting import StartError
from tests.bench.engines.environments import InstallError
from tests.bench.engines.figures import absent, of_subject
from tests.bench.engines.site import Site, site
from tests.bench.engines.subjects import ALL, Subject
from tests.bench.engines.tape import Shape, tape, ten_today
from tests.bench.engines.trial import Outcome, SilentError, Tapes, run
from tests.bench.result import Figure

Say = Callable[[str], None]

PROBE = Shape("P", 20, 20, 2)
CHECK = Shape("C", 20_000, 4_000, 500)  # enough for a JVM to compile what is hot
RATES = (Shape("S", 2_500, 500, 200), Shape("F", 20_000, 5_000, 2_000))
BACKLOG = Shape("B", 20_000, 5_000, 2_000)


def measure(rounds: int, say: Say, subjects: Sequence[Subject] = ALL) -> list[Figure]:
    """P1 and P2 of every engine in interleaved rounds; each is started anew in each round, on empty topics."""
    able, figures = installed(subjects, say)
    outcomes: dict[str, list[Outcome]] = {subject.key: [] for subject in able}
    with tempfile.TemporaryDirectory(prefix="engines-") as data, site(Path(data)) as where:
        for n in range(rounds):
            for subject in list(able):
                try:
                    outcomes[subject.key].append(once(where, subject, n))
                except (SilentError, StartError) as error:
                    say(f"{subject.name}: {error}")
                    able.remove(subject)
                    figures.append(absent(subject.name, str(error).splitlines()[0]))
                    continue
                say(f"round {n + 1} {subject.name}: {told(outcomes[subject.key][-1])}")
    for subject in able:
        figures += of_subject(subject.name, outcomes[subject.key], RATES, BACKLOG)
    return figures


def made() -> Tapes:
    """The tapes of today."""
    return _tapes(ten_today(time.time_ns() // 1_000))


@cache
def _tapes(second: int) -> Tapes:
    probe, check, slow, fast, backlog = (tape(shape, second) for shape in (PROBE, CHECK, *RATES, BACKLOG))
    return Tapes(probe, check, (slow, fast), backlog)


def installed(subjects: Iterable[Subject], say: Say) -> tuple[list[Subject], list[Figure]]:
    """Those that can run here, and a figure with the reason for each that cannot."""
    able, missing = [], []
    for subject in subjects:
        try:
            subject.prepare()
        except (InstallError, PartError) as error:
            say(f"{subject.name} cannot be installed: {error}")
            missing.append(absent(subject.name, f"cannot be installed: {str(error).splitlines()[-1]}"))
        else:
            able.append(subject)
    return able, missing


def once(where: Site, subject: Subject, number: int) -> Outcome:
    """One engine in one round."""
    folder = where.data / f"{subject.key}-{number}"
    return run(where, subject.service(folder, where.bootstrap), made())


def told(outcome: Outcome) -> str:
    """An outcome in one line."""
    checked = ", ".join(f"{kind} {verdict}" for kind, verdict in outcome.checked.items())
    times = [f"start {outcome.start_s:.1f} s", checked]
    for shape, timed in outcome.timed.items():
        if shape == BACKLOG:
            times.append(f"drains {timed.per_second:,.0f}/s, {timed.per_core:,.0f}/s per core")
            continue
        waits = ", ".join(f"{kind} {_points(ms)}" for kind, ms in timed.waits_ms.items())
        times.append(f"{shape.rate:,}/s {waits}" + (f" ({timed.late:,} rows late)" if timed.late else ""))
    return "; ".join(times)


def _points(waits_ms: list[float]) -> str:
    ordered = sorted(waits_ms)
    return f"{ordered[len(ordered) // 2]:.1f}/{ordered[len(ordered) * 99 // 100]:.1f}/{ordered[-1]:.0f} ms"
