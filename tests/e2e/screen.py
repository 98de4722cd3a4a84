"""A WebSocket client that keeps what a page would: the newest version of every row, and how late each came."""

import asyncio
import contextlib
import json
import threading
import time
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.e2e.exact import exact_json

Key = tuple[str, int]
AGAIN_S = 0.25


class Screen:
    """Runs in a thread of its own; `rows["bars"]` and `rows["averages"]` are merged by `trades`.

    When the connection is lost it comes back, as a page does, and counts that in `reconnects`.
    """

    def __init__(self, page: str, symbols: list[str]) -> None:
        self._url = page.replace("http", "ws", 1) + "/ws"
        self._symbols = symbols
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.subscribed = threading.Event()
        self.rows: dict[str, dict[Key, dict[str, Any]]] = {"bars": {}, "averages": {}}
        self.latencies_ms: list[float] = []
        self.gaps: list[dict[str, Any]] = []
        self.reconnects = 0
        self._unsure: set[str] = set()  # symbols whose snapshot was not complete, as the database was away

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.subscribed.wait(30), "the API did not acknowledge the subscription within 30 s"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    async def _run(self) -> None:
        live = asyncio.create_task(self._live())
        await asyncio.to_thread(self._stop.wait)
        live.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await live

    async def _live(self) -> None:
        while True:
            with contextlib.suppress(WebSocketException, OSError, TimeoutError):
                async with connect(self._url, max_size=None, max_queue=None, proxy=None) as socket:
                    await self._order(socket, self._symbols)
                    async for message in socket:
                        await self._take(socket, exact_json(message), time.time_ns() // 1_000)
            self.reconnects += self.subscribed.is_set()
            self.subscribed.clear()
            await asyncio.sleep(AGAIN_S)

    async def _order(self, socket: ClientConnection, symbols: list[str]) -> None:
        order = {"type": "subscribe", "id": 1, "channels": ["bars", "averages", "status"], "symbols": symbols}
        await socket.send(json.dumps(order))

    async def _take(self, socket: ClientConnection, message: dict[str, Any], now_us: int) -> None:
        match message["type"]:
            case "snapshot":
                self._take_snapshot(message)
            case "status" if self._unsure:
                symbols, self._unsure = sorted(self._unsure), set()
                await self._order(socket, symbols)
            case "bar":
                self._merge("bars", message["data"])
                self.latencies_ms.append((now_us - message["data"]["last_trade_us"]) / 1_000)
            case "average":
                self._merge("averages", message["data"])
            case "gap":
                self.gaps.append(message["data"])
            case "ack":
                self._unsure |= {each["symbol"] for each in message["refused"]}  # not known yet: asked for again
                self.subscribed.set()

    def _take_snapshot(self, message: dict[str, Any]) -> None:
        for kind in ("bars", "averages"):
            for row in message[kind]:
                self._merge(kind, row)
        if not message["complete"]:
            self._unsure.add(message["symbol"])

    def _merge(self, kind: str, row: dict[str, Any]) -> None:
        kept = self.rows[kind].get((row["symbol"], row["second"]))
        if kept is None or row["trades"] > kept["trades"]:
            self.rows[kind][row["symbol"], row["second"]] = row
