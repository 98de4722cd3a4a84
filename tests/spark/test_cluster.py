"""Both queries on a master and two workers, from topics of four partitions: exact, and again after a worker's death."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest
from confluent_kafka import Producer, TopicPartition

from infra.local import parts, ports, services
from infra.local.java import java_home
from infra.local.process import Child
from infra.local.services import Run
from infra.local.settings import LocalSettings
from market.settings import EX_CONFIG
from spark_jobs import slots
from tests.builders import TEN, golden_tape, published
from tests.security import canaries
from tests.security.hosts import Hosts, hosts
from tests.security.service import process
from tests.spark.cluster import cluster
from tests.spark.test_golden_tape import covers
from tests.waiting import until

pytestmark = pytest.mark.stack

PARTITIONS = 4
FIRST = [str(1101 + number) for number in range(2 * PARTITIONS)]  # each trades the whole tape
SECOND = [str(2201 + number) for number in range(2 * PARTITIONS)]  # the same, while a worker dies
SLOTS = slots.needed(PARTITIONS, PARTITIONS, PARTITIONS)
ROWS_S = 120.0
DEATH_S = 60.0

Row = dict[str, Any]


class Topic:
    """All that a topic holds, read as it comes and merged as every reader merges: more `trades` win.

    Trades of one second pass several tasks, so that one run may count the second of two trades first and another run
    the first: rows of one version may differ, but never those of the last one.
    """

    def __init__(self, up: Hosts, name: str) -> None:
        self._consumer = up.consumer("admin", f"test-{name}")
        self._consumer.assign([TopicPartition(name, number, 0) for number in range(PARTITIONS)])
        self._rows: dict[tuple[str, int], Row] = {}
        self.ambiguous: set[tuple[str, int]] = set()

    def rows(self) -> dict[tuple[str, int], Row]:
        for message in self._consumer.consume(1_000, timeout=0.2):
            assert message.error() is None, message.error()
            row = json.loads(message.value() or b"", parse_float=Decimal)
            self._merge((row["symbol"], row["second"]), row)
        return self._rows

    def _merge(self, key: tuple[str, int], row: Row) -> None:
        known = self._rows.get(key)
        if known is None or row["trades"] > known["trades"]:
            self._rows[key] = row
            self.ambiguous.discard(key)
        elif row["trades"] == known["trades"] and row != known:
            self.ambiguous.add(key)

    def close(self) -> None:
        self._consumer.close()


@pytest.fixture(scope="module")
def clock() -> dict[str, str]:
    """One for all services, at the tape's time."""
    return {"CLOCK_OFFSET_S": str(TEN + 30 - int(time.time())), "MARKET_CALENDAR": "always"}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, clock: dict[str, str]) -> Iterator[Hosts]:
    with hosts(tmp_path_factory.mktemp("cluster"), TOPICS_PARTITIONS=str(PARTITIONS), **clock) as running:
        yield running


@pytest.fixture(scope="module")
def environment(up: Hosts, clock: dict[str, str]) -> dict[str, str]:
    """What Spark's driver is told wherever it runs."""
    own = {"SPARK_PARTITIONS": str(PARTITIONS), "SPARK_TRIGGER": "realtime 5 seconds", "SPARK_DRIVER_MEMORY": "512m"}
    return {**clock, **up.kafka_environment("spark"), **own}


def start_driver(up: Hosts, environment: Mapping[str, str]) -> Child:
    cache = LocalSettings().cache_dir
    return up.up(services.spark(Run(up.data, environment), java_home(cache), parts.all_parts(cache).spark_jars))


def play(up: Hosts, symbols: list[str], trades: list[Row]) -> None:
    """Every symbol trades them; each has a partition, as records of one key have."""
    producer = Producer(up.kafka_client("admin", linger_ms=0))
    failures: list[object] = []
    for trade in trades:
        for number, symbol in enumerate(symbols):
            # Not the print's own time: the broker takes nothing from so far ahead as the afternoon is.
            place = {"partition": number % PARTITIONS, "timestamp": TEN * 1_000}
            value = published(trade | {"symbol": symbol})
            producer.produce("trades", value, symbol, on_delivery=lambda error, _: failures.append(error), **place)
    assert producer.flush(10) == 0
    assert [error for error in failures if error is not None] == []


def are_right(topics: dict[str, Topic], symbols: list[str], expect: dict[str, list[Row]]) -> None:
    for kind, topic in topics.items():
        wanted = [row | {"symbol": symbol} for row in expect[kind] for symbol in symbols]
        until(lambda topic=topic, wanted=wanted: covers(topic.rows(), wanted), f"{kind} are the tape's", ROWS_S)
        assert topic.ambiguous == set(), f"{kind}: rows of the last version differ"


@pytest.mark.timeout(420)
def test_a_cluster_makes_the_rows_of_the_tape_whatever_becomes_of_a_worker(
    up: Hosts, environment: dict[str, str]
) -> None:
    spark = cluster(up.data / "cluster")
    up.up(spark.master())
    workers = {name: up.up(spark.worker(name, SLOTS)) for name in ("one", "two")}
    told = environment | spark.environment | {"SPARK_MASTER": spark.address, "SPARK_DRIVER_HOST": ports.HOST}
    topics = {kind: Topic(up, kind) for kind in ("bars", "averages")}
    traded, disturbed, late = golden_tape()

    driver = start_driver(up, told)
    play(up, FIRST, traded["send"])
    are_right(topics, FIRST, traded["expect"])
    until(lambda: all(spark.tasks(name) for name in workers), "both workers have run tasks")

    once = traded["send"] + disturbed["send"]
    play(up, SECOND, once[:4])  # the second that the fourth print is of goes on after it
    up.runner.run(workers["two"].stop(at_once=True))
    play(up, SECOND, once[4:])
    # A stage that has lost a task cannot be mended alone: all that run together end, and are begun again.
    assert up.runner.run(asyncio.wait_for(driver.wait(), DEATH_S)) != 0
    before = {name: spark.tasks(name) for name in workers}

    start_driver(up, told)
    are_right(topics, FIRST + SECOND, disturbed["expect"])
    play(up, FIRST + SECOND, late["send"])
    are_right(topics, FIRST + SECOND, late["expect"])
    assert spark.tasks("one") > before["one"]
    assert spark.tasks("two") == before["two"]

    for topic in topics.values():
        topic.close()
    password = {up.secrets["kafka-spark-password"]: "kafka-spark-password"}
    assert canaries.in_files(password, spark.data, but=up.secrets.folder) == set()
    assert canaries.in_processes(password, psutil.Process().children(recursive=True)) == set()


def test_too_few_slots_are_refused_with_the_setting_the_rule_and_the_mend(
    up: Hosts, environment: dict[str, str], tmp_path: Path
) -> None:
    cache = LocalSettings().cache_dir
    here = {
        "SPARK_MASTER": "local[8]",
        "SPARK_CHECKPOINTS": str(tmp_path / "checkpoints"),
        "SPARK_JARS": parts.all_parts(cache).spark_jars,
        "JAVA_HOME": str(java_home(cache)),
    }
    with process("spark_jobs", tmp_path / "spark.log", environment | here) as refused:
        status, lines = refused.ends()
    said = next(line for line in lines if "too_few_slots" in line)
    assert status == EX_CONFIG
    assert "SPARK_MASTER=local[8] offers 8 task slots" in said
    assert "one for each partition of each stage of every open day" in said
    assert f"local[{SLOTS}], or choose fewer partitions" in said
