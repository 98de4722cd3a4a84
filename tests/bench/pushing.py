"""A server that pushes bars to whoever connects: `python -m tests.bench.pushing ours` or `broadcast`, until SIGTERM.

Says in a JSON line where it listens. Both sides of P5 make the same bars at the same even rate on the same event loop
(uvloop); ours takes them as if from the broker, the other gives the same text to `websockets.broadcast`.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from market.messages import Bar, encode
from tests.api_builders import a_bar, a_raw
from tests.api_server import served

SYMBOLS = [f"{1_000 + number}" for number in range(50)]
BARS_A_SECOND = 200
EVERY = "*"


async def publish(now_us: Callable[[], int], push: Callable[[Bar, int], None], rate: float = BARS_A_SECOND) -> None:
    """Bars of symbols in turn for ever, each stamped when it is made; what is late is made up for."""
    trades: dict[tuple[str, int], int] = {}
    number, due_s = 0, time.monotonic()
    while True:
        stamp_us = now_us()
        symbol, second = SYMBOLS[number % len(SYMBOLS)], stamp_us // 1_000_000
        trades[symbol, second] = count = trades.get((symbol, second), 0) + 1
        push(a_bar(0, count, symbol=symbol, second=second, last_trade_us=stamp_us), number)
        number, due_s = number + 1, due_s + 1 / rate
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))


class Crowd:
    """Who is connected to the anchor, by the symbols in the address."""

    def __init__(self) -> None:
        self._wanting: dict[str, set[ServerConnection]] = {}

    async def keep(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        symbols = parse_qs(urlsplit(connection.request.path).query)["symbols"][0].split(",")
        for symbol in symbols:
            self._wanting.setdefault(symbol, set()).add(connection)
        await connection.wait_closed()
        for symbol in symbols:
            self._wanting[symbol].discard(connection)

    def push(self, bar: Bar, _number: int) -> None:
        named, every = self._wanting.get(bar.symbol, set()), self._wanting.get(EVERY)
        broadcast(named | every if every else named, b'{"type":"bar","data":' + encode(bar) + b"}", text=True)


async def broadcasting() -> None:
    crowd = Crowd()
    async with serve(crowd.keep, "127.0.0.1", 0, compression=None) as server:
        announce(server.sockets[0].getsockname()[1], 0)
        await publish(lambda: time.time_ns() // 1_000, crowd.push)


def ours() -> None:
    logging.getLogger("api.history").setLevel(logging.ERROR)  # there is no database, which is no news
    with served(*SYMBOLS) as server:
        live = server.api.live
        announce(server.port, server.offset_us)
        pushing = publish(live.now_us, lambda bar, number: live.take(bar, a_raw(bar, number), fresh=True))
        asyncio.run_coroutine_threadsafe(pushing, server.loop)
        threading.Event().wait()


def announce(port: int, offset_us: int) -> None:
    """`offset_us`: the clock of the stamps less this machine's."""
    sys.stdout.write(json.dumps({"port": port, "offset_us": offset_us, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ours() if sys.argv[1] == "ours" else asyncio.run(broadcasting())
