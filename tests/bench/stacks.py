"""The whole pipeline for a measure, trading when told to, and one browser that notes how late each bar comes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from tests.e2e.stack import Stack, running
from tests.waiting import until

_SUBSCRIBED_S, _QUIET_S, _STILL_S = 60.0, 300.0, 3.0
_BAR, _STAMP = '{"type":"bar","data":', '"last_trade_us":'
_ROWS = (_BAR, '{"type":"average","data":')


@contextmanager
def stack(folder: Path, rate: float, symbols: int, **more: str) -> Iterator[Stack]:
    """Up and subscribed, `rate` trades a second over `symbols` still to begin; `more`: settings."""
    settings = {"SIMULATOR_RATE": str(rate), "SIMULATOR_SYMBOLS": str(symbols), "SIMULATOR_BEGIN": "when_told"}
    with running(folder / "data", **(settings | more)) as up:
        until(lambda: up.exchange("/control/stats")["subscriptions"] == symbols, "all are subscribed", _SUBSCRIBED_S)
        yield up
        with contextlib.suppress(AssertionError):
            up.stop()


@asynccontextmanager
async def trading(up: Stack, settle_s: float = 3.0) -> AsyncIterator[None]:
    """Trades flow inside, for `settle_s` already."""
    await asyncio.to_thread(up.exchange, "/control/begin")
    try:
        await asyncio.sleep(settle_s)
        yield
    finally:
        await asyncio.to_thread(up.exchange, "/control/end")


class Browser:
    """One socket of the page, subscribed to everything; it answers pings as browsers do."""

    def __init__(self) -> None:
        self._late_us: list[int] = []
        self._rows_s = 0.0  # when the last row came

    @asynccontextmanager
    async def watching(self, up: Stack) -> AsyncIterator["Browser"]:
        url = up.addresses["page"].replace("http", "ws", 1) + "/ws?channels=bars,averages&symbols=*"
        async with connect(url, compression=None, max_size=None, max_queue=None, proxy=None) as wire:
            reading = asyncio.create_task(self._read(wire))
            yield self
            assert not reading.done(), "the API closed the browser's connection"
            reading.cancel()

    async def _read(self, wire: ClientConnection) -> None:
        async for message in wire:
            now_us = time.time_ns() // 1_000
            assert isinstance(message, str)
            if message.startswith(_ROWS):
                self._rows_s = time.monotonic()
            if message.startswith(_BAR):
                stamp = message.index(_STAMP) + len(_STAMP)
                self._late_us.append(now_us - int(message[stamp : message.index("}", stamp)]))

    async def seconds(self, count: float) -> list[list[float]]:
        """For each of the next seconds how late, in ms, the bars were that came in it."""
        found = []
        for _ in range(round(count)):
            self._late_us.clear()
            await asyncio.sleep(1)
            found.append([each / 1_000 for each in self._late_us])
        assert any(found), "not one bar came"
        return found

    async def quiet(self) -> None:
        """Until nothing is under way any more: longer without a row than any batch of Spark's holds them back."""
        deadline_s = time.monotonic() + _QUIET_S
        while (still_s := time.monotonic() - self._rows_s) < _STILL_S:
            assert time.monotonic() < deadline_s, f"rows still come after {_QUIET_S:g} s without trades"
            await asyncio.sleep(_STILL_S - still_s)
            await asyncio.sleep(0)  # what has come meanwhile is read


def quantile(values: Sequence[float], share: float) -> float:
    """Of values in any order."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
