"""Live trading at 200 trades a second: MySQL and a connected client equal the oracle on the exchange's ledger."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.ledger import trades
from tests import oracle
from tests.builders import by_key
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack, running, until

pytestmark = pytest.mark.stack

Rows = dict[tuple[str, int], dict[str, object]]


def test_a_short_session_is_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session(tmp_path, 20, lambda line: _say(capsys, line))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_long_session_is_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    minutes = float(os.environ.get("SOAK_MINUTES", "10"))
    session(tmp_path, minutes * 60, lambda line: _say(capsys, line))


def session(folder: Path, seconds: float, say: Callable[[str], None]) -> None:
    settings = {"SIMULATOR_RATE": "200", "SIMULATOR_SYMBOLS": "50", "SIMULATOR_BEGIN": "when_told"}
    with running(folder / "data", **settings) as stack, Screen(stack.addresses["page"], ["*"]) as screen:
        until(lambda: stack.exchange("/control/stats")["subscriptions"] == 50, "the ingestor subscribed to all symbols")
        stack.exchange("/control/begin")
        _watch(stack, seconds, say)
        stack.exchange("/control/end")
        compare(stack, screen, say)
        _latencies(screen, say)


def _watch(stack: Stack, seconds: float, say: Callable[[str], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 30))
        status = stack.get("/api/v1/status")
        say(f"{left:4.0f} s left, trades {status['feed']['trades']}, latency {status['latency']}")


def compare(stack: Stack, screen: Screen, say: Callable[[str], None]) -> None:
    """Wait until every reader has the oracle's rows, then say how many; fails with the differences."""
    bars = oracle.bars(trades(stack.ledger))
    expected = {"bars": bars, "averages": oracle.averages(bars)}
    for kind, rows in expected.items():
        readers = {"MySQL": lambda kind=kind: by_key(stack.rows(kind)), "client": lambda kind=kind: screen.rows[kind]}
        for reader, read in readers.items():
            _settle(read, rows)
            missing, extra, wrong = differences(read(), rows)
            say(f"{reader} {kind}: rows {len(rows)}, missing {missing}, extra {extra}, wrong {wrong}")
            assert (missing, extra, wrong) == (0, 0, 0), f"{reader} {kind}"


def differences(rows: Rows, expected: Rows) -> tuple[int, int, int]:
    """Missing, extra and wrong rows."""
    wrong = sum(rows[key] != expected[key] for key in rows.keys() & expected.keys())
    return len(expected.keys() - rows.keys()), len(rows.keys() - expected.keys()), wrong


def _settle(read: Callable[[], Rows], expected: Rows) -> None:
    deadline = time.monotonic() + 60
    while differences(read(), expected) != (0, 0, 0) and time.monotonic() < deadline:
        time.sleep(0.5)


def _latencies(screen: Screen, say: Callable[[str], None]) -> None:
    found = sorted(screen.latencies_ms)
    p50, p99 = found[len(found) // 2], found[int(len(found) * 0.99)]
    say(f"exchange -> WebSocket client: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {found[-1]:.0f} ms, {len(found)} bars")


def _say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(f"\n    {line}", end="", flush=True)  # noqa: T201 - the figures are what is asked for
