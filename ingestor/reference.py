"""Reference data of the watch list to `symbols`, fetched by REST each trading day; trades never wait for it."""

import asyncio
import logging
from collections import Counter
from datetime import date

import httpx

from ingestor.publisher import Publisher
from ingestor.rest import Rest
from ingestor.ticker import symbol_info, unknown
from market.calendar import Calendar, day_bounds_us, trading_day
from market.clock import Clock
from market.messages import SymbolInfo, encode
from market.topics import SYMBOLS

_SHARE = 0.5  # of the plan's calls a minute; the rest is for repair
_AGAIN_S = 300.0
_GIVEN_UP_AFTER = 3

log = logging.getLogger("ingestor")


def pace_s(calls_per_minute: int) -> float:
    """Seconds between two calls."""
    return 60 / (_SHARE * calls_per_minute)


class Reference:
    """Asks for each symbol until the answer is of today; trades' repair has half of the calls at least."""

    def __init__(self, rest: Rest, publisher: Publisher, clock: Clock, calendar: Calendar) -> None:
        self._rest = rest
        self._publisher = publisher
        self._clock = clock
        self._calendar = calendar
        self._known: dict[str, str] = {}
        self._failures: Counter[str] = Counter()

    async def run(self, symbols: tuple[str, ...], pace_s: float) -> None:
        """One round now, and others while answers are missing or of another day, until cancelled."""
        while True:
            today = trading_day(self._clock.now_us())
            for symbol in self._stale(symbols, today):
                info = await self._ask(symbol, today)
                if info is not None and info.trading_day != self._known.get(symbol):
                    self._known[symbol] = info.trading_day
                    await self._publish(info)
                await asyncio.sleep(pace_s)
            await asyncio.sleep(self._rest_s())

    def _stale(self, symbols: tuple[str, ...], today: date) -> list[str]:
        """Symbols without today's answer; on a day without trading any answer will do."""
        trades = self._calendar.trades_on(today)
        return [s for s in symbols if s not in self._known or (trades and self._known[s] < today.isoformat())]

    async def _ask(self, symbol: str, today: date) -> SymbolInfo | None:
        try:
            answer = await self._rest.get(f"ticker/{symbol}")
        except httpx.HTTPError as error:
            await self._failed(symbol, today, f"{type(error).__name__}: {error}")
            return None
        info = symbol_info(symbol, today, answer.status_code, answer.content)
        if info is None:
            await self._failed(symbol, today, f"status {answer.status_code}")
        else:
            self._failures.pop(symbol, None)
            if answer.is_client_error:
                log.warning("reference_unknown symbol=%s status=%d", symbol, answer.status_code)
        return info

    async def _failed(self, symbol: str, today: date, why: str) -> None:
        """Asked again in the next round; after three rounds the symbol is shown with what is unknown as null."""
        self._failures[symbol] += 1
        log.warning("reference_failed symbol=%s times=%d why=%r", symbol, self._failures[symbol], why)
        if self._failures[symbol] == _GIVEN_UP_AFTER:
            await self._publish(unknown(symbol, today))

    async def _publish(self, info: SymbolInfo) -> None:
        await self._publisher.publish(SYMBOLS, info.symbol, encode(info), self._clock.now_us())

    def _rest_s(self) -> float:
        """Until the next round, which comes at once when the day changes."""
        now_us = self._clock.now_us()
        midnight_us = day_bounds_us(trading_day(now_us))[1]
        return min(_AGAIN_S, (midnight_us - now_us) / 1_000_000 + 0.01)
