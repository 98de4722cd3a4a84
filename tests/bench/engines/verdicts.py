"""What an engine's rows are worth: against the oracle's, and when each trade showed in them (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.bench.engines.arrivals import Versions
from tests.bench.engines.tape import Row, Tape
from tests.e2e.compare import differences
from tests.e2e.exact import exact_json

_MS = 1_000_000


@dataclass(frozen=True)
class Verdict:
    """Rows of one kind against the oracle's; `late`: not in their last version when the time was over."""

    rows: int
    missing: int
    extra: int
    wrong: int
    late: int = 0

    @property
    def right(self) -> bool:
        return (self.missing, self.extra, self.wrong) == (0, 0, 0)

    def __str__(self) -> str:
        return f"{self.missing} missing, {self.extra} extra, {self.wrong} wrong of {self.rows:,}"


def shown_ns(versions: Versions, needs: Iterable[tuple[Row, int] | None]) -> Iterator[tuple[int, int | None]]:
    """Of each record that shows in a row its number and when that was; None: not yet."""
    for n, need in enumerate(needs):
        if need:
            yield n, versions.reached_ns(*need)


def waits_ms(sent_ns: Sequence[int], shown: Iterable[tuple[int, int | None]], end_ns: int) -> list[float]:
    """From sent to shown; of those not shown yet, how long it was by the end."""
    return [((end_ns if at is None else at) - sent_ns[n]) / _MS for n, at in shown]


def verdict(versions: Versions, tape: Tape, kind: str, *, complete: bool) -> Verdict:
    """The tape's rows in a topic against the oracle's; an unfinished topic lacks nothing, it is late."""
    wanted = tape.rows[kind]
    late = set() if complete else {row for row, of in wanted.items() if versions.counts(row) < of["trades"]}
    wanted = {row: of for row, of in wanted.items() if row not in late}
    values = {row: value for row, value in versions.newest.items() if row[0].startswith(tape.shape.letter)}
    found = {row: _contracts(exact_json(value), wanted.get(row)) for row, value in values.items() if row not in late}
    return Verdict(len(wanted), *differences(found, wanted), late=len(late))


def _contracts(row: dict[str, object], wanted: dict[str, object] | None) -> dict[str, object]:
    """The fields that the contract names; an engine may add its own."""
    return row if wanted is None else {name: row.get(name) for name in wanted}
