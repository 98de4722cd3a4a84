"""What becomes of a frame or a fetched trade: a trade to `trades`, a pause to `feed`, the unknown to `dead-letters`."""

import logging
from collections import deque
from collections.abc import Container

import msgspec

from ingestor.frames import Frame, Heartbeat, parse
from ingestor.publisher import Headers, Publisher
from ingestor.tally import Tally
from ingestor.trades import Source, Trade, Unknown, trade
from ingestor.watch import Watch
from market.calendar import trading_day
from market.clock import Clock
from market.messages import KINDS_IN_BARS, Delay, Pause, encode
from market.topics import DEAD_LETTERS, FEED, TRADES

_JUDGED = 1_000
_LOG_EVERY_US = 1_000_000  # the topic has them all

log = logging.getLogger("ingestor")


class MostlyBadError(Exception):
    """Most of what came lately was refused: the fault is ours, not the feed's."""


class Intake:
    """Takes the frames of all connections, one after the other, in the order they came."""

    def __init__(self, watched: Container[str], publisher: Publisher, tally: Tally, watch: Watch, clock: Clock) -> None:
        self._watched = watched
        self._publisher = publisher
        self._tally = tally
        self._watch = watch
        self._clock = clock
        self._bad: deque[bool] = deque(maxlen=_JUDGED)
        self._logged_us = 0
        self._delays: dict[tuple[str, str], str] = {}  # the day on which each was told last

    async def take(self, data: bytes) -> Frame:
        """Publish what the frame holds; its meaning, for the connection. Raises MostlyBadError, PublishError."""
        now_us = self._clock.now_us()
        self._tally.roll(trading_day(now_us))
        frame = parse(data, now_us, self._watched)
        self._bad.append(isinstance(frame, Unknown))
        match frame:
            case Trade():
                self._tally.stamp(frame.time, now_us, self._clock.pace())
                await self._keep(frame, now_us, "stream")
                await self._note_delay(frame, now_us)
                self._tally.proven(frame.time, now_us)
            case Heartbeat():
                self._tally.proven(frame.time_us, now_us)
            case Pause():
                log.info("pause symbol=%s direction=%s time_us=%d", frame.symbol, frame.direction, frame.time_us)
                await self._publisher.publish(FEED, "pause", encode(frame), now_us)
            case Unknown():
                await self._bury(data, frame.reason, now_us, "feed")
                self._stop_if_mostly_bad(frame.reason)
        return frame

    async def repair(self, data: bytes) -> None:
        """Publish a trade object that was fetched. Raises PublishError."""
        now_us = self._clock.now_us()
        try:
            found = trade(data, now_us, "rest")
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            found = Unknown(f"malformed: {error}")
        match found:
            case Trade():
                await self._keep(found, now_us, "rest")
            case Unknown():
                await self._bury(data, found.reason, now_us, "rest")

    async def _keep(self, found: Trade, now_us: int, source: Source) -> None:
        await self._publisher.publish(TRADES, found.symbol, found.value, now_us)
        self._tally.trades += 1
        self._tally.trades_in_bars += found.kind in KINDS_IN_BARS
        self._watch.note(found, source)

    async def _note_delay(self, found: Trade, now_us: int) -> None:
        """Every trial match of a call that is put off says so; once is enough."""
        told = found.delayed and Delay(symbol=found.symbol, time_us=found.time, auction=found.delayed)
        day = trading_day(found.time).isoformat()
        if told and self._delays.get((told.symbol, told.auction)) != day:
            self._delays[told.symbol, told.auction] = day
            await self._publisher.publish(FEED, "delay", encode(told), now_us)

    async def _bury(self, data: bytes, reason: str, now_us: int, source: str) -> None:
        self._tally.dead_letters += 1
        if now_us - self._logged_us >= _LOG_EVERY_US:
            self._logged_us = now_us
            log.warning("dead_letter reason=%r bytes=%d today=%d", reason, len(data), self._tally.dead_letters)
        headers: Headers = {"reason": reason, "source": source, "at_us": str(now_us)}
        await self._publisher.publish(DEAD_LETTERS, None, data, now_us, headers)

    def _stop_if_mostly_bad(self, reason: str) -> None:
        if len(self._bad) == _JUDGED and 2 * sum(self._bad) > _JUDGED:
            message = f"{sum(self._bad)} of the last {_JUDGED} frames were refused, the last one because: {reason}"
            raise MostlyBadError(message)
