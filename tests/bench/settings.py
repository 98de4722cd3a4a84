"""BENCH_*: how much of the bench to run."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from market.settings import Settings


class BenchSettings(Settings):
    """Settings of a run; the reference run has the defaults."""

    model_config = SettingsConfigDict(env_prefix="BENCH_")

    rounds: int = Field(default=5, ge=1)  # of each measure, interleaved with its anchor
    backlog_minutes: float = Field(default=60, gt=0)  # P9: of 500 trades a second
    seconds: float = Field(default=10, gt=0)  # of each window in which a running stack is watched
