"""A WebSocket client that keeps what a page would: the newest version of every row, and how late each came."""

import asyncio
import contextlib
import json
import threading
import time
from typing import Any, Self

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.e2e.exact import exact_json

Key = tuple[str, int]


class Screen:
    """Runs in a thread of its own; `rows["bars"]` and `rows["averages"]` are merged by `trades`."""

    def __init__(self, page: str, symbols: list[str]) -> None:
        self._url = page.replace("http", "ws", 1) + "/ws"
        self._symbols = symbols
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.subscribed = threading.Event()
        self.rows: dict[str, dict[Key, dict[str, Any]]] = {"bars": {}, "averages": {}}
        self.latencies_ms: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.subscribed.wait(30), "the API did not acknowledge the subscription within 30 s"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    async def _run(self) -> None:
        async with connect(self._url, max_size=None, max_queue=None) as socket:
            reading = asyncio.create_task(self._read(socket))
            order = {"type": "subscribe", "id": 1, "channels": ["bars", "averages", "status"], "symbols": self._symbols}
            await socket.send(json.dumps(order))
            await asyncio.to_thread(self._stop.wait)
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await reading

    async def _read(self, socket: Any) -> None:
        async for message in socket:
            self._take(exact_json(message), time.time_ns() // 1_000)

    def _take(self, message: dict[str, Any], now_us: int) -> None:
        match message["type"]:
            case "snapshot":
                for kind in ("bars", "averages"):
                    for row in message[kind]:
                        self._merge(kind, row)
            case "bar":
                self._merge("bars", message["data"])
                self.latencies_ms.append((now_us - message["data"]["last_trade_us"]) / 1_000)
            case "average":
                self._merge("averages", message["data"])
            case "ack":
                self.subscribed.set()

    def _merge(self, kind: str, row: dict[str, Any]) -> None:
        kept = self.rows[kind].get((row["symbol"], row["second"]))
        if kept is None or row["trades"] > kept["trades"]:
            self.rows[kind][row["symbol"], row["second"]] = row
