"""Exact arithmetic in Spark: prices are counted in units of 1/10,000, as longs, until they leave."""

from pyspark.sql import Column
from pyspark.sql import functions as F

UNITS = 10_000  # a price has at most four decimals


def units(price: Column) -> Column:
    """A DECIMAL(12,4) price as a long count of 1/10,000."""
    return (price * UNITS).cast("long")


def decimal(count: Column, precision: int = 12) -> Column:
    """A long count of 1/10,000 as DECIMAL(precision,4)."""
    return (count.cast("decimal(19,0)") * F.lit("0.0001").cast("decimal(4,4)")).cast(f"decimal({precision},4)")


def quotient(total: Column, count: Column) -> Column:
    """Total / count of non-negative longs, rounded half to even; null where count is 0."""
    down = F.call_function("div", total, count)
    twice_rest = 2 * (total - down * count)
    up = (twice_rest > count) | ((twice_rest == count) & (down % 2 == 1))
    return F.when(count > 0, down + up.cast("long"))
