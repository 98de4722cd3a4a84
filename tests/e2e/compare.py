"""All rows of every reader against the oracle on the exchange's ledger."""

import time
from collections.abc import Callable

from simulator.ledger import trades
from tests import oracle
from tests.builders import by_key
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack

Rows = dict[tuple[str, int], dict[str, object]]
KINDS = ("bars", "averages")
SETTLE_S = 60


def expected(stack: Stack) -> dict[str, Rows]:
    """What has to come out of all that the exchange printed."""
    bars = oracle.bars(trades(stack.ledger))
    return {"bars": bars, "averages": oracle.averages(bars)}


def compare(stack: Stack, screen: Screen, say: Callable[[str], None], settle_s: float = SETTLE_S) -> None:
    """Wait until every reader has the oracle's rows, then say how many; fails with the differences."""
    for kind, rows in expected(stack).items():
        readers = {"MySQL": lambda kind=kind: by_key(stack.rows(kind)), "client": lambda kind=kind: screen.rows[kind]}
        for reader, read in readers.items():
            settle(read, rows, settle_s)
            found = read()
            missing, extra, wrong = differences(found, rows)
            say(f"{reader} {kind}: rows {len(rows)}, missing {missing}, extra {extra}, wrong {wrong}")
            assert (missing, extra, wrong) == (0, 0, 0), f"{reader} {kind}: {_examples(found, rows)}"


def differences(rows: Rows, expected: Rows) -> tuple[int, int, int]:
    """Missing, extra and wrong rows."""
    wrong = sum(rows[key] != expected[key] for key in rows.keys() & expected.keys())
    return len(expected.keys() - rows.keys()), len(rows.keys() - expected.keys()), wrong


def settle(read: Callable[[], Rows], expected: Rows, seconds: float = SETTLE_S) -> None:
    """Wait until there is no difference, or the time is over."""
    deadline = time.monotonic() + seconds
    while differences(read(), expected) != (0, 0, 0) and time.monotonic() < deadline:
        time.sleep(0.5)


def _examples(rows: Rows, expected: Rows, most: int = 5) -> list[tuple[object, object]]:
    keys = sorted(rows.keys() | expected.keys(), key=lambda key: (key[1], key[0]))
    return [(rows.get(key), expected.get(key)) for key in keys if rows.get(key) != expected.get(key)][:most]
