"""SPARK_*: where the jobs run, where they remember, how often they answer."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from market.settings import MarketSettings


class SparkSettings(MarketSettings):
    """Settings of the streaming application."""

    model_config = SettingsConfigDict(env_prefix="")

    spark_master: Annotated[str, Field(pattern=r"^(local\[\d+\]|spark://[^\s,:/]+:\d+(,[^\s,:/]+:\d+)*)$")] = (
        "local[32]"
    )
    spark_driver_host: str = ""  # how a cluster's workers reach this process; empty: by this machine's name
    spark_executor_memory: str = "1g"
    spark_checkpoints: Path
    spark_trigger: Annotated[str, Field(pattern=r"^(realtime|microbatch) \d+ (milliseconds|seconds|minutes)$")] = (
        "realtime 60 seconds"
    )
    spark_partitions: Annotated[int, Field(ge=1, le=64)] = 1
    spark_driver_memory: str = "1g"
    spark_jars: str = ""
    spark_ready_file: Path | None = None
    spark_day_grace_s: Annotated[float, Field(ge=0)] = 3_600
    spark_keep_days: Annotated[int, Field(ge=1)] = 3

    @property
    def on_cluster(self) -> bool:
        return self.spark_master.startswith("spark://")

    @property
    def real_time(self) -> bool:
        return self.spark_trigger.startswith("realtime")

    def trigger(self) -> dict[str, str]:
        """Arguments of `DataStreamWriter.trigger`."""
        mode, _, interval = self.spark_trigger.partition(" ")
        return {"realTime" if mode == "realtime" else "processingTime": interval}

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.spark_day_grace_s)
