"""The API's edges (page, `/api/v1`, `/ws`) spoken from a tape: real sockets, no broker, no database."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.browser.fake_http import answer
from tests.browser.tape import CLOSING_S, Row, Stock, Tape, phase

MEMORY_S = 900
BEAT_S = 0.1


@dataclass(eq=False)
class Client:
    """One socket and what it asked for: channel → symbols."""

    socket: ServerConnection
    wants: dict[str, set[str]] = field(default_factory=dict)
    sent: dict[tuple[str, int], object] = field(default_factory=dict)
    through: dict[str, int] = field(default_factory=dict)

    async def say(self, message: Row) -> None:
        """Send one JSON frame."""
        await self.socket.send(json.dumps(message, ensure_ascii=False))


class FakeServer:
    """Serves in a thread of its own; `now_us` is the exchange's clock, `silent` withholds the status."""

    def __init__(self, tape: Tape, now_us: Callable[[], int], port: int = 0) -> None:
        self.tape, self.now_us, self.port, self.silent = tape, now_us, port, False
        self.clients: set[Client] = set()
        self.stocks = {stock.symbol: stock for stock in tape.stocks}
        self.states: dict[str, str] = {}
        self.gaps: list[Row] = []
        self.told: Row = {"broken": 0, "exact_held_by": None}  # what the status says besides
        for stock in tape.stocks:
            tape.trades(stock)

    def start(self) -> "FakeServer":
        """Listen; returns once the port is known."""
        self._up, self._down = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        if not self._up.wait(10):
            msg = "the fake server did not listen within 10 s"
            raise TimeoutError(msg)
        return self

    def stop(self) -> None:
        """Close all sockets and the port."""
        self._loop.call_soon_threadsafe(self._down.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    def tell(self, message: Row) -> None:
        """Say something to everyone who hears the status; a gap is remembered too."""
        if message["type"] == "gap":
            gap: Row = message["data"]  # type: ignore[assignment]
            self.gaps = [gap, *(one for one in self.gaps if one["from_us"] != gap["from_us"])]
        asyncio.run_coroutine_threadsafe(self._tell(message), self._loop).result(5)

    async def _tell(self, message: Row) -> None:
        for client in [client for client in self.clients if "status" in client.wants]:
            with suppress(ConnectionClosed):
                await client.say(message)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with serve(
            self._talk, "127.0.0.1", self.port, process_request=self._answer, compression=None, close_timeout=0.2
        ) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self._up.set()
            beats = [asyncio.create_task(self._trade()), asyncio.create_task(self._beat())]
            await self._down.wait()
            for beat in beats:
                beat.cancel()

    async def _talk(self, socket: ServerConnection) -> None:
        client = Client(socket)
        await client.say(
            {"type": "welcome", "version": "1", "server_time_us": self.now_us(), "heartbeat_s": 1, "limits": {}}
        )
        self.clients.add(client)
        with suppress(ConnectionClosed):
            async for frame in socket:
                await self._hear(client, json.loads(frame))
        self.clients.discard(client)

    async def _hear(self, client: Client, message: Row) -> None:
        channels, symbols = [*message["channels"]], [*message["symbols"]]  # type: ignore[misc]
        known = [symbol for symbol in symbols if symbol in self.stocks or symbol == "*"]
        refused = [{"symbol": symbol, "reason": "unknown symbol"} for symbol in symbols if symbol not in known]
        for channel in channels:
            held = client.wants.setdefault(channel, set())
            held.update(known) if message["type"] == "subscribe" else held.difference_update(known)
        await client.say(
            {"type": "ack", "id": message["id"], "channels": channels, "symbols": known, "refused": refused}
        )
        if message["type"] == "subscribe" and "bars" in channels:
            for symbol in known:
                client.through[symbol] = self.now_us() // 1_000_000
                await client.say(self._snapshot(self.stocks[symbol], message.get("since")))
        if "status" in channels:
            await client.say(self.status())

    def _snapshot(self, stock: Stock, since: object) -> Row:
        now_us = self.now_us()
        second = now_us // 1_000_000
        oldest = second - MEMORY_S
        start = max(int(str(since)), oldest) if since is not None else oldest
        bars = self.tape.bars(stock, start, second + 1, now_us)
        averages = [self.tape.average(stock, int(str(bar["second"])), now_us) for bar in bars]
        complete = since is None or int(str(since)) >= oldest
        return {
            "type": "snapshot",
            "symbol": stock.symbol,
            "bars": bars,
            "averages": averages,
            "since": start,
            "complete": complete,
        }

    def status(self) -> Row:
        """The once-a-second status as it is now."""
        now_us = self.now_us()
        now = phase(self.tape.day, now_us)
        open_gaps = sum(gap["state"] == "open" for gap in self.gaps)
        counts = dict.fromkeys(("trades", "reconnects", "dead_letters"), 0) | {"open_gaps": open_gaps}
        feed = {"alive_through_us": now_us, "symbols": len(self.stocks)} | counts
        return {
            "type": "status",
            "at_us": now_us,
            "phase": now,
            "next_phase": "closing" if now == "open" else None,
            "next_phase_at_us": (self.tape.day + CLOSING_S) * 1_000_000 if now == "open" else None,
            "trading_day": None,
            "feed": self._hop("feed", 11) | feed,
            "kafka": self._hop("kafka", 2),
            "spark": self._hop("spark", 6),
            "database": self._hop("database", 48) | {"queue": 0},
            "latency": {"p50_ms": 14.2, "p99_ms": 38.0, "count": 1200},
            "exact_through": now_us // 1_000_000 - 2,
        } | self.told

    def _hop(self, name: str, lag_ms: int) -> Row:
        return {"state": self.states.get(name, "ok"), "lag_ms": lag_ms}

    async def _trade(self) -> None:
        """Every tenth of a second, each subscribed bar that grew and its average."""
        while True:
            await asyncio.sleep(BEAT_S)
            now_us = self.now_us()
            for client in [*self.clients]:
                with suppress(ConnectionClosed):
                    await self._push(client, now_us)

    async def _push(self, client: Client, now_us: int) -> None:
        for symbol in sorted(client.wants.get("bars", ())):
            stock = self.stocks[symbol]
            for second in range(client.through.get(symbol, now_us // 1_000_000) - 1, now_us // 1_000_000 + 1):
                bar = self.tape.bar(stock, second, now_us)
                if bar is None or client.sent.get((symbol, second)) == bar["trades"]:
                    continue
                client.sent[symbol, second] = bar["trades"]
                await client.say({"type": "bar", "data": bar})
                if symbol in client.wants.get("averages", ()):
                    await client.say({"type": "average", "data": self.tape.average(stock, second, now_us)})
            client.through[symbol] = now_us // 1_000_000

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            for client in [client for client in self.clients if "status" in client.wants and not self.silent]:
                with suppress(ConnectionClosed):
                    await client.say(self.status())

    def _answer(self, _: ServerConnection, request: Request) -> Response | None:
        return None if urlsplit(request.path).path == "/ws" else answer(self, request.path)


def clock_from(start_s: float) -> Callable[[], int]:
    """An exchange clock that shows `start_s` (epoch seconds) now and runs on, in µs."""
    began = time.monotonic_ns()
    return lambda: int(start_s * 1_000_000) + (time.monotonic_ns() - began) // 1_000
