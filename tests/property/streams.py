"""The real transforms in real queries: a file is a micro-batch; a query can be cut between sink and commit."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from spark_jobs.kafka import encoded

Transform = Callable[[DataFrame], DataFrame]
Topic = dict[str, list[str]]  # by key, in the order of its partition


@dataclass
class Query:
    """A streaming query over records that come batch by batch; what it wrote, repeats included, is in `topic`."""

    spark: SparkSession
    transform: Transform
    folder: Path
    topic: Topic = field(default_factory=lambda: defaultdict(list))
    _files: int = 0

    def run(self, batches: Iterable[Sequence[str]]) -> None:
        """Go on from the checkpoint, a micro-batch each."""
        source = self.folder / "source"
        source.mkdir(parents=True, exist_ok=True)
        for values in batches:
            path = source / f"{self._files:05}.txt"
            path.write_text("".join(f"{value}\n" for value in values), "utf-8")
            os.utime(path, (1_000_000 + self._files,) * 2)  # the source goes by the time of a file
            self._files += 1
        records = self.spark.readStream.option("maxFilesPerTrigger", "1").text(str(source))
        sink = encoded(self.transform(records)).writeStream.outputMode("update").foreachBatch(self._write)
        sink = sink.option("checkpointLocation", str(self.folder / "checkpoint")).trigger(availableNow=True)
        query = sink.start()
        if not query.awaitTermination(280):
            query.stop()
            message = f"{self._files} micro-batches took more than 280 s"
            raise TimeoutError(message)

    def cut(self) -> None:
        """As if killed when the last batch was written and not yet committed: the next run writes it again."""
        commits = self.folder / "checkpoint" / "commits"
        newest = max((path for path in commits.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
        for path in (newest, commits / f".{newest.name}.crc"):
            path.unlink(missing_ok=True)

    def _write(self, rows: DataFrame, _batch: int) -> None:
        collect_into(self.topic, rows)


def batch(records: DataFrame, transform: Transform) -> Topic:
    """The same transform at once, as the rebuild does."""
    topic: Topic = defaultdict(list)
    collect_into(topic, encoded(transform(records)))
    return topic


def collect_into(topic: Topic, rows: DataFrame) -> None:
    for row in rows.collect():
        topic[row.key].append(row.value)
