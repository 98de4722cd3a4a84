"""Each protection of the promise, and how it is switched off in the real code (docs/reliability.md lists the tests)."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.classic.dataframe import DataFrame as Classic  # the class whose methods run

from api import batches, sql, store
from api.memory import Memory
from api.records import Row
from market.messages import Kind
from spark_jobs import averages, bars, schema
from tests.property.streams import Topic

Switch = Callable[[pytest.MonkeyPatch], None]


class Functions:
    """Spark's functions, some of them others."""

    def __init__(self, **others: Callable[..., Column]) -> None:
        self._others = others

    def __getattr__(self, name: str) -> Any:
        return self._others.get(name) or getattr(F, name)


def a_trade_counts_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Classic, "dropDuplicates", lambda rows, _columns: rows)


def no_trade_of_the_day_is_late(patch: pytest.MonkeyPatch) -> None:
    """A watermark of ten seconds, which is ample for a feed that is in order."""
    distinct = Classic.dropDuplicates

    def within_the_watermark(rows: DataFrame, columns: list[str]) -> DataFrame:
        timed = rows.withColumn("at", F.expr("timestamp_micros(time)")).withWatermark("at", "10 seconds")
        return distinct(timed, [*columns, "at"])

    patch.setattr(Classic, "dropDuplicates", within_the_watermark)


def only_some_kinds_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(schema, "KINDS_IN_BARS", get_args(Kind))


def a_day_is_of_its_own(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(schema, "day_bounds_us", lambda _day: (0, 2**62))


def the_exchange_says_the_order(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bars, "F", Functions(min_by=lambda value, _: F.first(value), max_by=lambda value, _: F.last(value)))


def more_trades_are_newer_for_spark(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(averages, "F", Functions(max=lambda column: F.last(column, ignorenulls=True)))


def windows_reach_into_the_next_bucket(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(averages, "_buckets", _one_bucket(averages._buckets))


def _one_bucket(buckets: Callable[[DataFrame], DataFrame]) -> Callable[[DataFrame], DataFrame]:
    """Each bar only in the bucket of its own second."""
    own = f"transform(slots, (slot, at) -> if(at < {averages.WIDEST}, null, slot))"
    return lambda rows: buckets(rows).withColumn("slots", F.expr(own))


def more_trades_are_newer_within_a_batch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(batches, "_newer", lambda rows, key, record: rows.__setitem__(key, record))


def more_trades_are_newer_in_the_database(patch: pytest.MonkeyPatch) -> None:
    rows = [replace(table, newer="new.trades > 0", newest="new.trades") for table in (sql.BARS, sql.AVERAGES)]
    patch.setattr(store, "_UPSERTS", store._UPSERTS | {table.name: sql.upsert(table) for table in rows})


def the_version_is_assigned_last(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store, "_UPSERTS", {name: _version_first(text) for name, text in store._UPSERTS.items()})


def _version_first(statement: str) -> str:
    insert, update = statement.split(" ON DUPLICATE KEY UPDATE ")
    others, separator, version = update.rpartition(", `")
    return f"{insert} ON DUPLICATE KEY UPDATE `{version}, {others}" if separator else statement


def more_trades_are_newer_in_memory(patch: pytest.MonkeyPatch) -> None:
    """A naive broadcast: what comes last is shown and kept."""

    def accept(memory: Memory, row: Row, now_s: float) -> bool:
        memory._series.setdefault((row.kind, row.symbol), {})[row.second] = row
        memory._arrivals.append((now_s, row))
        return True

    patch.setattr(Memory, "accept", accept)


def without_mere_counts(topic: Topic) -> Topic:
    """As if a row were told again only when one of its means changed."""
    told: dict[tuple[str, int], dict[str, Any]] = {}
    left: Topic = defaultdict(list)
    for key, values in topic.items():
        for value in values:
            row = json.loads(value)
            news = {name: field for name, field in row.items() if name != "trades"}
            if told.get((key, row["second"])) != news:
                left[key].append(value)
            told[key, row["second"]] = news
    return left


OF_THE_BARS: tuple[Switch, ...] = (
    a_trade_counts_once,
    no_trade_of_the_day_is_late,
    only_some_kinds_count,
    a_day_is_of_its_own,
    the_exchange_says_the_order,
)
OF_THE_AVERAGES: tuple[Switch, ...] = (more_trades_are_newer_for_spark, windows_reach_into_the_next_bucket)
OF_THE_MERGING: tuple[Switch, ...] = (
    more_trades_are_newer_within_a_batch,
    more_trades_are_newer_in_the_database,
    the_version_is_assigned_last,
    more_trades_are_newer_in_memory,
)
ALL: tuple[Callable[..., object], ...] = (*OF_THE_BARS, *OF_THE_AVERAGES, *OF_THE_MERGING, without_mere_counts)
