"""Keeps the audit of the day: the stored bars once a day, and an alarm for every break of a chain."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from api.history import History, UnavailableError
from api.live import Live
from market.calendar import trading_day

log = logging.getLogger("api.auditor")

_EVERY_S = 1.0
_MOST_LINES = 20  # of one look; the status has the number of all
_PERSISTS_LOOKS = 2  # bars of two seconds may change places on their way

Place = tuple[str, int]  # the symbol and second of the bar that shows a break


@dataclass(slots=True)
class Alarms:
    """Which breaks are new and which are mended; one that comes and goes between two looks is neither. Pure."""

    _looks: dict[Place, int] = field(default_factory=dict)
    _told: set[Place] = field(default_factory=set)

    def look(self, changed: Iterable[Place], is_broken: Callable[[Place], bool]) -> tuple[list[Place], list[Place]]:
        """New and mended ones, of those that changed since the last look and those still looked at."""
        self._looks |= {place: self._looks.get(place, 0) for place in changed}
        broken = {place: looks + 1 for place, looks in self._looks.items() if is_broken(place)}
        mended = [place for place in self._looks if place not in broken and place in self._told]
        new = [place for place, looks in broken.items() if looks >= _PERSISTS_LOOKS and place not in self._told]
        self._told = self._told.difference(mended).union(new) if mended or new else self._told
        self._looks = {place: looks for place, looks in broken.items() if place not in self._told}
        return new, mended


class Auditor:
    """`is_recorded`: whether the database holds what stood in the topics when this process began to listen."""

    def __init__(self, live: Live, history: History, is_recorded: Callable[[], bool]) -> None:
        self._live = live
        self._history = history
        self._is_recorded = is_recorded
        self._alarms = Alarms()
        self._waiting: list[Place] = []  # bars that may still be followed by what they lack

    async def run(self) -> None:
        """Until cancelled."""
        audit = self._live.audit
        while True:
            if audit.turn(trading_day(self._live.now_us())):
                self._alarms, self._waiting = Alarms(), []
            if not audit.is_whole and self._is_recorded():
                await self._load(audit.day)
            self._look()
            await asyncio.sleep(_EVERY_S)

    async def _load(self, day: date) -> None:
        """Symbol by symbol, so that neither memory nor the loop is held; without the database it is tried again."""
        audit, began_s, bars = self._live.audit, time.monotonic(), 0
        try:
            symbols = await self._history.symbols_of(day)
            for symbol in symbols:
                numbers = await self._history.chain(day, symbol)
                if audit.day != day:
                    return
                bars += audit.load(symbol, numbers)
        except UnavailableError as error:
            log.warning("audit.not_loaded day=%s error=%r", day, str(error))
            return
        audit.is_whole = True
        log.info(
            "audit.loaded day=%s symbols=%d bars=%d in_s=%.1f", day, len(symbols), bars, time.monotonic() - began_s
        )

    def _look(self) -> None:
        audit, horizon = self._live.audit, self._live.horizon()
        if horizon is None or not audit.is_whole:
            return
        self._waiting += audit.take_changes()
        settled = [place for place in self._waiting if place[1] <= horizon]
        self._waiting = [place for place in self._waiting if place[1] > horizon]
        new, mended = self._alarms.look(settled, lambda place: audit.break_at(*place) is not None)
        for symbol, second in new[:_MOST_LINES]:
            found = audit.break_at(symbol, second)
            log.error("chain_broken symbol=%s second=%d since=%s missing_lots=%s", symbol, second,
                      found and found.since, found and found.missing_lots)  # fmt: skip
        for symbol, second in mended[:_MOST_LINES]:
            log.info("chain_mended symbol=%s second=%d", symbol, second)
        if len(new) > _MOST_LINES or len(mended) > _MOST_LINES:
            log.error("chain_more broken=%d mended=%d listed=%d", len(new), len(mended), _MOST_LINES)
