"""Where the last ingestor stopped, from its own topics: today's trades, and the gaps that nobody has closed."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from ingestor.gaps import Gaps
from market.calendar import day_bounds_us, trading_day
from market.messages import KINDS_IN_BARS, Gap, Kind, decode_feed
from market.topics import FEED, TRADES, Topic

_EARLY_MS = 3_600_000  # records are stamped by a clock, trades by the exchange's
_CHUNK = 500  # at once, so that the stream gets its turns
_POLL_S, _ASK_S, _AGAIN_S, _LOG_EVERY_S = 0.5, 2.0, 1.0, 5.0
_PATIENCE_S = 60.0
# Memory is bounded: what is read ahead, and per symbol the stretches without a hole.
_OPTIONS: dict[str, Any] = {
    "group.id": "ingestor",  # names us in the broker's log; nothing is committed
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "queued.max.messages.kbytes": 16_384,
    "log_level": 2,
}

log = logging.getLogger("ingestor")


class _Known(msgspec.Struct):
    symbol: str
    time: int
    serial: int
    size: int
    kind: Kind
    volume: int | None = None


_known = msgspec.json.Decoder(_Known).decode


@dataclass(slots=True)
class Past:
    """What the topics hold: `gaps` knows the trades of its day, `told` the last word on each gap not healed."""

    gaps: Gaps
    told: dict[tuple[str, int, int], Gap] = field(default_factory=dict)
    trades: int = 0

    def take(self, message: Message) -> None:
        """A record of either topic; what is neither trade nor gap was refused elsewhere."""
        try:
            if message.topic() == TRADES.name:
                self._trade(_known(message.value() or b""))
            elif message.key() == b"gap":
                self._gap(decode_feed(message.value() or b""))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass

    def _trade(self, trade: _Known) -> None:
        if trade.kind in KINDS_IN_BARS and trading_day(trade.time) == self.gaps.day:
            self.trades += 1
            self.gaps.add(trade.symbol, trade, "stream", 0.0)

    def _gap(self, gap: object) -> None:
        if isinstance(gap, Gap):
            self.told[gap.symbol, gap.from_us, gap.to_us] = gap
            if gap.state == "healed":
                del self.told[gap.symbol, gap.from_us, gap.to_us]


class History:
    """Read once, beside the stream; `client` says how to reach the broker (market.settings: KafkaSettings.client)."""

    def __init__(self, client: Mapping[str, Any], past: Past) -> None:
        self._client = client
        self._past = past
        self._stopped = threading.Event()

    async def run(self, begin: Callable[[Gaps, list[Gap]], None]) -> None:
        """Read up to now and hand it over.

        A broker that gives nothing for a minute is waited for no longer: too much seems missing then, and is fetched
        again, which changes no row; nothing that is missing goes unseen.
        """
        try:
            await asyncio.to_thread(self._read)
        finally:
            self._stopped.set()  # a thread cannot be cancelled
        begin(self._past.gaps, list(self._past.told.values()))

    def _read(self) -> None:
        consumer, began_s = Consumer({**self._client, **_OPTIONS}), monotonic()
        try:
            ends = self._assigned(consumer)
            if ends is not None and self._consumed(consumer, ends):
                log.info("history_read trades=%d in_s=%.1f", self._past.trades, monotonic() - began_s)
            elif not self._stopped.is_set():
                log.error("history_incomplete trades=%d why='nothing for %.0f s'", self._past.trades, _PATIENCE_S)
        finally:
            consumer.close()

    def _assigned(self, consumer: Consumer) -> dict[tuple[str, int], int] | None:
        """Assign both topics from where the day begins; where each partition ends now. None: no broker in time."""
        until_s = monotonic() + _PATIENCE_S
        while monotonic() < until_s and not self._stopped.is_set():
            try:
                starts = self._starts(consumer)
                bounds = [consumer.get_watermark_offsets(each, _ASK_S) for each in starts]
            except KafkaException as error:
                log.warning("history_waits why=%r", error.args[0].str())
                self._stopped.wait(_AGAIN_S)
                continue
            for each, (low, high) in zip(starts, bounds, strict=True):
                each.offset = max(each.offset, low) if each.offset >= 0 else high
            consumer.assign(starts)
            return {
                (each.topic, each.partition): high
                for each, (_, high) in zip(starts, bounds, strict=True)
                if each.offset < high
            }
        return None

    def _starts(self, consumer: Consumer) -> list[TopicPartition]:
        """Trades from the day's start; all of `feed`, because a gap stays open until somebody closes it."""
        since_ms = day_bounds_us(self._past.gaps.day)[0] // 1_000 - _EARLY_MS
        trades = [TopicPartition(TRADES.name, number, since_ms) for number in _partitions(consumer, TRADES)]
        found: list[TopicPartition] = consumer.offsets_for_times(trades, timeout=_ASK_S)
        return found + [TopicPartition(FEED.name, number, 0) for number in _partitions(consumer, FEED)]

    def _consumed(self, consumer: Consumer, ends: dict[tuple[str, int], int]) -> bool:
        """Take all records before `ends`; False where they stopped coming."""
        came_s = logged_s = monotonic()
        while ends and monotonic() - came_s < _PATIENCE_S and not self._stopped.is_set():
            for message in consumer.consume(_CHUNK, _POLL_S):
                came_s = monotonic()
                self._take(message, ends)
            if monotonic() - logged_s >= _LOG_EVERY_S:
                logged_s = monotonic()
                log.info("history_reading trades=%d partitions_left=%d", self._past.trades, len(ends))
        return not ends

    def _take(self, message: Message, ends: dict[tuple[str, int], int]) -> None:
        error = message.error()
        if error:
            log.warning("history_error why=%r", error.str())
            return
        self._past.take(message)
        where = (message.topic() or "", message.partition() or 0)
        if where in ends and (message.offset() or 0) + 1 >= ends[where]:
            del ends[where]


def _partitions(consumer: Consumer, topic: Topic) -> list[int]:
    """None where the topic does not exist yet: then there is no past."""
    known = consumer.list_topics(timeout=_ASK_S).topics.get(topic.name)
    return sorted(known.partitions) if known else []
