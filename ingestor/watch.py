"""Follows the running volume of every symbol and publishes its gaps to `feed`: open, then healed or lost."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from datetime import date
from time import monotonic

import msgspec

from ingestor.gaps import Gaps
from ingestor.publisher import Publisher
from ingestor.tally import Tally
from ingestor.trades import LATE_US, Source, Trade
from market.calendar import Calendar, day_bounds_us, trading_day
from market.clock import Clock
from market.messages import KINDS_IN_BARS, Gap, Total, encode
from market.topics import FEED

_EVERY_S = 0.1
_LOG_EVERY_S = 1.0  # the topic has them all
_DAY_OVER = "the day is over, and the exchange tells the trades of today only"

log = logging.getLogger("ingestor")


class Watch:
    """`today`'s gaps, and yesterday's as long as late trades may close them."""

    def __init__(self, publisher: Publisher, tally: Tally, clock: Clock, calendar: Calendar) -> None:
        self._publisher = publisher
        self._tally = tally
        self._clock = clock
        self._calendar = calendar
        self.today = self.unknown(trading_day(clock.now_us()))
        self._yesterday: Gaps | None = None
        self._left: list[Gap] = []
        self._told: Counter[str] = Counter()
        self._logged_s = 0.0
        self._told_us = 0

    @property
    def connection(self) -> str | None:
        """The name of the connection that stands."""
        return self._tally.connection

    def unknown(self, day: date) -> Gaps:
        """A day of which nothing is known yet."""
        return Gaps(day, (self._calendar.session_us(day) or day_bounds_us(day))[0])

    def note(self, trade: Trade, source: Source) -> None:
        """A trade was published."""
        if trade.kind not in KINDS_IN_BARS:
            return
        day = trading_day(trade.time)
        self._begin_day(day)
        if gaps := self._of(day):
            gaps.add(trade.symbol, trade, source, monotonic())

    def begin(self, past: Gaps, told: Iterable[Gap]) -> None:
        """Go on from the past: the trades of its day, and the last word on each gap that is not healed."""
        of_day: dict[bool, list[Gap]] = {True: [], False: []}
        for gap in told:
            self._told_us = max(self._told_us, gap.at_us)
            of_day[trading_day(gap.to_us) == past.day].append(gap)
        if gaps := self._of(past.day):
            gaps.begin(past, of_day[True])
        self._left = [msgspec.structs.replace(gap, state="lost", reason=_DAY_OVER) for gap in of_day[False]]

    async def run(self) -> None:
        """Publish until cancelled. Raises PublishError."""
        while True:
            self._roll(self._clock.now_us())
            for gap in self._changes(monotonic()):
                await self._publish(gap)
            self._tally.open_gaps = sum(map(len, self.today.open.values()))
            self._log(monotonic())
            await asyncio.sleep(_EVERY_S)

    async def confirm(self, total: Total) -> None:
        """Publish that the exchange's total is what the topic holds. Raises PublishError."""
        await self._publisher.settled()
        await self._publisher.publish(FEED, "total", encode(total), self._clock.now_us())

    def _of(self, day: date) -> Gaps | None:
        return next((gaps for gaps in (self.today, self._yesterday) if gaps and gaps.day == day), None)

    def _begin_day(self, day: date) -> None:
        """A new day knows from its first moment, or its first trade, that nothing came before it."""
        if day > self.today.day:
            self._yesterday, self.today = self.today, self.unknown(day)
            self.today.begin(self.unknown(day), ())

    def _roll(self, now_us: int) -> None:
        self._begin_day(trading_day(now_us))
        if self._yesterday and trading_day(now_us - LATE_US) == self.today.day:
            self._yesterday.end(_DAY_OVER)
            self._left += self._yesterday.changes(monotonic())
            self._yesterday = None

    def _changes(self, now_s: float) -> list[Gap]:
        left, self._left = self._left, []
        yesterday = self._yesterday.changes(now_s) if self._yesterday else []
        return [*left, *yesterday, *self.today.changes(now_s)]

    async def _publish(self, gap: Gap) -> None:
        if gap.state == "healed":
            await self._publisher.settled()  # nobody may hear of it before the trades that healed it are safe
        self._told_us = max(self._told_us + 1, self._clock.now_us())  # a clock that is set back must not hide news
        told = msgspec.structs.replace(gap, at_us=self._told_us)
        await self._publisher.publish(FEED, "gap", encode(told), self._told_us)
        self._told[gap.state] += 1

    def _log(self, now_s: float) -> None:
        if self._told and now_s - self._logged_s >= _LOG_EVERY_S:
            self._logged_s = now_s
            told = " ".join(f"{state}={self._told[state]}" for state in ("open", "healed", "lost"))
            log.info("gaps told: %s now_open=%d", told, self._tally.open_gaps)
            self._told.clear()
