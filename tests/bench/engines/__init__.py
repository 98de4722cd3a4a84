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
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from pathlib import Path

from confluent_kafka import KafkaException

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
    runs = [Rounds(subject) for subject in able]
    with tempfile.TemporaryDirectory(prefix="engines-") as data, site(Path(data)) as where:
        interleaved(rounds, runs, partial(once, where), say)
    return [*figures, *chain.from_iterable(each.figures() for each in runs)]


@dataclass
class Rounds:
    """What one engine has shown until it was gone; `gone` says why."""

    subject: Subject
    outcomes: list[Outcome] = field(default_factory=list)
    gone: str = ""

    def figures(self) -> list[Figure]:
        if not self.outcomes:
            return [absent(self.subject.name, self.gone)]
        gone = f"no round {len(self.outcomes) + 1}: {self.gone}" if self.gone else ""
        return list(of_subject(self.subject.name, self.outcomes, RATES, BACKLOG, gone=gone))


def interleaved(rounds: int, runs: Sequence[Rounds], once: Callable[[Subject, int], Outcome], say: Say) -> None:
    """All of them in turn, `rounds` times; one that fails is left out from then on, and keeps what it has shown."""
    try:
        for n in range(rounds):
            for each in (each for each in runs if not each.gone):
                _next(each, n, once, say)
    except SystemExit as stopped:  # its time is over: the rounds until now are good
        say(str(stopped))
        for each in runs:
            each.gone = each.gone or (str(stopped) if len(each.outcomes) < rounds else "")


def _next(run: Rounds, n: int, once: Callable[[Subject, int], Outcome], say: Say) -> None:
    try:
        run.outcomes.append(once(run.subject, n))
    except (SilentError, StartError, TimeoutError, KafkaException) as error:
        say(f"round {n + 1} {run.subject.name}: {error}")
        run.gone = (str(error) or type(error).__name__).splitlines()[0]
    else:
        say(f"round {n + 1} {run.subject.name}: {told(run.outcomes[-1])}")


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
