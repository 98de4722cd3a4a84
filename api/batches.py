"""Records gathered until there are enough or the first is old enough, merged by the one rule."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from api.records import Bad, Known, Raw, parse
from market.messages import Average, Bar, Gap
from market.topics import FEED

SIZE = 2_000
AGE_S = 0.05

Key = tuple[str, int]
R = TypeVar("R", Bar, Average)


@dataclass(slots=True)
class Batch:
    """What one transaction stores: newest versions by key, gaps, the next offset of each partition; and the bad."""

    opened_s: float
    bars: dict[Key, Bar] = field(default_factory=dict)
    averages: dict[Key, Average] = field(default_factory=dict)
    gaps: dict[tuple[str, int, int], Gap] = field(default_factory=dict)
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    bad: list[tuple[Raw, str]] = field(default_factory=list)
    records: int = 0
    oldest_ms: int | None = None

    def add(self, raw: Raw) -> None:
        """Take in one record; of two with one key the one that counts more trades stays."""
        self.records += 1
        self.offsets[raw.topic, raw.partition] = raw.offset + 1
        if raw.topic != FEED.name:  # stamped by the market's clock
            self.oldest_ms = raw.timestamp_ms if self.oldest_ms is None else min(self.oldest_ms, raw.timestamp_ms)
        record = parse(raw)
        if isinstance(record, Bad):
            self.bad.append((raw, record.reason))
        else:
            self._keep(record)

    def _keep(self, record: Known) -> None:
        if isinstance(record, Bar):
            _newer(self.bars, (record.symbol, record.second), record)
        elif isinstance(record, Average):
            _newer(self.averages, (record.symbol, record.second), record)
        elif isinstance(record, Gap):
            key = (record.symbol, record.from_us, record.to_us)
            if key not in self.gaps or record.at_us >= self.gaps[key].at_us:
                self.gaps[key] = record

    def wait_s(self, now_s: float, size: int, age_s: float) -> float:
        """How much longer to gather; 0 when full or old enough."""
        return 0.0 if self.records >= size else max(0.0, self.opened_s + age_s - now_s)


def _newer(rows: dict[Key, R], key: Key, record: R) -> None:
    held = rows.get(key)
    if held is None or record.trades > held.trades:
        rows[key] = record


async def batches(
    queue: asyncio.Queue[list[Raw]],
    taken: Callable[[], None],
    size: int = SIZE,
    age_s: float = AGE_S,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Batch]:
    """Batches without end; `taken` is called for each chunk that leaves the queue."""
    while True:
        chunk = await queue.get()
        batch = Batch(clock())
        _fill(batch, chunk, taken)
        while (wait_s := batch.wait_s(clock(), size, age_s)) > 0:
            try:
                async with asyncio.timeout(wait_s):
                    chunk = await queue.get()
            except TimeoutError:
                break
            _fill(batch, chunk, taken)
            await asyncio.sleep(0)  # a queue that is never empty would hold the loop for a whole batch
        yield batch


def _fill(batch: Batch, chunk: Iterable[Raw], taken: Callable[[], None]) -> None:
    for raw in chunk:
        batch.add(raw)
    taken()
