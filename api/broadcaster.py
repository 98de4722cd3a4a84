"""Live path: what the topics say now, to the hub. It may skip what is old; it never waits for anybody for long."""

import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from api.hops import Hop
from api.kafka import METADATA_S, PROMPT, Reader
from api.live import Live
from api.records import Bad, Raw, parse
from market.settings import KafkaSettings
from market.topics import AVERAGES, BARS, FEED, SYMBOLS

log = logging.getLogger("api.broadcaster")

# How far back memory is made warm at most: rows as long as it keeps them, statuses as long as they prove something.
REWIND_S = {BARS.name: 15 * 60, AVERAGES.name: 15 * 60, FEED.name: 24 * 3_600}
TOPICS = (*REWIND_S, SYMBOLS.name)
_ROWS = (BARS.name, AVERAGES.name)
_OVERLAP = 1_000  # stored rows read again: the newest say how far the pipeline had come
_ASKED_S = 2.0  # a database that does not say by then where it stands is not waited for
_SLOTS, _CHUNK = 8, 100  # 100 records hold the loop for about 1 ms


Stored = Callable[[float], Awaitable[Mapping[tuple[str, int], int]]]


class Broadcaster:
    """One consumer of all partitions, without a group: every replica and every browser gets everything.

    `stored` gives, within some seconds, the offsets through which the database has the rows: those need no warming.
    """

    def __init__(self, kafka: KafkaSettings, live: Live, hop: Hop, stored: Stored) -> None:
        config = kafka.client(group_id="api-broadcaster", auto_offset_reset="latest", **PROMPT)
        self._live = live
        self._stored = stored
        self._offsets: Mapping[tuple[str, int], int] = {}
        self._slots = threading.Semaphore(_SLOTS)
        self._reader = Reader(config, TOPICS, self._starts, hop)
        self.progress = self._reader.progress
        self.received = 0

    async def run(self) -> None:
        self._offsets = await self._stored(_ASKED_S)
        await self._reader.run(self._deliver, self._slots, _CHUNK)

    def _deliver(self, records: list[Raw]) -> None:
        """A bad record is the recorder's to bury; here it is nothing."""
        fresh = self.progress.caught_up
        self.received += len(records)
        for raw in records:
            record = parse(raw)
            if not isinstance(record, Bad):
                self._live.take(record, raw, fresh=fresh)
            self.progress.reach((raw.topic, raw.partition), raw.offset + 1)
        self._slots.release()

    def _starts(self, consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """By time where a topic is a stream, rows not before what is stored; from the beginning where it is a table."""
        # Rows are stamped by Spark's machine, the feed by the market's clock.
        now_ms = dict.fromkeys(_ROWS, time.time_ns() // 1_000_000) | {FEED.name: self._live.now_us() // 1_000}
        timed = [
            TopicPartition(each.topic, each.partition, now_ms[each.topic] - REWIND_S[each.topic] * 1_000)
            for each in partitions
            if each.topic in REWIND_S
        ]
        whole = [TopicPartition(p.topic, p.partition, OFFSET_BEGINNING) for p in partitions if p.topic not in REWIND_S]
        starts = consumer.offsets_for_times(timed, METADATA_S)
        for each in starts:
            if each.topic in _ROWS and each.offset >= 0:
                each.offset = max(each.offset, self._offsets.get((each.topic, each.partition), 0) - _OVERLAP)
        return [*starts, *whole]
