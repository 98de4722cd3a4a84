"""The queries of one trading day, started from the day's first records and stopped when nothing of it can come."""

import json
import logging
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from market import topics
from market.settings import KafkaSettings
from spark_jobs import schema
from spark_jobs.averages import averages
from spark_jobs.bars import bars
from spark_jobs.kafka import connection, encoded, read_topic
from spark_jobs.offsets import at_day, end, remembered
from spark_jobs.settings import SparkSettings

log = logging.getLogger("spark")


@dataclass(frozen=True)
class Engine:
    """What every query needs."""

    spark: SparkSession
    kafka: KafkaSettings
    settings: SparkSettings

    def read(self, topic: str, start: str, **options: str) -> DataFrame:
        return read_topic(self.spark, connection(self.kafka) | options, topic, start)

    def write(self, rows: DataFrame, topic: str, checkpoint: Path, trigger: dict[str, str]) -> StreamingQuery:
        # linger 0: a row leaves at once. acks=all: what a checkpoint says was written is on the broker's disk.
        sink = rows.writeStream.format("kafka").options(**connection(self.kafka)).option("topic", topic)
        sink = sink.option("kafka.linger.ms", "0").option("kafka.acks", "all").outputMode("update")
        # A record of trades that is none may be as large as a record can be, and becomes a dead letter.
        sink = sink.option("kafka.max.request.size", str(topics.LETTER_BYTES))
        sink = sink.option("checkpointLocation", str(checkpoint.resolve())).option("includeHeaders", "true")
        return sink.queryName(f"{checkpoint.parent.name}-{checkpoint.name}").trigger(**trigger).start()


def reject_query(engine: Engine) -> StreamingQuery:
    """Records of `trades` that are no trade, to dead letters, within ten seconds; it keeps nothing by day."""
    # It looks for senders that err now; after a standstill longer than the topic keeps, what is gone is gone.
    options = {"maxOffsetsPerTrigger": "50000", "failOnDataLoss": "false"}
    records = engine.read(topics.TRADES.name, "earliest", **options)
    checkpoint = engine.settings.spark_checkpoints / "all-days" / "rejects"
    return engine.write(schema.rejects(records), topics.DEAD_LETTERS.name, checkpoint, {"processingTime": "10 seconds"})


class TradingDay:
    """Two queries: trades -> bars and bars -> averages, of one day, in one folder of checkpoints."""

    def __init__(self, engine: Engine, day: date) -> None:
        self.day = day
        self._engine = engine
        self._folder = engine.settings.spark_checkpoints / day.isoformat()
        self._start = remembered(self._folder / "start.json", self._first_offsets)
        self.queries = (self._bars(), self._averages())
        self._bars_end: dict[str, int] | None = None
        self._averages_end: dict[str, int] | None = None
        log.info("day opened day=%s start=%s", day, self._start)

    def drained(self) -> bool:
        """Whether both queries have answered all that was there when this was first asked."""
        kafka = self._engine.kafka
        self._bars_end = self._bars_end or end(kafka, topics.TRADES.name)
        if not _reached(self.queries[0], topics.TRADES.name, self._bars_end):
            return False
        self._averages_end = self._averages_end or end(kafka, topics.BARS.name)
        return _reached(self.queries[1], topics.BARS.name, self._averages_end)

    def close(self) -> None:
        """Stop for good; the day is not opened again."""
        self.stop()
        (self._folder / "closed").touch()
        log.info("day closed day=%s", self.day)

    def stop(self) -> None:
        for query in self.queries:
            query.stop()

    def _first_offsets(self) -> dict[str, dict[str, int]]:
        kafka = self._engine.kafka
        # Bars of the day do not exist before this application makes them.
        return {
            topics.TRADES.name: at_day(kafka, topics.TRADES.name, self.day),
            topics.BARS.name: end(kafka, topics.BARS.name),
        }

    def _bars(self) -> StreamingQuery:
        rows = bars(schema.trades(self._read(topics.TRADES.name), self.day))
        return self._write(rows, topics.BARS.name)

    def _averages(self) -> StreamingQuery:
        rows = averages(
            schema.bars(self._read(topics.BARS.name), self.day), each_record=self._engine.settings.real_time
        )
        return self._write(rows, topics.AVERAGES.name)

    def _read(self, topic: str) -> DataFrame:
        return self._engine.read(topic, json.dumps({topic: self._start[topic]}))

    def _write(self, rows: DataFrame, topic: str) -> StreamingQuery:
        return self._engine.write(encoded(rows), topic, self._folder / topic, self._engine.settings.trigger())


def _reached(query: StreamingQuery, topic: str, target: dict[str, int]) -> bool:
    progress = query.lastProgress
    if progress is None:
        return False
    read = json.loads(progress.sources[0].endOffset or "{}").get(topic, {})
    return all(read.get(partition, 0) >= offset for partition, offset in target.items())


def prune(checkpoints: Path, before: date) -> None:
    """Delete the checkpoints of closed days before a day."""
    for marker in checkpoints.glob("*/closed"):
        if marker.parent.name < before.isoformat():
            shutil.rmtree(marker.parent)
