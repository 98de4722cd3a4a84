"""Task slots: a real-time query holds one for each partition of each of its stages, for as long as it runs."""

import logging
import time
from collections.abc import Mapping

from pyspark.sql import SparkSession

from market import topics
from spark_jobs.days import MAX_OPEN
from spark_jobs.settings import SparkSettings

log = logging.getLogger("spark")


class SlotsError(Exception):
    """The master has fewer task slots than the queries need; the message says the setting, the rule and the mend."""


def needed(trades: int, bars: int, shuffle: int) -> int:
    """Slots of all queries that may be open at once, from the partitions of two topics and of what is shuffled."""
    of_bars = trades + shuffle + shuffle  # read, tell repeats apart, add up a second
    of_averages = bars + shuffle  # read, add up a bucket
    # A day that is over may still be drained when the next ones open; `rejects` reads beside them all.
    return (MAX_OPEN + 1) * (of_bars + of_averages) + trades


def needed_by(settings: SparkSettings, partitions: Mapping[str, int]) -> int:
    """The same, with the partitions by topic; micro-batches take turns, and so are content with one."""
    if not settings.real_time:
        return 1
    return needed(partitions[topics.TRADES.name], partitions[topics.BARS.name], settings.spark_partitions)


def wait_for_slots(spark: SparkSession, settings: SparkSettings, wanted: int, seconds: float) -> None:
    """Until there are as many as `wanted`; `SlotsError` after `seconds`, on one machine at once: no more will come."""
    told, deadline = 0, time.monotonic() + (seconds if settings.on_cluster else 0)
    while (found := spark.sparkContext.defaultParallelism) < wanted:
        if time.monotonic() >= deadline:
            raise SlotsError(too_few(settings, found, wanted))
        if found != told:
            told = found
            log.warning("waiting slots=%d of=%d master=%s", found, wanted, settings.spark_master)
        time.sleep(0.2)


def too_few(settings: SparkSettings, found: int, wanted: int) -> str:
    """What is wrong and how it is mended."""
    mend = "start more workers, or with more --cores (slots are threads)" if settings.on_cluster else f"local[{wanted}]"
    return (
        f"SPARK_MASTER={settings.spark_master} offers {found} task slots, and real-time mode holds one for each "
        f"partition of each stage of every open day: {wanted} with SPARK_PARTITIONS={settings.spark_partitions} and "
        f"the topics' partitions; {mend}, or choose fewer partitions"
    )
