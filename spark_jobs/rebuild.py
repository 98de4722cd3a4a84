"""A trading day computed again from `trades`: the streaming functions in batch, beside the stream, same topics."""

import json
import logging
from datetime import date

from pyspark.sql import DataFrame

from market import topics
from spark_jobs import schema
from spark_jobs.averages import averages
from spark_jobs.bars import bars
from spark_jobs.engine import Engine
from spark_jobs.kafka import connection, encoded
from spark_jobs.offsets import at_day, end

log = logging.getLogger("spark")


def rebuild(engine: Engine, day: date) -> None:
    """Publish every bar and average of `day`; rows merge by `trades`: what was right stays, what lacked is mended."""
    made = encoded(bars(schema.trades(_records(engine, day), day)))
    written = _write(engine, made, topics.BARS.name)
    log.info("rebuilt topic=bars day=%s rows=%d", day, written)
    rows = averages(schema.bars(made, day), each_record=False)
    log.info("rebuilt topic=averages day=%s rows=%d", day, _write(engine, encoded(rows), topics.AVERAGES.name))


def _records(engine: Engine, day: date) -> DataFrame:
    """All that `trades` holds from the day's first offset to now."""
    trades = topics.TRADES.name
    start, stop = at_day(engine.kafka, trades, day), end(engine.kafka, trades)
    log.info("reading topic=%s from=%s to=%s", trades, start, stop)
    reader = engine.spark.read.format("kafka").options(**connection(engine.kafka)).option("subscribe", trades)
    reader = reader.option("startingOffsets", json.dumps({trades: start}))
    return reader.option("endingOffsets", json.dumps({trades: stop})).load()


def _write(engine: Engine, records: DataFrame, topic: str) -> int:
    records = records.persist()
    sink = records.write.format("kafka").options(**connection(engine.kafka)).option("topic", topic)
    sink.option("kafka.acks", "all").save()
    return records.count()
