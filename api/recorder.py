"""Durable path: bars, averages and gaps from their topics into MySQL, each record at least once and each row once."""

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from api.batches import Batch, batches
from api.hops import Hop
from api.kafka import METADATA_S, PROMPT, Reader
from api.letters import DeadLetters
from api.records import Raw
from api.store import Offsets, Store
from market.settings import KafkaSettings
from market.topics import AVERAGES, BARS, FEED

log = logging.getLogger("api.recorder")

TOPICS = (BARS.name, AVERAGES.name, FEED.name)
_SLOTS, _CHUNK = 20, 100  # one batch may wait while one is written
_JUDGED = 1_000
CURRENT_MS = 60_000.0


class PoisonedError(RuntimeError):
    """Most records are bad: the fault is in a producer's or this program's version, not in the records."""


class Recorder:
    """One consumer of all partitions, its place kept in MySQL beside the rows and nowhere else."""

    def __init__(self, kafka: KafkaSettings, store: Store, letters: DeadLetters, hop: Hop) -> None:
        self._config = kafka.client(group_id="api-recorder", auto_offset_reset="earliest", **PROMPT)
        self._store = store
        self._letters = letters
        self._offsets: Offsets = {}
        self._offsets_known = asyncio.Event()
        self._judged: deque[bool] = deque(maxlen=_JUDGED)
        self._queue: asyncio.Queue[list[Raw]] = asyncio.Queue(_SLOTS)
        self._writing: Batch | None = None
        self._reader = Reader(self._config, TOPICS, self._starts, hop)
        self.progress = self._reader.progress
        self.received = self.recorded = 0

    async def run(self) -> None:
        self._offsets = await self._store.offsets()
        self._offsets_known.set()
        slots = threading.Semaphore(_SLOTS)
        gathered: asyncio.Queue[Batch] = asyncio.Queue(1)  # full: gathering waits, and then reading
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reader.run(self._enqueue, slots, _CHUNK), name="recorder.read")
            group.create_task(self._gather(slots, gathered), name="recorder.gather")
            group.create_task(self._record(gathered), name="recorder.record")

    async def stored(self, within_s: float) -> Offsets:
        """The places in the topics that it goes on from; none, if the database does not tell them in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._offsets_known.wait()
        return self._offsets

    def _enqueue(self, records: list[Raw]) -> None:
        self.received += len(records)
        self._queue.put_nowait(records)  # never full: it has a place for each slot

    async def _gather(self, slots: threading.Semaphore, gathered: asyncio.Queue[Batch]) -> None:
        """The next batch is made while the last is written: database and process work at the same time."""
        async for batch in batches(self._queue, slots.release):
            await gathered.put(batch)

    async def _record(self, gathered: asyncio.Queue[Batch]) -> None:
        while True:
            self._writing = await gathered.get()
            await self._settle(self._writing)
            self._writing = None

    async def _settle(self, batch: Batch) -> None:
        """First the dead letters, then rows and offsets together."""
        self._judge(batch)
        if batch.bad:
            await self._letters.bury(batch.bad)
        await self._store.upsert(batch)
        self.recorded += batch.records
        for where, offset in batch.offsets.items():
            self.progress.reach(where, offset)

    def _judge(self, batch: Batch) -> None:
        self._judged.extend([False] * (batch.records - len(batch.bad)) + [True] * len(batch.bad))
        bad = sum(self._judged)
        if len(self._judged) == _JUDGED and bad > _JUDGED // 2:
            newest = batch.bad[-1][1] if batch.bad else "-"
            message = (
                f"{bad} of the last {_JUDGED} records are bad (the newest: {newest}); is a producer of another version?"
            )
            raise PoisonedError(message)

    def waiting(self) -> int:
        """Records taken from Kafka and not yet stored."""
        return self.received - self.recorded

    @property
    def buried(self) -> int:
        """Records sent to the dead letters by this process."""
        return self._letters.buried

    def lag_ms(self) -> float:
        """Age of the oldest record now being stored, below 0 if Spark's clock is ahead of ours; 0 when none is."""
        oldest_ms = self._writing.oldest_ms if self._writing else None
        return 0.0 if oldest_ms is None else time.time() * 1_000 - oldest_ms

    def is_current(self) -> bool:
        """Whether the database holds all but the last moments."""
        return self.progress.caught_up and self.lag_ms() < CURRENT_MS

    def _starts(self, consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
        return [self._place(consumer, each) for each in partitions]

    def _place(self, consumer: Consumer, partition: TopicPartition) -> TopicPartition:
        stored = self._offsets.get((partition.topic, partition.partition))
        if stored is None:
            return TopicPartition(partition.topic, partition.partition, OFFSET_BEGINNING)
        low, high = consumer.get_watermark_offsets(partition, METADATA_S)
        where = f"{partition.topic}/{partition.partition}"
        if stored < low:
            log.error("recorder.expired source=%s lost=%d..%d mend='rebuild from trades'", where, stored, low - 1)
        if stored > high:
            log.error(
                "recorder.topic_made_anew source=%s stored=%d end=%d: read from its beginning", where, stored, high
            )
            stored = OFFSET_BEGINNING
        return TopicPartition(partition.topic, partition.partition, stored)
