"""Restarts, two of a kind, and a checkpoint that is gone: nothing is lost, nothing counts twice."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.e2e.stack import Stack, until
from tests.e2e.topic import values
from tests.faults.victims import Victims

pytestmark = [pytest.mark.stack, pytest.mark.campaign]

STOPS_WITHIN_S = 30
APART_S = 21.0  # the supervisor takes five deaths within 20 seconds each for a service that cannot run


@pytest.mark.parametrize("role", ["broker", "database", "ingestor", "API"])
def test_an_orderly_restart_under_load(trading: Stack, role: str) -> None:
    victims = Victims(trading)
    process = victims.get(role)
    began = process.create_time()
    time.sleep(3)
    process.send_signal(signal.SIGTERM)
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "its end", STOPS_WITHIN_S)
    after = until(lambda: victims.find(role), f"the {role} again", 60)
    assert after.create_time() > began
    time.sleep(5)


def test_spark_without_its_checkpoint_replays_the_day(trading: Stack) -> None:
    victims = Victims(trading)
    time.sleep(5)
    checkpoints = trading.data / "checkpoints"
    before = {path.stat().st_ino for path in checkpoints.glob("*/start.json")}
    bars = len(values(trading.addresses["kafka"], "bars"))
    assert before
    kill = victims.kill("Spark's driver")
    shutil.rmtree(checkpoints)
    victims.successor(kill)
    until(lambda: list(checkpoints.glob("*/start.json")), "a new checkpoint", 90)
    assert before.isdisjoint(path.stat().st_ino for path in checkpoints.glob("*/start.json"))
    until(lambda: len(values(trading.addresses["kafka"], "bars")) > bars * 1.2, "the day's bars once more", 120)


def test_a_second_ingestor_adds_nothing(trading: Stack) -> None:
    with _another(trading, "ingestor", "ingestor.2.log"):
        until(lambda: trading.exchange("/control/stats")["authenticated"] == 2, "two ingestors are let in", 60)
        until(lambda: trading.exchange("/control/stats")["subscriptions"] == 600, "both subscribed", 60)
        time.sleep(10)


def test_a_second_spark_adds_nothing(trading: Stack) -> None:
    own = {
        "SPARK_CHECKPOINTS": str(trading.data / "zombie"),
        "SPARK_READY_FILE": str(trading.data / "zombie.ready"),
        "SPARK_LOCAL_DIRS": str(trading.data / "zombie.spark"),
    }
    bars = len(values(trading.addresses["kafka"], "bars"))
    with _another(trading, "Spark's driver", "spark.2.log", own):
        until((trading.data / "zombie.ready").exists, "the second one runs", 120)
        until(lambda: len(values(trading.addresses["kafka"], "bars")) > bars * 1.5, "bars of both", 120)
        time.sleep(5)


@contextmanager
def _another(stack: Stack, role: str, log: str, own: dict[str, str] | None = None) -> Iterator[None]:
    """A second process with the settings of the first."""
    first = Victims(stack).get(role)
    path = Path(stack.data / "logs" / log)
    with path.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *first.cmdline()[1:]], env=first.environ() | (own or {}), stdout=out, stderr=out
        )
        try:
            yield
            assert process.poll() is None, f"it ended:\n{path.read_text()[-2_000:]}"
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN_S)
