"""Once a second the feed's state to `feed`, whatever the connection does."""

import asyncio

from ingestor.publisher import Publisher
from ingestor.tally import Tally
from market.calendar import Calendar
from market.clock import Clock
from market.messages import encode
from market.topics import FEED

_EVERY_S = 1.0


class Report:
    """Publishes the status records of one ingestor."""

    def __init__(self, tally: Tally, publisher: Publisher, clock: Clock, calendar: Calendar) -> None:
        self._tally = tally
        self._publisher = publisher
        self._clock = clock
        self._calendar = calendar

    async def run(self) -> None:
        """Report until cancelled. Raises PublishError even when no frame comes."""
        while True:
            await self.publish()
            await asyncio.sleep(_EVERY_S)

    async def publish(self) -> None:
        now_us = self._clock.now_us()
        status = self._tally.status(now_us, self._calendar.phase(now_us))
        await self._publisher.publish(FEED, "status", encode(status), now_us)
