"""Bars -> 5/10/15-second averages (semantics: an average), in buckets: a bar touches two, not fifteen windows."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.exact import decimal, quotient, units

WINDOWS = (5, 10, 15)
WIDEST = max(WINDOWS)
SLOTS = 2 * WIDEST

# A bucket q answers for the seconds 15q … 15q+14 and remembers 30 slots, the seconds 15(q−1) … 15q+14:
#
#   slot      0 … 14          15 … 29
#   second    15(q−1) … 15q−1 | 15q … 15q+14
#             seen from here  | answered here
#
# A slot is one long, trades × 10¹² + vwap in units: the larger is the newer version of that second's bar.
_VERSION = 10**12
_LAST = 10**8  # `last` is slot × 10⁸ + trades of the bar that was taken last


def averages(bars: DataFrame, *, each_record: bool) -> DataFrame:
    """One row per symbol and traded second, carrying the three windows.

    `each_record`: the engine answers every record by itself (real-time mode), so only the seconds that the
    last bar reaches are repeated, and nothing after a version that was known. Otherwise (micro-batch, batch)
    several bars change a bucket at once and all its seconds are answered.
    """
    buckets = _buckets(bars)
    seconds = _reached_seconds(buckets) if each_record else _all_seconds(buckets)
    # Newest first, as the windows are counted back from the second they end in.
    rows = seconds.select(
        "symbol", "second", F.expr(f"reverse(slice(slots, at + 2 - {WIDEST}, {WIDEST}))").alias("slots")
    )
    # Two steps: higher-order functions are evaluated once a row only if nothing after them repeats their text.
    sums = rows.where("slots[0] is not null").select(
        "symbol",
        "second",
        *(column for window in WINDOWS for column in _sum(window)),
        F.expr(f"aggregate(slots, 0L, (sum, s) -> sum + coalesce(s div {_VERSION}, 0L))").alias("trades"),
    )
    return sums.select("symbol", "second", *(column for window in WINDOWS for column in _mean(window)), "trades")


def _buckets(bars: DataFrame) -> DataFrame:
    second = F.col("second")
    touched = bars.select(
        "symbol",
        second,
        "trades",
        (F.col("trades") * _VERSION + units(F.col("vwap"))).alias("version"),
        F.explode(F.expr(f"array(second div {WIDEST}, second div {WIDEST} + 1)")).alias("bucket"),
    ).withColumn("slot", second - WIDEST * (F.col("bucket") - 1))
    slots = [F.max(F.when(F.col("slot") == n, F.col("version"))).alias(f"s{n}") for n in range(SLOTS)]
    buckets = touched.groupBy("symbol", "bucket").agg(
        *slots, F.last(F.col("slot") * _LAST + F.col("trades")).alias("last")
    )
    return buckets.select("symbol", "bucket", "last", F.array(*[f"s{n}" for n in range(SLOTS)]).alias("slots"))


def _all_seconds(buckets: DataFrame) -> DataFrame:
    return _at(buckets, first=F.lit(WIDEST), last=F.lit(SLOTS - 1))


def _reached_seconds(buckets: DataFrame) -> DataFrame:
    slot, trades = F.expr(f"cast(last div {_LAST} as int)"), F.expr(f"last % {_LAST}")
    news = F.expr(f"slots[cast(last div {_LAST} as int)] div {_VERSION}") == trades
    reach = F.least(slot + WIDEST - 1, F.lit(SLOTS - 1))
    return _at(buckets.where(news & (reach >= WIDEST)), first=F.greatest(slot, F.lit(WIDEST)), last=reach)


def _at(buckets: DataFrame, first: Column, last: Column) -> DataFrame:
    rows = buckets.select(
        "symbol", "bucket", "slots", F.explode(F.sequence(first.cast("int"), last.cast("int"))).alias("at")
    )
    return rows.select("symbol", (WIDEST * (F.col("bucket") - 1) + F.col("at")).alias("second"), "slots", "at")


def _sum(window: int) -> tuple[Column, Column]:
    traded = f"filter(slice(slots, 1, {window}), s -> s is not null)"
    total = F.expr(f"aggregate({traded}, 0L, (sum, s) -> sum + s % {_VERSION})")
    return total.alias(f"sum_{window}"), F.expr(f"cast(size({traded}) as long)").alias(f"count_{window}")


def _mean(window: int) -> tuple[Column, Column]:
    count = F.col(f"count_{window}")
    return decimal(quotient(F.col(f"sum_{window}"), count)).alias(f"sma_{window}"), count
