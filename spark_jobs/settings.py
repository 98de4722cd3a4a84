"""SPARK_*: where the jobs run, where they remember, how often they answer."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from market.settings import MarketSettings
from spark_jobs.days import MAX_OPEN


class SparkSettings(MarketSettings):
    """Settings of the streaming application."""

    model_config = SettingsConfigDict(env_prefix="")

    spark_master: str = "local[32]"  # slots are threads; two queries a trading day need five
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

    @model_validator(mode="after")
    def _enough_slots(self) -> Self:
        # Every stage of every open query holds its slots for as long as it runs.
        needed = (MAX_OPEN + 1) * 5 * self.spark_partitions
        found = re.fullmatch(r"local\[(\d+)\]", self.spark_master)
        if found and int(found[1]) < needed:
            message = f"has {found[1]} slots; SPARK_PARTITIONS={self.spark_partitions} needs {needed}: local[{needed}]"
            raise ValueError(message)
        return self

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
