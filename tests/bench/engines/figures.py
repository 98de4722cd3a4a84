"""Outcomes of all rounds as figures of the bench (pure)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil

from tests.bench.engines.tape import KINDS, Shape
from tests.bench.engines.trial import Outcome
from tests.bench.engines.verdicts import Verdict
from tests.bench.result import Figure

_POINTS = ("p50", "p99", "max")
_ONE = {"bars": "bar", "averages": "average"}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)), 1) - 1]


def of_subject(
    subject: str, outcomes: Sequence[Outcome], rates: Sequence[Shape], backlog: Shape, *, gone: str = ""
) -> Iterator[Figure]:
    """P1 and P2 of one engine, a value a round; `gone`: why there are no more rounds of it."""
    correct, wrong = _all_right(outcomes), "; ".join(filter(None, (_what_is_wrong(outcomes), gone)))
    points: Mapping[str, Callable[[list[float]], float]] = {
        "p50": lambda waits: percentile(waits, 0.5),
        "p99": lambda waits: percentile(waits, 0.99),
        "max": max,
    }
    for shape in rates:
        late = _late(outcomes, shape)
        note = "; ".join(filter(None, (wrong, late and f"at least; {late}")))
        for kind in KINDS:
            for point in _POINTS:
                values = tuple(points[point](outcome.timed[shape].waits_ms[kind]) for outcome in outcomes)
                yield Figure("P1", f"trade → {_ONE[kind]}, {point}, {shape}", subject, "ms", values, correct, note)
    late = _late(outcomes, backlog)
    note = "; ".join(filter(None, (wrong, late and f"of those shown in time; {late}")))
    drained = tuple(outcome.timed[backlog].per_second for outcome in outcomes)
    what = f"trades/s through both, from a backlog of {backlog.trades:,} of {backlog.symbols:,} symbols"
    yield Figure("P2", what, subject, "trades/s", drained, correct, note)
    each = tuple(outcome.timed[backlog].per_core for outcome in outcomes)
    yield Figure("P2", f"{what}, per core", subject, "trades/s per core", each, correct, note)


def absent(subject: str, why: str) -> Figure:
    """A subject that could not be measured."""
    return Figure("P1", "not measured", subject, "", (), None, why)


def _verdicts(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, Verdict]]:
    for outcome in outcomes:
        yield from outcome.checked.items()
        for timed in outcome.timed.values():
            yield from timed.verdicts.items()


def _all_right(outcomes: Sequence[Outcome]) -> bool:
    return all(verdict.right for _, verdict in _verdicts(outcomes))


def _what_is_wrong(outcomes: Sequence[Outcome]) -> str:
    wrong = [(kind, verdict) for kind, verdict in _verdicts(outcomes) if not verdict.right]
    return f"{wrong[0][0]}: {wrong[0][1]}" if wrong else ""


def _late(outcomes: Sequence[Outcome], shape: Shape) -> str:
    late = max(outcome.timed[shape].late for outcome in outcomes)
    return f"falls behind: up to {late:,} rows were not there in time" if late else ""
