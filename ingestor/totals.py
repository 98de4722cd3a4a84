"""The exchange's own totals: they show what was missed after a symbol's last trade, which no later trade has shown yet.

A symbol that has gone quiet is compared once for each time it traded, once on each connection, and now and then while
it does not. After the close all are, and the differences are reported (semantics: a gap). Where the totals are equal it
is published: whatever a lost connection may have missed of a quiet symbol, it was nothing.
"""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import date
from time import monotonic

import httpx
import msgspec

from ingestor.gaps import Gaps
from ingestor.rest import Rest
from ingestor.watch import Watch
from market.calendar import Calendar, trading_day
from market.clock import Clock
from market.messages import Total

_SHARE = 0.2  # of the plan's calls a minute
_QUIET_S, _OLD_S = 5.0, 60.0
_AGAIN_S = 60.0  # after no answer
_LAG_S = 5.0  # a quote may be as old as this when it is answered
_NEW_S = _LAG_S + 3.0  # what is answered before tells of the time before the connection
_LOOK_S = 0.5
_SETTLES_US = 60_000_000  # after the session's end

log = logging.getLogger("ingestor")


class _Total(msgspec.Struct, rename="camel"):
    trade_volume: int
    time: int


class _Quote(msgspec.Struct):
    total: _Total | None = None


@dataclass(slots=True)
class _Check:
    """When a symbol was compared, on which connection, and where its counter stood."""

    at_s: float
    lots: int
    connection: str | None


_quote = msgspec.json.Decoder(_Quote).decode


def pace_s(calls_per_minute: int) -> float:
    """Seconds between two comparisons."""
    return 60 / (_SHARE * calls_per_minute)


class Totals:
    """Compares one symbol after the other; what fails comes again."""

    def __init__(self, rest: Rest, watch: Watch, clock: Clock, calendar: Calendar) -> None:
        self._rest = rest
        self._watch = watch
        self._clock = clock
        self._calendar = calendar
        self._checks: dict[str, _Check] = {}
        self._final: dict[str, str] = {}
        self._resting: dict[str, float] = {}  # until when
        self._day: date | None = None
        self._connection: str | None = None
        self._connected_s = 0.0

    async def run(self, symbols: tuple[str, ...], pace_s: float) -> None:
        """Compare until cancelled."""
        while True:
            gaps = self._watch.today
            if gaps.day != self._day:
                self._day = gaps.day
                self._checks.clear()
                self._final.clear()
            for symbol in symbols if gaps.begun else ():
                self._notice_connection()
                if gaps is self._watch.today and self._is_due(gaps, symbol):
                    await self._compare(gaps, symbol)
                    self._report(symbols)
                    await asyncio.sleep(pace_s)
            await asyncio.sleep(_LOOK_S)

    def _notice_connection(self) -> None:
        if self._watch.connection != self._connection:
            self._connection, self._connected_s = self._watch.connection, monotonic()

    def _is_over(self, gaps: Gaps) -> bool:
        """Whether even the trade of a postponed close must be known; never, where a market never closes."""
        session, now_us = self._calendar.session_us(gaps.day), self._clock.now_us()
        return session is not None and trading_day(now_us) == gaps.day and now_us >= session[1] + _SETTLES_US

    def _is_due(self, gaps: Gaps, symbol: str) -> bool:
        now_s, check = monotonic(), self._checks.get(symbol)
        if now_s < self._resting.get(symbol, 0.0):
            return False
        if self._is_over(gaps):
            return symbol not in self._final
        if now_s - gaps.seen_s(symbol) < _QUIET_S:
            return False
        if check is None or check.lots != gaps.lots(symbol) or now_s - check.at_s >= _OLD_S:
            return True
        is_new = check.connection != self._connection and self._connection is not None
        return is_new and now_s - self._connected_s >= _NEW_S

    async def _compare(self, gaps: Gaps, symbol: str) -> None:
        ours, is_over, connection = gaps.lots(symbol), self._is_over(gaps), self._settled_connection()
        asked_us = self._clock.now_us()
        total = await self._total(gaps.day, symbol)
        if total is None:
            self._resting[symbol] = monotonic() + _AGAIN_S
            return
        if gaps.lots(symbol) != ours:
            return  # it trades again and will show by itself what is missing
        short = total.trade_volume - ours
        if short > 0:
            gaps.know(symbol, total.trade_volume, total.time, monotonic())
        elif short == 0 and ours:
            at_us = asked_us - int(_LAG_S * 1_000_000)
            await self._watch.confirm(Total(symbol=symbol, at_us=at_us, day_volume=ours))
        self._checks[symbol] = _Check(monotonic(), gaps.lots(symbol), connection)
        if is_over:
            self._final[symbol] = "short" if short > 0 else "over" if short < 0 else "equal"
        if short > 0 or (is_over and short):
            log.warning("total_differs symbol=%s ours=%d exchange=%d", symbol, ours, total.trade_volume)

    def _settled_connection(self) -> str | None:
        """The one that stands, if it did already when the oldest answer that may come now was true."""
        return self._connection if monotonic() - self._connected_s >= _NEW_S else None

    async def _total(self, day: date, symbol: str) -> _Total | None:
        """None: not this time. Before the day's first trade the exchange may still tell another day's total."""
        try:
            answer = await self._rest.get(f"quote/{symbol}")
            total = _quote(answer.content).total if answer.is_success else None
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            log.warning("quote_failed symbol=%s why=%r", symbol, f"{type(error).__name__}: {error}")
            return None
        if not answer.is_success:
            return None
        return total if total and trading_day(total.time) == day else _Total(0, 0)

    def _report(self, symbols: tuple[str, ...]) -> None:
        if len(self._final) == len(symbols):
            counts = Counter(self._final.values())
            log.info("day_compared %s", " ".join(f"{how}={counts[how]}" for how in ("equal", "short", "over")))
