"""The API's own server in a thread, with neither broker nor database behind it: what it knows, the test tells it."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from api.__main__ import Api, build
from api.heartbeat import beat
from api.limits import Limits
from api.server import listen, server
from api.settings import ApiSettings
from market.messages import SymbolInfo
from market.settings import KafkaSettings, MarketSettings
from tests.api_builders import TEN, a_raw

AFTER_TEN_S = 300  # the market's clock when the server starts
T = TypeVar("T")


@dataclass(frozen=True)
class Served:
    """A running server; its parts belong to its loop, so that a test lets the loop do what it wants done."""

    api: Api
    port: int
    loop: asyncio.AbstractEventLoop
    offset_us: int  # the market's clock less this machine's

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def do(self, work: Callable[[], T]) -> T:
        """`work` on the server's loop, and what came of it."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(30)

    def take(self, *records: Any, first_offset: int = 0) -> None:
        """Records as if they had come from the broker, one after another."""
        raws = [a_raw(record, first_offset + at) for at, record in enumerate(records)]
        self.do(
            lambda: [self.api.live.take(record, raw, fresh=True) for record, raw in zip(records, raws, strict=True)]
        )

    def connect_raw(self) -> socket.socket:
        """A bare connection, to say on it what no client library would."""
        wire = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire


@contextmanager
def served(
    *symbols: str, limits: Limits | None = None, market: MarketSettings | None = None, **more: Any
) -> Iterator[Served]:
    """A server that knows some symbols and nothing of them yet. Its database never answers. `more`: settings."""
    database = {"mysql_host": "127.0.0.1", "mysql_port": 9, "mysql_user": "nobody", "mysql_database": "none"}
    settings = ApiSettings(host="127.0.0.1", port=0, **(database | more))
    market = market or MarketSettings(clock_offset_s=TEN + AFTER_TEN_S - time.time(), market_calendar="always")
    started, ended, limits = threading.Event(), threading.Event(), limits or Limits()
    found: list[Served] = []

    async def run() -> None:
        listener = listen(settings.host, settings.port)
        port = listener.getsockname()[1]
        api = build(settings, KafkaSettings(bootstrap="127.0.0.1:9"), market, port, limits)
        api.broadcaster.progress.begin([])  # nothing to catch up with
        web = server(api.app, limits)
        found.append(Served(api, port, asyncio.get_running_loop(), int(market.clock_offset_s * 1_000_000)))
        beating = asyncio.create_task(beat(api.live.hub, api.status))
        stopping = asyncio.create_task(asyncio.to_thread(ended.wait))
        stopping.add_done_callback(lambda _: web.stop())
        started.set()
        await web.serve(sockets=[listener])
        beating.cancel()
        await api.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert started.wait(10), "the server did not start within 10 s"
        found[0].take(*(SymbolInfo(symbol=symbol, trading_day="2026-12-01") for symbol in symbols))
        yield found[0]
    finally:
        ended.set()
        thread.join(10)
