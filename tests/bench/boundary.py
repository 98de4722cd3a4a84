"""`python -m tests.bench.boundary`: how long trades wait around the batch boundaries of real-time mode, and for what.

Broker and `python -m spark_jobs` as they are, trades at an even rate. Settings of Spark follow as NAME=VALUE, e.g.
`python -m tests.bench.boundary SPARK_TRIGGER='realtime 60 seconds'`. Rows that carry a header count as those of a
second, shifted copy of the queries: waits are told with them and without.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from confluent_kafka import Message

from infra.local.service import running
from infra.local.services import Run
from market.topics import AVERAGES, BARS, Topic
from tests.bench import spark
from tests.bench.even_load import Load, send
from tests.bench.processes import family, spent_s
from tests.bench.waits import Counted, Row, episodes, in_averages, in_bars, waits_ms, worst_by_second
from tests.integration.ingestor_broker import Broker, broker
from tests.waiting import until

TRIGGER = "realtime 30 seconds"
_MIB = 1 << 20
_SETTLE_S = 60.0
_COLD_S = 20.0  # a run's figures leave out its start
_STEPS = ("latestOffset", "queryPlanning", "walCommit", "commitOffsets")
_SLOW_MS = 100.0
# Spark's own account of each batch, on stderr; the application silences the rest of what Spark says.
_LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %m%n
logger.progress.name = org.apache.spark.sql.execution.streaming.runtime.ProgressReporter
logger.progress.level = info
"""


@dataclass
class Cost:
    """What a process and its children used while the load lasted."""

    cores: float = 0.0
    resident_mib: float = 0.0


@dataclass(frozen=True)
class Waited:
    """One topic: the waits of all trades (µs since the epoch, ms), and as they were without the twin's rows."""

    waits: list[tuple[int, float]]
    alone: list[tuple[int, float]]
    records: int


@dataclass(frozen=True)
class Measured:
    """One run: what waited, by topic; what Spark said of its batches; what it cost."""

    topics: dict[str, Waited]
    batches: list[dict[str, Any]]
    cost: Cost


def measure(data: Path, load: Load, settings: Mapping[str, str]) -> Measured:
    """One run of broker and Spark under the load; fails when rows are missing."""
    with broker(data / "kafka") as kafka, asyncio.Runner() as runner:
        return runner.run(_measure(data, kafka, load, settings))


async def _measure(data: Path, kafka: Broker, load: Load, settings: Mapping[str, str]) -> Measured:
    service = spark.application(_run(data, kafka, settings))
    async with running(service) as child:
        with _watched(child.pid) as cost:
            sent = await asyncio.to_thread(send, kafka.bootstrap, load)
        counted = ((BARS, in_bars(sent)), (AVERAGES, in_averages(sent)))
        waited = {topic.name: await asyncio.to_thread(_waited, kafka, topic, each) for topic, each in counted}
    return Measured(waited, list(_batches(service.command.log)), cost)


def _waited(kafka: Broker, topic: Topic, counted: list[Counted]) -> Waited:
    rows = _complete(kafka, topic, counted)
    return Waited(waits_ms(counted, rows), waits_ms(counted, (row for row in rows if not row.twin)), len(rows))


def _run(data: Path, kafka: Broker, settings: Mapping[str, str]) -> Run:
    logging = data / "log4j2.properties"
    logging.write_text(_LOGGING)
    # Not by SPARK_CONF_DIR, which is part of the class path and so would forbid the cache of classes.
    options = f"--driver-java-options -Dlog4j2.configurationFile={logging} pyspark-shell"
    own = {"KAFKA_BOOTSTRAP": kafka.bootstrap, "MARKET_CALENDAR": "always", "SPARK_TRIGGER": TRIGGER}
    return Run(data, own | {"PYSPARK_SUBMIT_ARGS": options} | dict(settings))


def _complete(kafka: Broker, topic: Topic, counted: list[Counted]) -> list[Row]:
    """The topic's rows, once the newest of them count every trade, with the twin's and without."""
    wanted = {each.key: each.trades for each in counted}

    def all_rows() -> list[Row]:
        rows = [_row(message) for message in kafka.records(topic)]
        alone = [row for row in rows if not row.twin]
        return rows if all(_newest(each) == wanted for each in (rows, alone)) else []

    return until(all_rows, f"{topic.name} counts every trade", _SETTLE_S)


def _newest(rows: list[Row]) -> dict[tuple[str, int], int]:
    return {row.key: row.trades for row in sorted(rows, key=lambda row: row.trades)}


def _row(message: Message) -> Row:
    row = json.loads(message.value() or b"")
    return Row((row["symbol"], row["second"]), row["trades"], message.timestamp()[1], bool(message.headers()))


@contextmanager
def _watched(pid: int) -> Iterator[Cost]:
    """Processor time and resident memory of a process and its children, from now to the end."""
    cost, begin_s = Cost(), time.monotonic()
    used_s = spent_s(pid)
    yield cost
    cost.cores = (spent_s(pid) - used_s) / (time.monotonic() - begin_s)
    cost.resident_mib = sum(each.memory_info().rss for each in family(pid)) / _MIB


def _batches(log: Path) -> Iterator[dict[str, Any]]:
    """Spark's progress reports, one a batch."""
    text, decoder = log.read_text("utf-8"), json.JSONDecoder()
    for part in text.split("Streaming query made progress: ")[1:]:
        yield decoder.raw_decode(part)[0]


def report(measured: Measured) -> None:
    """To stdout: each boundary, what Spark says it did, and the run as a whole."""
    say = sys.stdout.write
    for batch in measured.batches:
        took = ", ".join(f"{name} {batch['durationMs'].get(name, 0)}" for name in _STEPS)
        states = [int(o.get("commitTimeMs", 0)) for o in batch["stateOperators"]]
        say(f"  {batch['timestamp'][11:23]} {batch['name']} batch {batch['batchId']}: {took}, state {states} ms\n")
    for topic, found in measured.topics.items():
        for second, wait in episodes(worst_by_second(found.alone), _SLOW_MS):
            hidden = max(w for at_us, w in found.waits if second <= at_us // 1_000_000 < second + 2)
            say(f"  {datetime.fromtimestamp(second, UTC):%H:%M:%S} {topic}: {wait:.0f} ms, by either {hidden:.0f} ms\n")
    for topic, found in measured.topics.items():
        waits = [wait for at_us, wait in found.waits if at_us >= found.waits[0][0] + _COLD_S * 1e6]
        cuts = quantiles(waits, n=1_000)
        say(f"{topic}: p50 {median(waits):.1f} p99 {cuts[989]:.0f} p99.9 {cuts[998]:.0f} max {max(waits):.0f} ms")
        say(f", {found.records} records\n")
    say(f"Spark: {measured.cost.cores:.2f} cores, {measured.cost.resident_mib:.0f} MiB resident\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.boundary", description=__doc__)
    parser.add_argument("--seconds", type=float, default=130)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    given = parser.parse_args()
    settings = dict(each.split("=", 1) for each in given.settings)
    with tempfile.TemporaryDirectory(prefix="boundary-") as data:
        report(measure(Path(data), Load(given.seconds, given.rate, given.symbols), settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
