"""The list of symbols: reference data beside the newest bar, searched by code and by name."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import msgspec

from api import problems
from api.history import History, UnavailableError
from api.live import Live
from market.messages import SymbolInfo, encode

if TYPE_CHECKING:
    from api.records import Row

log = logging.getLogger("api.symbols")

_FRESH_S = 10.0


class Symbols:
    """What there is to watch. Bars that memory does not hold any more come from the database, now and then."""

    def __init__(self, history: History, live: Live) -> None:
        self._history = history
        self._live = live
        self._stored: dict[str, Row] = {}
        self._asked_s = -_FRESH_S
        self._asking = asyncio.Lock()

    def known(self) -> set[str]:
        """Symbols with reference data or a bar."""
        return {*self._live.symbols, *self._live.hub.memory.symbols(), *self._stored}

    async def items(self, query: str) -> list[bytes]:
        """SymbolInfo with `last` and its proof, ascending by code; those without reference data are there too."""
        await self.refresh()
        wanted = query.strip().casefold()
        infos = (self._info(symbol) for symbol in sorted(self.known()))
        horizon = self._live.horizon()
        return [self._item(info, horizon) for info in infos if _matches(info, wanted)]

    async def require(self, symbol: str) -> None:
        """`Problem` 404 unless the symbol has reference data or a bar of whatever day."""
        if symbol not in self.known() and not await self._history.has_bars(symbol):
            raise problems.unknown_symbol(symbol)

    async def refresh(self) -> None:
        """Last bars from the database, at most every few seconds; without it the list is what memory knows."""
        async with self._asking:
            if time.monotonic() - self._asked_s < _FRESH_S:
                return
            self._asked_s = time.monotonic()
            try:
                self._stored = await self._history.last_bars()
            except UnavailableError as error:
                log.warning("symbols.from_memory error=%r", str(error))

    def _info(self, symbol: str) -> SymbolInfo:
        return self._live.symbols.get(symbol) or SymbolInfo(symbol=symbol, trading_day="")

    def _item(self, info: SymbolInfo, horizon: int | None) -> bytes:
        remembered, stored = self._live.hub.memory.last(info.symbol), self._stored.get(info.symbol)
        both = [row for row in (stored, remembered) if row is not None]
        last = max(both, key=lambda row: (row.second, row.trades)).value if both else b"null"
        exact_through, missing_lots = self._live.audit.of(info.symbol, horizon, self._live.liveness)
        proof = msgspec.json.encode({"exact_through": exact_through, "missing_lots": missing_lots})
        return encode(info)[:-1] + b',"last":' + last + b"," + proof[1:]


def _matches(info: SymbolInfo, wanted: str) -> bool:
    return any(wanted in (text or "").casefold() for text in (info.symbol, info.name, info.name_en))
