"""Where a trading day begins in a topic."""

import json
from datetime import date
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from market.calendar import day_bounds_us
from market.settings import KafkaSettings

_TIMEOUT_S = 30.0
# A clock may be wrong; a record that is read too early is only skipped by its content.
_MARGIN_MS = 3_600_000


class Offsets:
    """Asks the broker; every call ends within 30 s or raises KafkaException."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._consumer = Consumer(kafka.client(group_id="spark-offsets", enable_auto_commit=False))

    def at_day(self, topic: str, day: date) -> dict[str, int]:
        """First offset of each partition that can hold a record of `day`."""
        since_ms = day_bounds_us(day)[0] // 1_000 - _MARGIN_MS
        asked = [TopicPartition(topic, partition, since_ms) for partition in self._partitions(topic)]
        found = self._consumer.offsets_for_times(asked, timeout=_TIMEOUT_S)
        ends = self.end(topic)
        return {str(at.partition): at.offset if at.offset >= 0 else ends[str(at.partition)] for at in found}

    def end(self, topic: str) -> dict[str, int]:
        """Next offset of each partition."""
        return {str(partition): self._end(topic, partition) for partition in self._partitions(topic)}

    def close(self) -> None:
        self._consumer.close()

    def _partitions(self, topic: str) -> list[int]:
        found = self._consumer.list_topics(topic, timeout=_TIMEOUT_S).topics[topic]
        if found.error is not None or not found.partitions:
            message = f"topic {topic} does not exist: create the topics first (python -m infra.topics)"
            raise LookupError(message)
        return sorted(found.partitions)

    def _end(self, topic: str, partition: int) -> int:
        watermarks = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_TIMEOUT_S)
        return int(watermarks[1])


def remembered(path: Path, found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """The start offsets written in `path`, else `found`, which is written there whole or not at all."""
    if path.exists():
        return dict(json.loads(path.read_text("utf-8")))
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(found), "utf-8")
    half.replace(path)
    return found
