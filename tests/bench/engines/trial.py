"""One engine, once: started on empty topics, checked against the oracle, then timed at each rate and on a backlog."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from infra.local.process import Child
from infra.local.service import Service
from tests.bench.engines.arrivals import Arrivals
from tests.bench.engines.feeding import Feed, producer
from tests.bench.engines.site import Site
from tests.bench.engines.tape import KINDS, Shape, Tape
from tests.bench.engines.verdicts import Verdict, shown_ns, verdict, waits_ms
from tests.bench.processes import spent_s

_START_S = 120.0
_NS = 1_000_000_000


class SilentError(RuntimeError):
    """An engine made no row of its first trade, or ended; the message holds the end of its log."""


@dataclass(frozen=True)
class Tapes:
    """`probe`: a few trades; `check`: warms up and is compared; `rates`: at their own rate; `backlog`: all at once."""

    probe: Tape
    check: Tape
    rates: tuple[Tape, ...]
    backlog: Tape


@dataclass(frozen=True)
class Timed:
    """A tape through an engine: waits in ms by kind (of trades not shown in time: at least), trades shown a second."""

    verdicts: Mapping[str, Verdict]
    waits_ms: Mapping[str, list[float]]
    per_second: float
    per_core: float  # of these in a second of processor time of the engine's processes

    @property
    def late(self) -> int:
        return sum(one.late for one in self.verdicts.values())


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for the rows of the check, and for those that are late after the last trade was sent."""

    check_s: float = 40.0
    late_s: float = 4.0
    backlog_s: float = 10.0


PATIENCE = Patience()


@dataclass(frozen=True)
class Outcome:
    """Of one engine and round: how its rows of the check compare, its times by tape, and how long its start took."""

    checked: Mapping[str, Verdict]
    timed: Mapping[Shape, Timed]
    start_s: float


def run(site: Site, service: Service, tapes: Tapes, patience: Patience = PATIENCE) -> Outcome:
    """Start the engine on empty topics, check and time it, stop it; `SilentError` when it makes no rows."""
    site.anew()
    begun = time.monotonic()
    with site.running(service) as child, closing(Trial(site, child, patience)) as trial:
        trial.answers(tapes.probe)
        start_s = time.monotonic() - begun
        checked = trial.checked(tapes.check)
        slow, *faster = tapes.rates
        timed = {slow.shape: trial.timed(slow, slow.shape.rate)}
        # An engine that cannot clear the backlog in time cannot hold the higher rate either, and takes it along.
        timed[tapes.backlog.shape] = trial.timed(tapes.backlog, None)
        timed |= {tape.shape: trial.timed(tape, tape.shape.rate) for tape in faster}
        return Outcome(checked, timed, start_s)


class Trial:
    """A started engine and its one consumer."""

    def __init__(self, site: Site, child: Child, patience: Patience) -> None:
        self._site = site
        self._child = child
        self._patience = patience
        self._arrivals = Arrivals(site.bootstrap)
        self._producer = producer(site.bootstrap)

    def close(self) -> None:
        self._arrivals.close()

    def answers(self, tape: Tape) -> None:
        """Wait for the rows of a few trades: it works; `SilentError` when it does not."""
        deadline = time.monotonic() + _START_S
        self.send(tape.records)
        while not self._arrivals.wait(tape, 1.0):
            self._must_run()
            if time.monotonic() > deadline:
                message = f"no rows in {_START_S:g} s\n{self._child.tail()}"
                raise SilentError(message)

    def _must_run(self) -> None:
        self._site.run(asyncio.sleep(0))  # only a loop that turns hears of a child's end
        if self._child.returncode is not None:
            message = f"ended with {self._child.returncode}\n{self._child.tail()}"
            raise SilentError(message)

    def send(self, records: Sequence[tuple[str, bytes]]) -> None:
        """All at once; returns when the broker has them."""
        Feed(self._producer, records).run()

    def checked(self, tape: Tape, begin: int = 0) -> Mapping[str, Verdict]:
        """The tape, from record `begin` on, and what its rows are worth."""
        self.send(tape.records[begin:])
        self._arrivals.wait(tape, self._patience.check_s)
        return self._verdicts(tape, complete=True)

    def timed(self, tape: Tape, rate: int | None) -> Timed:
        """The tape at a rate, or (None) all at once."""
        before_s, feed = self._core_s(), Feed(self._producer, tape.records, rate)
        feed.start()
        within_s = len(tape.records) / rate + self._patience.late_s if rate else self._patience.backlog_s
        complete = self._arrivals.wait(tape, within_s)
        end_ns, core_s = time.perf_counter_ns(), self._core_s() - before_s
        feed.join()
        shown = {kind: list(shown_ns(self._arrivals.of[kind], tape.shown[kind])) for kind in KINDS}
        waits = {kind: waits_ms(feed.sent_ns, at, end_ns) for kind, at in shown.items()}
        both = [max(bar, average) for (_, bar), (_, average) in zip(*shown.values(), strict=True) if bar and average]
        took_s = ((max(both) if complete else end_ns) - feed.sent_ns[0]) / _NS
        return Timed(self._verdicts(tape, complete=complete), waits, len(both) / took_s, len(both) / core_s)

    def _verdicts(self, tape: Tape, *, complete: bool) -> Mapping[str, Verdict]:
        return {kind: verdict(self._arrivals.of[kind], tape, kind, complete=complete) for kind in KINDS}

    def _core_s(self) -> float:
        """Processor time so far of the engine's processes."""
        self._must_run()
        return spent_s(self._child.pid)
