"""Trades -> one-second bars (semantics: a bar). A row is a pure function of a set of distinct trades."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_jobs.exact import decimal, quotient, units
from spark_jobs.schema import MAX_SERIAL

# Longs rather than strings in the state keep it fixed-width, which Spark aggregates by hash and in place.
_AUCTIONS = (None, "call", "close", "open")  # of several in one second the last named wins


def bars(trades: DataFrame) -> DataFrame:
    """The contract's bars from trades of one trading day; a second's row comes again whenever its `trades` grows."""
    distinct = trades.dropDuplicates(["symbol", "serial"])
    p, size, volume = units(F.col("price")), F.col("size"), F.col("volume")
    sequence = F.col("time") % 1_000_000 * MAX_SERIAL + F.col("serial")  # order within a second: (time, serial)
    seconds = distinct.groupBy("symbol", F.expr("time div 1000000").alias("second")).agg(
        F.min_by(p, sequence).alias("open"),
        F.max(p).alias("high"),
        F.min(p).alias("low"),
        F.max_by(p, sequence).alias("close"),
        F.sum(size).alias("volume"),
        F.count("*").alias("trades"),
        F.sum(p * size).alias("turnover"),
        F.min_by(volume - size, sequence).alias("prior_volume"),
        F.max_by(volume, sequence).alias("day_volume"),
        F.sum(F.when(_bought(), size).otherwise(0)).alias("buy_volume"),
        F.sum(F.when(_sold() & ~_bought(), size).otherwise(0)).alias("sell_volume"),
        F.max(_auction_code()).alias("auction"),
        F.max("time").alias("last_trade_us"),
    )
    return seconds.select(
        "symbol",
        "second",
        *(decimal(F.col(name)).alias(name) for name in ("open", "high", "low", "close")),
        "volume",
        "trades",
        decimal(F.col("turnover"), precision=24).alias("turnover"),
        decimal(quotient(F.col("turnover"), F.col("volume"))).alias("vwap"),
        "prior_volume",
        "day_volume",
        "buy_volume",
        "sell_volume",
        F.element_at(F.array(*map(F.lit, _AUCTIONS)), F.col("auction") + 1).alias("auction"),
        "last_trade_us",
    )


def _bought() -> Column:
    # A quote of 0 means market orders in the book, not a price.
    return F.coalesce((F.col("ask") > 0) & (F.col("price") >= F.col("ask")), F.lit(False))


def _sold() -> Column:
    return F.coalesce((F.col("bid") > 0) & (F.col("price") <= F.col("bid")), F.lit(False))


def _auction_code() -> Column:
    code = F.lit(0)
    for number, name in enumerate(_AUCTIONS[1:], start=1):
        code = F.when(F.col("kind") == name, number).otherwise(code)
    return code
