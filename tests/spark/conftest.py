"""One Spark session for the whole suite: it takes seconds to start."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from infra.local.java import java_home
from infra.local.settings import LocalSettings
from spark_jobs.kafka import encoded

Rows = list[dict[str, Any]]
Records = Callable[[Iterable[str | None]], DataFrame]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    os.environ["JAVA_HOME"] = str(java_home(LocalSettings().cache_dir))
    builder = SparkSession.builder.master("local[2]").appName("tests").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.sql.session.timeZone", "UTC")
    session = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def records(spark: SparkSession) -> Records:
    """Topic records from their JSON."""
    return lambda values: spark.createDataFrame([(value,) for value in values], "value string")


def rows(table: DataFrame) -> Rows:
    """What the sink would write, read back exactly."""
    return [json.loads(record.value, parse_float=Decimal) for record in encoded(table).collect()]
