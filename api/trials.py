"""Indicative prices: trial matches (試撮) are told on `status` as they come, and are in no row (semantics: a trade).

`trades` holds every trade of the market, so it is read only while there can be a trial match.
"""

import asyncio
import logging
import threading
from collections.abc import Callable

import msgspec
from confluent_kafka import OFFSET_END, Consumer, TopicPartition

from api.frames import text_frame
from api.hops import Hop
from api.hub import Hub
from api.kafka import PROMPT, Reader
from api.live import Live
from api.messages import Trial, TrialMessage
from api.notices import delayed
from api.records import Raw
from market.calendar import Calendar, Phase
from market.messages import decode_trade, encode
from market.settings import KafkaSettings
from market.topics import TRADES

log = logging.getLogger("api.trials")

_MARK = b'"kind":"trial"'  # as its writer splices it: most records need no decoding
_LOOK_S = 0.5
_SLOTS, _CHUNK = 4, 200


class Trials:
    """`is_wanted`: whether there can be a trial match now, of any symbol."""

    def __init__(self, kafka: KafkaSettings, hub: Hub, is_wanted: Callable[[], bool]) -> None:
        self._config = kafka.client(group_id="api-trials", auto_offset_reset="latest", **PROMPT)
        self._hub = hub
        self._is_wanted = is_wanted
        self._slots = threading.Semaphore(_SLOTS)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._turn(wanted=True)
            log.info("trials.reading")
            reader = Reader(self._config, [TRADES.name], _newest, Hop("kafka for trials"))
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(reader.run(self._deliver, self._slots, _CHUNK), name="trials.read")
                await self._turn(wanted=False)
                reading.cancel()
            log.info("trials.resting")

    async def _turn(self, *, wanted: bool) -> None:
        while self._is_wanted() is not wanted:  # noqa: ASYNC110 - the market's clock has no events
            await asyncio.sleep(_LOOK_S)

    def _deliver(self, records: list[Raw]) -> None:
        for raw in records:
            if raw.value is not None and _MARK in raw.value:
                self._tell(raw.value)
        self._slots.release()

    def _tell(self, value: bytes) -> None:
        try:
            found = decode_trade(value)
        except msgspec.DecodeError:
            return  # Spark buries what is no trade
        told = Trial(symbol=found.symbol, time=found.time, price=found.price, size=found.size)
        self._hub.tell("status", found.symbol, ("trial", found.symbol), text_frame(encode(TrialMessage(data=told))))


def _newest(_: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
    """A trial match is of now, or of no interest."""
    return [TopicPartition(each.topic, each.partition, OFFSET_END) for each in partitions]


def collecting(calendar: Calendar, live: Live) -> bool:
    """Whether orders are collected for a call now, of any symbol: by the timetable, in a pause, or as it is put off."""
    now_us = live.now_us()
    if calendar.phase(now_us) in {Phase.TRIAL, Phase.CLOSING}:
        return True
    return bool(live.halted() or delayed(live.delays, live.hub.memory, now_us // 1_000_000))
