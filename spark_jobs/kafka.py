"""Kafka in and out of Spark."""

from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from market.settings import KafkaSettings

Offsets = dict[str, int]  # partition -> offset, as Spark writes them


def read_topic(spark: SparkSession, options: Mapping[str, str], topic: str, start: str) -> DataFrame:
    """A stream of a topic's records from `start` (Spark's offsets JSON, or earliest); its loss ends the query."""
    reader = spark.readStream.format("kafka").options(**options)
    return reader.option("subscribe", topic).option("startingOffsets", start).load()


def encoded(rows: DataFrame) -> DataFrame:
    """Rows as records: key = symbol, value = JSON with explicit nulls."""
    value = F.to_json(F.struct("*"), {"ignoreNullFields": "false"})
    return rows.select(F.col("symbol").alias("key"), value.alias("value"))


def connection(kafka: KafkaSettings) -> dict[str, str]:
    """Spark's options for reaching the broker."""
    options = {"kafka.bootstrap.servers": kafka.bootstrap, "kafka.security.protocol": kafka.security_protocol}
    if kafka.security_protocol == "SASL_SSL":
        module = "org.apache.kafka.common.security.scram.ScramLoginModule"
        user, password = quoted(kafka.security_user or ""), quoted(kafka.password)
        login = f"{module} required username={user} password={password};"
        options |= {
            "kafka.sasl.mechanism": "SCRAM-SHA-512",
            "kafka.sasl.jaas.config": login,
            # Not its location: the workers of a cluster would each need the file, in the same place.
            "kafka.ssl.truststore.type": "PEM",
            "kafka.ssl.truststore.certificates": (kafka.security_ca or Path()).read_text("utf-8"),
        }
    return options


def quoted(text: str) -> str:
    """A value in a JAAS configuration."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
