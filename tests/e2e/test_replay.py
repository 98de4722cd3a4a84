"""Yesterday replayed is yesterday's rows: a session is recorded on one pipeline and played again on another."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from market.calendar import trading_day
from market.clock import Clock
from market.recording import Answer, Frame, Line, parts, read
from simulator.ledger import trades
from tests import oracle
from tests.builders import by_key
from tests.e2e.compare import Rows, differences, settle
from tests.e2e.stack import Stack, running, until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("far_from_midnight")]

SETTINGS = {"SIMULATOR_RATE": "150", "SIMULATOR_SYMBOLS": "20", "SIMULATOR_BEGIN": "when_told"}
SPEED = 10
TRADED_S = 15
TABLES = ("bars", "averages")


@dataclass(frozen=True)
class Yesterday:
    """A recorded session: its tape, and what the live pipeline stored of it."""

    tape: Path
    lines: list[Line]
    rows: dict[str, Rows]
    gaps: dict[tuple[str, int, int], str]


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Yesterday:
    """A minute in which the stream loses trades, then the connection."""
    folder = tmp_path_factory.mktemp("live")
    with running(folder / "data", **SETTINGS, INGESTOR_RECORD_FOLDER=str(folder / "tapes")) as stack:
        until(lambda: stack.exchange("/control/stats")["subscriptions"] == 20, "the ingestor subscribed to all symbols")
        stack.exchange("/control/begin")
        for fault in ("swallow=0.05", "swallow=0&drop=1", "duplicate=0.1"):
            time.sleep(TRADED_S)
            stack.exchange(f"/control/fault?{fault}")
        until(lambda: stack.exchange("/control/stats")["subscriptions"] == 20, "the ingestor came back")
        time.sleep(TRADED_S)
        stack.exchange("/control/end")
        bars = oracle.bars(trades(stack.ledger))
        for table, rows in (("bars", bars), ("averages", oracle.averages(bars))):
            settle(lambda table=table: by_key(stack.rows(table)), rows)
            assert differences(by_key(stack.rows(table)), rows) == (0, 0, 0)
        until(lambda: set(gaps(stack).values()) == {"healed"}, "every gap is healed")
        stored = {table: by_key(stack.rows(table)) for table in TABLES}, gaps(stack)
        stack.stop()
    tape = folder / "tapes" / trading_day(Clock().now_us()).isoformat()
    return Yesterday(tape, [line for _, line in read(parts(tape), _never)], *stored)


@pytest.fixture(scope="module")
def again(yesterday: Yesterday, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    command = ("replay", "--tape", str(yesterday.tape), "--speed", str(SPEED))
    with running(tmp_path_factory.mktemp("again") / "data", *command) as stack:
        yield stack


def test_the_tape_holds_what_the_stream_lost_and_where_it_ended(yesterday: Yesterday) -> None:
    connections = {line.c for line in yesterday.lines if isinstance(line, Frame)}
    assert connections == {1, 2}
    assert any(isinstance(line, Answer) and line.path.startswith("trades/") for line in yesterday.lines)
    assert yesterday.gaps


def test_the_same_rows_come_out_and_what_is_said_meanwhile_makes_sense(yesterday: Yesterday, again: Stack) -> None:
    told = statuses(again)
    for table in TABLES:
        settle(lambda table=table: by_key(again.rows(table)), yesterday.rows[table])
        found = by_key(again.rows(table))
        print(f"{table}: rows {len(found)}, differences {differences(found, yesterday.rows[table])}")  # noqa: T201
        assert found == yesterday.rows[table]
    until(lambda: set(gaps(again).values()) == {"healed"}, "every gap is healed")
    print(f"gaps: live {len(yesterday.gaps)}, again {len(gaps(again))}, "  # noqa: T201
          f"of both {len(gaps(again).keys() & yesterday.gaps.keys())}")  # fmt: skip
    sensible(told, yesterday)
    _, last = max(yesterday.rows["bars"], key=lambda key: key[1])
    until(lambda: (again.get("/api/v1/status")["exact_through"] or 0) >= last - 1, "all of it is exact")
    assert again.get("/api/v1/status")["feed"]["reconnects"] == 1


def sensible(told: list[dict[str, Any]], yesterday: Yesterday) -> None:
    """What the API said while it was played: one day, the session's time, and all well in this machine's seconds."""
    first_us, last_us = yesterday.lines[0].at, yesterday.lines[-1].at
    playing = [status for status in told if status["replay"]["state"] == "playing"]
    assert len(playing) >= 2
    assert {(status["replay"]["day"], status["replay"]["speed"]) for status in told} == {(yesterday.tape.name, SPEED)}
    assert all(first_us <= status["at_us"] <= last_us + 1_000_000 for status in told)
    assert [status["at_us"] for status in told] == sorted(status["at_us"] for status in told)
    assert all(status["exact_through"] * 1_000_000 < status["at_us"] for status in told if status["exact_through"])
    assert told[-1]["feed"]["state"] == "ok"
    latencies = [status["latency"]["p50_ms"] for status in playing if status["latency"]["p50_ms"] is not None]
    assert latencies
    assert max(latencies) < 10_000  # a JVM that has just begun, on a busy machine
    behind_s = [status["at_us"] / 1e6 - status["exact_through"] for status in playing if status["exact_through"]]
    print(f"statuses {len(playing)}, latency p50 {latencies[-1]:.0f} ms, "  # noqa: T201
          f"exact through {min(behind_s):.0f} to {max(behind_s):.0f} s of the session before its now")  # fmt: skip


def test_each_bar_is_explained_by_the_trades_of_the_session(yesterday: Yesterday, again: Stack) -> None:
    symbol, second = max(yesterday.rows["bars"], key=lambda key: yesterday.rows["bars"][key]["trades"])
    found = again.get(f"/api/v1/explain/{symbol}/{second}")
    assert found["explained"] is True
    assert len(found["trades"]) == yesterday.rows["bars"][symbol, second]["trades"]
    assert found["revisions"]
    first_us, last_us = yesterday.lines[0].at, yesterday.lines[-1].at
    assert all(first_us < revision["at_us"] < last_us + 60_000_000 for revision in found["revisions"])


def statuses(stack: Stack, within_s: float = 120.0) -> list[dict[str, Any]]:
    """What the API says until the end of the tape, several times a second."""
    deadline, found = time.monotonic() + within_s, []
    while not found or found[-1]["replay"]["state"] != "ended":
        assert time.monotonic() < deadline, f"the tape has not ended within {within_s:.0f} s: {found[-1]['replay']}"
        found.append(stack.get("/api/v1/status"))
        time.sleep(0.2)
    return found


def gaps(stack: Stack) -> dict[tuple[str, int, int], str]:
    return {(gap["symbol"], gap["from_us"], gap["to_us"]): gap["state"] for gap in stack.rows("gaps")}


def _never(file: Path, number: int, why: str) -> None:
    pytest.fail(f"{file}: line {number}: {why}")
