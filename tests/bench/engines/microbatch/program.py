"""The project's two queries in Spark's micro-batch mode: the next batch begins as soon as the last one is done."""

import os
import time
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from market.calendar import trading_day
from spark_jobs import schema
from spark_jobs.averages import averages
from spark_jobs.bars import bars
from spark_jobs.kafka import encoded
from spark_jobs.spark import OPTIONS

BOOTSTRAP = os.environ["KAFKA_BOOTSTRAP"]
STATE = Path(os.environ["STATE_DIR"])


def session() -> SparkSession:
    builder = SparkSession.builder.appName("micro-batch").master("local[2]")  # a task for each core
    own = {"spark.sql.shuffle.partitions": "1", "spark.driver.memory": "1g", "spark.jars": os.environ["SPARK_JARS"]}
    own |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    for name, value in (OPTIONS | own).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def read(spark: SparkSession, topic: str) -> DataFrame:
    source = spark.readStream.format("kafka").option("kafka.bootstrap.servers", BOOTSTRAP)
    return source.option("subscribe", topic).option("startingOffsets", "earliest").load()


def write(rows: DataFrame, topic: str) -> StreamingQuery:
    sink = encoded(rows).writeStream.format("kafka").option("kafka.bootstrap.servers", BOOTSTRAP)
    sink = sink.option("topic", topic).option("kafka.linger.ms", "0").option("kafka.acks", "all").outputMode("update")
    return sink.option("checkpointLocation", str(STATE / topic)).trigger(processingTime="0 seconds").start()


def main() -> None:
    spark = session()
    spark.sparkContext.setLogLevel("ERROR")
    day = trading_day(time.time_ns() // 1_000)
    write(bars(schema.trades(read(spark, "trades"), day)), "bars")
    write(averages(schema.bars(read(spark, "bars"), day), each_record=False), "averages")
    spark.streams.awaitAnyTermination()


if __name__ == "__main__":
    main()
