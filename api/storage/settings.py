"""STORAGE_*: how long rows are kept and how often to look."""

from pathlib import Path

from pydantic import Field, PositiveInt
from pydantic_settings import SettingsConfigDict

from market.settings import Settings


class StorageSettings(Settings):
    """Days of one-second rows to keep, days to make partitions for, seconds between two looks (0: once, and end).

    `alive_file` is touched at the end of each look that left nothing undone.
    """

    model_config = SettingsConfigDict(env_prefix="STORAGE_")

    keep_days: PositiveInt = 400
    ahead_days: PositiveInt = Field(default=7, le=60)
    every_s: int = Field(default=0, ge=0)
    alive_file: Path | None = None
