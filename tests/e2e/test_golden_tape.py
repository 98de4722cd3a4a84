"""The golden tape through everything: exchange, ingestor, Kafka, Spark, API, database and a WebSocket client."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spark_jobs import slots
from tests.builders import TEN, by_key, golden_tape
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack, running
from tests.waiting import until

pytestmark = pytest.mark.stack

TAPE = Path(__file__).parents[1] / "golden-tape.json"
START, END = TEN, TEN + 14
SHOWN = "the rows of the tape"
FOUR = {"TOPICS_PARTITIONS": "4", "SPARK_PARTITIONS": "4", "SPARK_MASTER": f"local[{slots.needed(4, 4, 4)}]"}


@pytest.fixture(scope="module", params=[{}, FOUR], ids=["one partition", "four partitions"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = request.param | {
        "SIMULATOR_MODE": "tape",
        "SIMULATOR_TAPE": str(TAPE),
        "CLOCK_OFFSET_S": str(TEN + 30 - int(time.time())),
        "SPARK_TRIGGER": "realtime 10 seconds",
    }
    with running(tmp_path_factory.mktemp("golden") / "data", **settings) as stack:
        until(lambda: stack.get("/api/v1/status")["feed"]["state"] == "ok", "the feed is connected")
        yield stack


@pytest.fixture(scope="module")
def screen(stack: Stack) -> Iterator[Screen]:
    with Screen(stack.addresses["page"], ["2330"]) as screen:
        yield screen


@pytest.mark.parametrize("step", golden_tape(), ids=lambda step: step["name"])
def test_every_reader_sees_the_rows_of_the_tape(step: dict[str, Any], stack: Stack, screen: Screen) -> None:
    sent = stack.exchange("/control/next")
    assert (sent["name"], sent["sent"]) == (step["name"], len(step["send"]))
    expect = step["expect"]
    until(lambda: _counted(stack) >= _prints(step), "the ingestor took every frame")

    for kind in ("bars", "averages"):
        until(lambda kind=kind: _covers(by_key(stack.rows(kind)), expect[kind]), f"MySQL's {kind} are {SHOWN}")
        until(lambda kind=kind: _covers(screen.rows[kind], expect[kind]), f"the client's {kind} are {SHOWN}")
        assert _covers(by_key(stack.get(f"/api/v1/{kind}/2330", start=START, end=END)["items"]), expect[kind])

    filled = stack.get("/api/v1/averages/2330", start=START, end=END, fill="true")["items"]
    assert _covers(by_key(filled), [{"symbol": "2330", **row} for row in expect["averages_every_second"]])
    seconds = stack.get("/api/v1/bars/2330", start=START, end=END, fill="true")["items"]
    traded = {row["second"] for row in seconds if row["state"] == "traded"}
    assert [row["second"] for row in seconds] == list(range(START, END))
    assert traded == {row["second"] for row in expect["bars"]}


def test_what_is_no_trade_in_a_bar_was_not_lost(stack: Stack) -> None:
    feed = stack.get("/api/v1/status")["feed"]
    assert feed["dead_letters"] == 0


def _covers(rows: dict[Any, dict[str, Any]], expected: list[dict[str, Any]]) -> bool:
    wanted = by_key(expected)
    return rows.keys() == wanted.keys() and all(
        rows[key].get(name) == value for key, row in wanted.items() for name, value in row.items()
    )


def _prints(step: dict[str, Any]) -> int:
    steps = golden_tape()
    last = [each["name"] for each in steps].index(step["name"])
    return sum(print_["size"] > 0 for each in steps[: last + 1] for print_ in each["send"])


def _counted(stack: Stack) -> int:
    return int(stack.get("/api/v1/status")["feed"]["trades"] or 0)
