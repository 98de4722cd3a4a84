"""The broker's edge: assigned partitions, read by a thread of its own, handed to the loop in chunks."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from api import statistics
from api.hops import Hop
from api.progress import Progress, Where
from api.records import Raw
from market.links import Link

log = logging.getLogger("api.kafka")

# The client's own codes begin with an underscore; they are public all the same.
_UNKNOWN_TOPIC, _ALL_BROKERS_DOWN = KafkaError._UNKNOWN_TOPIC, KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001

METADATA_S = 5.0
_POLL_S = 0.1  # how soon a stop is noticed; a record wakes the thread at once
Start = Callable[[Consumer, list[TopicPartition]], list[TopicPartition]]

# A record must not wait: no Nagle, a short pause after errors and after a full queue, a quick return of the broker.
PROMPT = {
    "socket_nagle_disable": True,
    "fetch_min_bytes": 1,
    "fetch_wait_max_ms": 100,  # only how long an empty answer is held back
    "fetch_error_backoff_ms": 50,
    "fetch_queue_backoff_ms": 1,
    "reconnect_backoff_ms": 50,
    "reconnect_backoff_max_ms": 1_000,
    "statistics_interval_ms": 1_000,
    "topic_metadata_refresh_interval_ms": 10_000,  # how soon added partitions are seen
    "enable_auto_commit": False,
    "enable_auto_offset_store": False,
    "queued_max_messages_kbytes": 16_384,
}


class Reader:
    """Records of all partitions of some topics. With `slots` chunks unreleased the fetch waits: nothing piles up."""

    def __init__(self, config: Mapping[str, Any], topics: Iterable[str], start: Start, hop: Hop) -> None:
        self._config = {**config, "stats_cb": self._on_statistics, "error_cb": self._on_error}
        self._topics = tuple(topics)
        self._start = start
        self._hop = hop
        self._link = Link()
        self._assigned: set[Where] = set()
        self._unassigned: set[Where] = set()
        self.progress = Progress()

    async def run(self, deliver: Callable[[list[Raw]], None], slots: threading.Semaphore, chunk: int = 100) -> None:
        """Read until cancelled; `deliver` runs on the loop. Each chunk takes a slot, which its user releases.

        RefusedError when the broker's certificate is not to be trusted.
        """
        stop = threading.Event()
        loop = asyncio.get_running_loop()

        def hand_over(records: list[Raw]) -> None:
            loop.call_soon_threadsafe(deliver, records)

        work = loop.run_in_executor(None, self._read, stop, hand_over, slots, chunk)
        try:
            await asyncio.shield(work)
        finally:
            stop.set()
            ended, _ = await asyncio.wait([work], timeout=METADATA_S + 1)
            for each in ended:
                each.exception()  # looked at: what fails beside another failure is not told by asyncio, with a trace

    def _read(
        self, stop: threading.Event, hand_over: Callable[[list[Raw]], None], slots: threading.Semaphore, chunk: int
    ) -> None:
        consumer = Consumer(self._config)
        try:
            self._assign(consumer, stop)
            while not stop.is_set():
                self._link.check()
                if self._unassigned:
                    self._widen(consumer)
                # consume(n, t) would wait for n records or all of t: poll wakes at the first, consume takes the rest.
                first = consumer.poll(_POLL_S)
                if first is None:
                    continue
                records = _records([first, *consumer.consume(chunk - 1, 0)])
                if records and _take(slots, stop):
                    hand_over(records)
        finally:
            consumer.close()

    def _assign(self, consumer: Consumer, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                partitions = self._partitions(consumer)
                starts = self._start(consumer, partitions)
                ends = [consumer.get_watermark_offsets(each, METADATA_S) for each in starts]
            except KafkaException as error:
                self._hop.down(str(error))
                log.warning("kafka.not_assigned error=%r", error)
                consumer.poll(_POLL_S)  # hands over what was heard
                self._link.check()
                stop.wait(1.0)
                continue
            for each, (low, high) in zip(starts, ends, strict=True):
                each.offset = _first(each.offset, low, high)
            consumer.assign(starts)
            self._assigned = {_where(each) for each in starts}
            self.progress.begin((_where(each), each.offset, high) for each, (_, high) in zip(starts, ends, strict=True))
            self._hop.up()
            return

    def _partitions(self, consumer: Consumer) -> list[TopicPartition]:
        """Every partition of the topics; a topic that is not there yet is an error to try again."""
        known = consumer.list_topics(timeout=METADATA_S).topics
        missing = [
            name for name in self._topics if name not in known or known[name].error or not known[name].partitions
        ]
        if missing:
            raise KafkaException(KafkaError(_UNKNOWN_TOPIC, f"no topic {', '.join(missing)} yet"))
        return [TopicPartition(name, number) for name in self._topics for number in sorted(known[name].partitions)]

    def _widen(self, consumer: Consumer) -> None:
        """Partitions added since are read from their beginning."""
        added, self._unassigned = self._unassigned - self._assigned, set()
        if added:
            log.info("kafka.widened partitions=%s", sorted(added))
            consumer.incremental_assign([TopicPartition(*where, OFFSET_BEGINNING) for where in added])
            self._assigned |= added

    def _on_statistics(self, text: str) -> None:
        seen = statistics.parse(text)
        if seen.is_connected():
            self._hop.up()
        else:
            self._hop.down("no connection to any broker")
        if self._assigned:
            self._unassigned = seen.partitions_of(self._topics) - self._assigned
            self.progress.lags = seen.lags_of(self._topics)

    def _on_error(self, error: KafkaError) -> None:
        trouble = self._link.hear(error)
        log.warning("kafka.error %s", trouble)
        if error.code() == _ALL_BROKERS_DOWN:
            self._hop.down(trouble)


def _records(messages: Iterable[Message]) -> list[Raw]:
    records, now_us = [], time.time_ns() // 1_000
    for message in messages:
        error = message.error()
        if error is None:
            records.append(raw_of(message, now_us))
        elif error.fatal():
            raise KafkaException(error)
        else:
            log.warning("kafka.record_error topic=%s error=%r", message.topic(), error)
    return records


def raw_of(message: Message, read_us: int = 0) -> Raw:
    _, timestamp_ms = message.timestamp()
    return Raw(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        _bytes(message.key()),
        _bytes(message.value()),
        timestamp_ms,
        read_us,
    )


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _take(slots: threading.Semaphore, stop: threading.Event) -> bool:
    while not slots.acquire(timeout=_POLL_S):
        if stop.is_set():
            return False
    return True


def _where(partition: TopicPartition) -> Where:
    return partition.topic, partition.partition


def _first(offset: int, low: int, high: int) -> int:
    """An offset as a number: librdkafka writes beginning and end as negative ones."""
    if offset >= 0:
        return max(offset, low)
    return low if offset == OFFSET_BEGINNING else high
