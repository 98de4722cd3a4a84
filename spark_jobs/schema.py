"""Topic records as rows: parse once, keep the good ones, name what is wrong with the others."""

from datetime import date
from typing import get_args

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from market.calendar import day_bounds_us
from market.messages import KINDS_IN_BARS, Kind

TRADE = (
    "symbol string, time long, serial long, price decimal(12,4), size long, volume long, "
    "bid decimal(12,4), ask decimal(12,4), kind string"
)
BAR = "symbol string, second long, vwap decimal(12,4), trades long"

MAX_SERIAL = 10**12  # what `sequence` in bars.py has room for; the exchange uses eight digits
MAX_VOLUME = 10**12
MAX_VALUE = 10**10  # price times size of one print: far over any there was, and a second's sum stays within a long
MAX_TRADES = 10**6  # what a slot in averages.py has room for, in one second of one symbol

_KINDS = ", ".join(f"'{kind}'" for kind in get_args(Kind))
IS_TRADE = (
    f"t.symbol is not null and t.time is not null and t.kind in ({_KINDS}) and t.price > 0 and t.size > 0 "
    f"and t.serial between 0 and {MAX_SERIAL - 1} "
    f"and (t.kind = 'trial' or coalesce(t.volume between t.size and {MAX_VOLUME}, true)) "
    f"and cast(t.price as double) * t.size < {MAX_VALUE}"
)
IS_BAR = f"b.symbol is not null and b.second is not null and b.vwap > 0 and b.trades between 1 and {MAX_TRADES - 1}"


def trades(records: DataFrame, day: date) -> DataFrame:
    """Trades of `day` that count in bars, one row each, repeats included; from records with a `value`."""
    start, end = day_bounds_us(day)
    kinds = ", ".join(f"'{kind}'" for kind in KINDS_IN_BARS)
    keep = f"{IS_TRADE} and t.time >= {start} and t.time < {end} and t.kind in ({kinds})"
    return records.selectExpr(_parsed(TRADE, f"t -> {keep}"))


def bars(records: DataFrame, day: date) -> DataFrame:
    """Bars of `day`, as far as averages need them; every version that was published."""
    start, end = (bound // 1_000_000 for bound in day_bounds_us(day))
    return records.selectExpr(_parsed(BAR, f"b -> {IS_BAR} and b.second >= {start} and b.second < {end}"))


def rejects(records: DataFrame) -> DataFrame:
    """Records of `trades` that are no trade, as dead letters: `key, value, headers`."""
    good = F.expr(f"exists(array(from_json(cast(value as string), '{TRADE}')), t -> {IS_TRADE})")
    source = F.concat_ws("", "topic", F.lit("/"), "partition", F.lit("@"), "offset")
    headers = {"reason": F.lit("not a trade record"), "source": source, "at_us": F.unix_micros("timestamp")}
    pairs = [
        F.struct(F.lit(name).alias("key"), text.cast("string").cast("binary").alias("value"))
        for name, text in headers.items()
    ]
    return records.where(~F.coalesce(good, F.lit(False))).select("key", "value", F.array(*pairs).alias("headers"))


def _parsed(schema: str, keep: str) -> str:
    # inline(filter(array(..))) parses a record once; a where on parsed columns would parse it once per predicate.
    return f"inline(filter(array(from_json(cast(value as string), '{schema}')), {keep}))"
