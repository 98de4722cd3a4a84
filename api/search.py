"""A short look into topics: the records of one symbol and second, within a stretch of time and a deadline."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from api.kafka import raw_of
from api.records import Raw

log = logging.getLogger("api.search")

PATIENCE_S = 4.0
_POLL_S, _CHUNK = 0.1, 500
_END = KafkaError._PARTITION_EOF  # noqa: SLF001 - public all the same
_OPTIONS: dict[str, Any] = {
    "group.id": "api-search",  # asked for by the client; nothing is ever committed
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "earliest",
    "queued.max.messages.kbytes": 16_384,
    "fetch.wait.max.ms": 10,
}

Where = tuple[str, int]


class TooSlowError(RuntimeError):
    """The broker did not give the whole stretch in time; the message says how far it came."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Records of a topic with this key, stamped from `since_ms` on; through `until_ms` it must be searched."""

    topic: str
    key: bytes
    since_ms: int
    until_ms: int


@dataclass(slots=True)
class Searched:
    """What was found in a topic, in the order read; `through_ms` None: all that there is."""

    records: list[Raw] = field(default_factory=list)
    looked_at: int = 0
    through_ms: int | None = None


class Search:
    """One search, run in a thread of its own. `is_wanted` chooses among the records with the stretch's key."""

    def __init__(self, config: Mapping[str, Any], stop: threading.Event, is_wanted: Callable[[Raw], bool]) -> None:
        self._config = {**config, **_OPTIONS}
        self._stop = stop
        self._is_wanted = is_wanted
        self._deadline_s = time.monotonic() + PATIENCE_S
        self._keys: dict[str, bytes] = {}
        self._seen_ms: dict[Where, int] = {}
        self.found: dict[str, Searched] = {}

    def run(self, stretches: list[Stretch], is_enough: Callable[[dict[str, Searched]], bool]) -> dict[str, Searched]:
        """Search the stretches, and beyond them to the topics' ends unless it `is_enough` or the time is over.

        Raises TooSlowError, KafkaException.
        """
        self._keys = {each.topic: each.key for each in stretches}
        self.found = {each.topic: Searched(through_ms=each.until_ms) for each in stretches}
        consumer = Consumer(self._config)
        try:
            starts, stops, ends = self._bounds(consumer, stretches)
            if left := self._read(consumer, starts, stops):
                message = f"{len(left)} partitions were not read within {PATIENCE_S:g} s"
                raise TooSlowError(message)
            if is_enough(self.found):
                return self.found
            self._note_rest(self._read(consumer, stops, ends))
        finally:
            consumer.close()
        return self.found

    def _bounds(self, consumer: Consumer, stretches: list[Stretch]) -> tuple[dict[Where, int], ...]:
        """First offsets, those after the stretches, those after the topics' last records; of every partition.

        A symbol's partition follows from its key, but was another one before the topic was widened.
        """
        of_topic = {
            each.topic: sorted(consumer.list_topics(each.topic, self._left_s()).topics[each.topic].partitions)
            for each in stretches
        }
        places = [(each, number) for each in stretches for number in of_topic[each.topic]]
        since = [TopicPartition(each.topic, number, each.since_ms) for each, number in places]
        until = [TopicPartition(each.topic, number, each.until_ms) for each, number in places]
        ends = {(p.topic, p.partition): consumer.get_watermark_offsets(p, self._left_s())[1] for p in since}
        starts, stops = (
            {(p.topic, p.partition): p.offset for p in consumer.offsets_for_times(times, self._left_s())}
            for times in (since, until)
        )
        return tuple(
            {where: end if each[where] < 0 else min(each[where], end) for where, end in ends.items()}
            for each in (starts, stops, ends)
        )

    def _read(self, consumer: Consumer, starts: dict[Where, int], stops: dict[Where, int]) -> dict[Where, int]:
        """Take the records from `starts` to before `stops`; the partitions that were not finished in time."""
        left = {where: stop for where, stop in stops.items() if starts[where] < stop}
        if left:
            consumer.assign([TopicPartition(*where, starts[where]) for where in left])
        while left and self._left_s() > 0.01 and not self._stop.is_set():
            for message in consumer.consume(_CHUNK, min(_POLL_S, self._left_s())):
                self._take(consumer, message, left)
        return left

    def _take(self, consumer: Consumer, message: Message, left: dict[Where, int]) -> None:
        where = (message.topic() or "", message.partition() or 0)
        if where not in left:
            return
        error, offset = message.error(), message.offset() or 0
        if error is not None and error.code() != _END:
            raise KafkaException(error)
        if error is None and offset < left[where]:
            searched = self.found[where[0]]
            searched.looked_at += 1
            self._seen_ms[where] = message.timestamp()[1]
            if message.key() == self._keys[where[0]] and self._is_wanted(raw := raw_of(message)):
                searched.records.append(raw)
        if error is not None or offset + 1 >= left[where]:
            del left[where]
            consumer.incremental_unassign([TopicPartition(*where)])

    def _note_rest(self, left: dict[Where, int]) -> None:
        """How far beyond the stretches each topic was searched."""
        for topic, searched in self.found.items():
            seen = [self._seen_ms.get(where, searched.through_ms or 0) for where in left if where[0] == topic]
            searched.through_ms = max(searched.through_ms or 0, min(seen)) if seen else None

    def _left_s(self) -> float:
        return max(0.01, self._deadline_s - time.monotonic())
