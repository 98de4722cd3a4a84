"""Once a second the feed's state to `feed`, whatever the connection does, and who is watched when that changes."""

import asyncio

from ingestor.publisher import Publisher
from ingestor.tally import Tally
from market.calendar import Calendar
from market.clock import Clock
from market.messages import Watched, encode
from market.topics import FEED

_EVERY_S = 1.0
_HOUR_US = 3_600_000_000


class Report:
    """Publishes the status records of one ingestor."""

    def __init__(self, tally: Tally, publisher: Publisher, clock: Clock, calendar: Calendar) -> None:
        self._tally = tally
        self._publisher = publisher
        self._clock = clock
        self._calendar = calendar
        self._watched: tuple[int, int, frozenset[str]] | None = None

    async def run(self) -> None:
        """Report until cancelled. Raises PublishError even when no frame comes."""
        while True:
            await self.publish()
            await asyncio.sleep(_EVERY_S)

    async def publish(self) -> None:
        now_us = self._clock.now_us()
        status = self._tally.status(now_us, self._calendar.phase(now_us), self._publisher.took())
        await self._publisher.publish(FEED, "status", encode(status), now_us)
        # Again every hour: a reader does not go back for ever.
        watched = (self._tally.generation, now_us // _HOUR_US, self._tally.confirmed)
        if watched != self._watched:
            self._watched = watched
            told = Watched(at_us=now_us, symbols=tuple(sorted(self._tally.confirmed)))
            await self._publisher.publish(FEED, "watched", encode(told), now_us)
