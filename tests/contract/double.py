"""A running double of the exchange, and the client's side of its protocol, for tests over a real socket."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from market.calendar import Calendar
from market.clock import Clock
from simulator.__main__ import composed
from simulator.exchange import Exchange
from simulator.server import Front, Timing
from simulator.settings import SimulatorSettings

TAPE = Path(__file__).parents[1] / "golden-tape.json"
BASE = "/marketdata/v1.0/stock"
KEY = "simulated"
LIVE: dict[str, Any] = {"mode": "live", "tape": None, "rate": 3_000, "symbols": 10}
PATIENCE_S = 20
# A client whose queue is full stops reading, and then waits in vain for the answer to its close.
PLAIN: dict[str, Any] = {"compression": None, "max_queue": None}

Json = dict[str, Any]


@dataclass
class Double:
    """A running exchange: where it listens, and what is inside."""

    port: int
    exchange: Exchange

    def connect(self, **options: Any) -> connect:
        """A connection that has not said who it is."""
        return connect(f"ws://127.0.0.1:{self.port}{BASE}/streaming", **PLAIN, **options)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ClientConnection]:
        """A connection that has authenticated."""
        async with self.connect() as ws:
            await tell(ws, "auth", apikey=KEY)
            assert (await hear(ws))["event"] == "authenticated"
            yield ws

    async def get(self, path: str, key: str | None = KEY) -> tuple[int, Json]:
        """Status and body of an HTTP GET."""
        return await asyncio.to_thread(fetched, f"http://127.0.0.1:{self.port}{path}", key)

    async def rest(self, path: str) -> Json:
        """A successful call of the exchange's REST interface."""
        status, body = await self.get(f"{BASE}/intraday/{path}")
        assert status == 200, body
        return body

    async def control(self, path: str) -> Json:
        """A successful call of the double's own routes."""
        status, body = await self.get(f"/control/{path}")
        assert status == 200, body
        return body

    async def landed(self, fault: str) -> int:
        """How often a fault has hit."""
        count: int = (await self.control("stats"))["faults"]["landed"].get(fault, 0)
        return count


Test = Callable[[Double], Awaitable[None]]


@asynccontextmanager
async def a_double(timing: Timing | None = None, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Double]:
    """An exchange of its own on a free port; the golden tape unless told otherwise."""
    given: dict[str, Any] = {"mode": "tape", "tape": TAPE} | settings
    exchange, control, drivers = composed(SimulatorSettings(**given), clock or Clock(), Calendar(always=True))
    front = Front(exchange, control, timing or Timing())
    async with front.serve("127.0.0.1", 0) as server, asyncio.TaskGroup() as group:
        tasks = [group.create_task(each()) for each in (front.beat, *drivers)]
        try:
            yield Double(server.sockets[0].getsockname()[1], exchange)
        finally:
            for task in tasks:
                task.cancel()
    exchange.ledger.close()


def on_a_double(timing: Timing | None = None, **settings: Any) -> Callable[[Test], Callable[[], None]]:
    """Run an async test against a double of its own."""

    def decorate(test: Test) -> Callable[[], None]:
        async def inside() -> None:
            async with a_double(timing, **settings) as double:
                await test(double)

        def run() -> None:
            asyncio.run(inside())

        run.__doc__ = test.__doc__
        return run

    return decorate


def fetched(url: str, key: str | None) -> tuple[int, Json]:
    """Status and JSON body of a GET, its numbers exact."""
    request = Request(url, headers={"X-API-KEY": key} if key else {})  # noqa: S310 - the double's own address
    try:
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return answer.status, json.load(answer, parse_float=Decimal)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


async def tell(ws: ClientConnection, event: str, **data: Any) -> None:
    """Send one request."""
    await ws.send(json.dumps({"event": event, "data": data}))


async def raw(ws: ClientConnection) -> str | bytes:
    """The next frame as it came."""
    async with asyncio.timeout(PATIENCE_S):
        return await ws.recv()


async def hear(ws: ClientConnection, event: str | None = None) -> Json:
    """The next frame, or the next of one event."""
    while True:
        frame: Json = json.loads(await raw(ws), parse_float=Decimal)
        if event in (None, frame["event"]):
            return frame


async def ask(ws: ClientConnection, event: str, **data: Any) -> Json:
    """Send a request; the next frame."""
    await tell(ws, event, **data)
    return await hear(ws)


async def nothing(ws: ClientConnection, seconds: float = 0.1) -> None:
    """Nothing comes for so long."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await ws.recv()


async def drain(ws: ClientConnection) -> None:
    """Read until the connection ends."""
    while True:
        await ws.recv()


async def closing(ws: ClientConnection) -> tuple[int | None, str] | str:
    """(code, reason) of the close that comes, after whatever frames; code None: without one; "cut": no close at all."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await drain(ws)
    except ConnectionClosed as closed:
        received = closed.rcvd
    return (None if received.code == 1005 else received.code, received.reason) if received else "cut"


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s"
        await asyncio.sleep(0.005)
