"""Histories through the whole pipeline: Spark's queries, cut, lost and doubled, into the database and onto a page."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from pyspark.sql import DataFrame, SparkSession

from spark_jobs import averages as averages_job
from spark_jobs import bars as bars_job
from spark_jobs import schema
from tests.builders import DAY
from tests.property.histories import History
from tests.property.streams import Query, Topic, batch

_BATCHES, _LOST_AFTER = 5, 3
Fate = Callable[[random.Random, "Outputs", str], list[str]]


def make_bars(records: DataFrame) -> DataFrame:
    return bars_job.bars(schema.trades(records, DAY))


def make_averages(records: DataFrame, *, each_record: bool) -> DataFrame:
    return averages_job.averages(schema.bars(records, DAY), each_record=each_record)


class Outputs(NamedTuple):
    """What one job's runs wrote: the one that was lost, the one that stayed, the rebuild of some moment."""

    lost: Topic
    whole: Topic
    rebuilt: Topic


class Bars(NamedTuple):
    """The topic, and from which record of a key on a new query of averages reads; else from the first."""

    topic: Topic
    reopened: dict[str, int]


def _in_turn(_chance: random.Random, made: Outputs, key: str) -> list[str]:
    """The checkpoint is lost; the next run begins at the day's first record."""
    return [*made.lost[key], *made.whole[key]]


def _at_once(chance: random.Random, made: Outputs, key: str) -> list[str]:
    """The lost one is not dead: two write at the same time."""
    return interleaved(chance, made.lost[key], made.whole[key])


def _rebuilt(chance: random.Random, made: Outputs, key: str) -> list[str]:
    """A rebuild runs beside the stream and may be late: what it read is old when it is written."""
    return interleaved(chance, made.rebuilt[key], made.whole[key], made.lost[key])


def _alone(_chance: random.Random, made: Outputs, key: str) -> list[str]:
    return made.whole[key]


_FATES: tuple[Fate, ...] = (_alone, _in_turn, _at_once, _rebuilt)


def interleaved(chance: random.Random, *lists: Sequence[str]) -> list[str]:
    """All of them, each in its own order."""
    turns = [number for number, each in enumerate(lists) for _ in each]
    chance.shuffle(turns)
    left = [iter(each) for each in lists]
    return [next(left[number]) for number in turns]


@dataclass(frozen=True)
class Campaign:
    """Runs many histories together; all chance follows from `seed` and from the histories' own."""

    spark: SparkSession
    folder: Path
    seed: int

    def bars(self, histories: Sequence[History]) -> Bars:
        """The topic `bars`."""
        first = self._split("first", {history.name: history.values() for history in histories})
        lost = self._cut("bars-lost", make_bars, first[:_LOST_AFTER])
        whole = self.bars_of_one_query(histories)
        rebuilt = batch(self._records(values for part in first[: _LOST_AFTER - 1] for values in part), make_bars)
        made = Outputs(lost, whole, rebuilt)
        topic, fates = self._fated(made)
        # A day that is opened anew reads its bars from the end of that moment: all of them will be told again.
        return Bars(topic, {key: len(lost[key]) for key, fate in fates.items() if fate is _in_turn})

    def bars_of_one_query(self, histories: Sequence[History]) -> Topic:
        """The same without a lost one and without a rebuild."""
        sent = {history.name: history.values() for history in histories}
        return self._cut("bars", make_bars, self._split("second", sent))

    def averages(self, bars: Bars) -> Topic:
        """The topic `averages`, as the real-time query makes it: every record of a symbol is answered by itself."""
        each = partial(make_averages, each_record=True)
        lost = self._cut("averages-lost", each, _one_by_one(bars.topic.values())[:_LOST_AFTER])
        read = (values[bars.reopened.get(key, 0) :] for key, values in bars.topic.items())
        whole = self._cut("averages", each, _one_by_one(read))
        early = self._records(values[: len(values) // 2] for values in bars.topic.values())
        return self._fated(Outputs(lost, whole, batch(early, partial(make_averages, each_record=False))))[0]

    def averages_in_batches(self, bars: Topic) -> Topic:
        """The same by micro-batches of many records, the fallback's way."""
        parts = self._split("batches", bars)
        return self._cut("averages-batches", partial(make_averages, each_record=False), parts)

    def _split(self, salt: str, topic: Mapping[str, Sequence[str]]) -> list[list[str]]:
        """Micro-batches over which each key's records are spread in their order."""
        parts: list[list[str]] = [[] for _ in range(_BATCHES)]
        for key, values in topic.items():
            chosen = random.Random(f"{self.seed} {salt} {key}").choices(range(_BATCHES), k=len(values))
            for value, at in zip(values, sorted(chosen), strict=True):
                parts[at].append(value)
        return parts

    def _cut(self, name: str, transform: Callable[[DataFrame], DataFrame], parts: Sequence[Sequence[str]]) -> Topic:
        """A query that was killed once between sink and commit, and went on."""
        query = Query(self.spark, transform, self.folder / name)
        at = len(parts) // 2
        query.run(parts[:at])
        if at:
            query.cut()
        query.run(parts[at:])
        return query.topic

    def _records(self, parts: Iterable[Sequence[str]]) -> DataFrame:
        return self.spark.createDataFrame([(value,) for part in parts for value in part], "value string")

    def _fated(self, made: Outputs) -> tuple[Topic, dict[str, Fate]]:
        chance = random.Random(f"{self.seed} fate")
        fates = {key: chance.choice(_FATES) for key in sorted({*made.lost, *made.whole, *made.rebuilt})}
        return {key: fate(chance, made, key) for key, fate in fates.items()}, fates


def _one_by_one(lists: Iterable[Sequence[str]]) -> list[list[str]]:
    """Micro-batches with at most one record of each key."""
    return [[value for value in part if value is not None] for part in zip_longest(*lists)]
