"""The Spark session of the other suites."""

from tests.spark.conftest import spark

__all__ = ["spark"]
