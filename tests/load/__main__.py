"""`python -m tests.load`: a thousand clients with one frozen and one at a byte a second, beside as many without them.

Interleaved rounds in one run; the figure is the ratio of the medians. Nobody else may be slower: ±20 %.
"""

import contextlib
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from market.messages import Average, Bar, SymbolInfo
from tests.api_builders import a_bar, an_average
from tests.api_server import Served, served
from tests.load.watchers import HANDSHAKE

CLIENTS, ROUNDS, SECONDS = 1_000, 5, 8.0
SYMBOLS = [f"{1_000 + number}" for number in range(300)]
BARS_A_SECOND = 200


class Publisher(threading.Thread):
    """Bars and averages of symbols in turn, at an even rate, each bar stamped when it was made."""

    def __init__(self, server: Served) -> None:
        super().__init__(daemon=True)
        self._server, self._over = server, threading.Event()
        self._trades: dict[tuple[str, int], int] = {}
        self.made = 0

    def run(self) -> None:
        due_s = time.monotonic()
        while not self._over.is_set():
            self._server.take(*self._rows(), first_offset=2 * self.made)
            self.made += 1
            due_s += 1 / BARS_A_SECOND
            time.sleep(max(0.0, due_s - time.monotonic()))

    def _rows(self) -> tuple[Bar, Average]:
        now_us = self._server.do(self._server.api.live.now_us)
        symbol, second = SYMBOLS[self.made % len(SYMBOLS)], now_us // 1_000_000
        trades = self._trades[symbol, second] = self._trades.get((symbol, second), 0) + 1
        bar = a_bar(0, trades, symbol=symbol, second=second, last_trade_us=now_us)
        return bar, an_average(0, trades, symbol=symbol, second=second)

    def end(self) -> None:
        self._over.set()
        self.join()


class Nuisance(threading.Thread):
    """A client that asked for everything and reads `bytes_a_second`; closed, it comes again."""

    def __init__(self, port: int, bytes_a_second: int) -> None:
        super().__init__(daemon=True)
        self._port, self._bytes, self._over = port, bytes_a_second, threading.Event()
        self.comings = 0

    def run(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError), self._dialled() as wire:
                self.comings += 1
                while not self._over.wait(1):
                    if self._bytes and not wire.recv(self._bytes):
                        break
                    if wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                        break

    def _dialled(self) -> socket.socket:
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.settimeout(5)
        wire.connect(("127.0.0.1", self._port))
        wire.sendall(HANDSHAKE.format(symbols="*").encode())
        return wire

    def end(self) -> None:
        self._over.set()
        self.join()


@contextlib.contextmanager
def nuisances(port: int) -> Iterator[None]:
    """One frozen, one at a byte a second."""
    both = [Nuisance(port, 0), Nuisance(port, 1)]
    for each in both:
        each.start()
    try:
        yield
    finally:
        for each in both:
            each.end()


def watched(server: Served) -> dict[str, float]:
    """What a thousand good clients in a process of their own saw."""
    order = {"port": server.port, "clients": CLIENTS, "symbols": SYMBOLS, "seconds": SECONDS}
    order["offset_us"] = server.offset_us
    command = [sys.executable, "-m", "tests.load.watchers", json.dumps(order)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60 + SECONDS)
    return dict(json.loads(done.stdout))


def main() -> int:
    alone: list[dict[str, float]] = []
    disturbed: list[dict[str, float]] = []
    with served() as server:
        server.take(*(SymbolInfo(symbol=symbol, trading_day="2026-12-01") for symbol in SYMBOLS))
        publisher = Publisher(server)
        publisher.start()
        for number in range(ROUNDS):
            alone.append(watched(server))
            with nuisances(server.port):
                disturbed.append(watched(server))
                waiting = server.do(lambda: sorted(each.waiting for each in server.api.live.hub.clients())[-2:])
                assert min(waiting) > 0, "the two that do not read have nothing waiting: they disturbed nobody"
            sys.stdout.write(
                f"round {number + 1}: alone {alone[-1]}\n         disturbed {disturbed[-1]}, "
                f"{waiting} frames waiting for the two\n"
            )
            sys.stdout.flush()
        publisher.end()
        too_slow = server.do(lambda: server.api.live.hub.traffic.too_slow)
    return judged(alone, disturbed, too_slow)


def judged(alone: list[dict[str, float]], disturbed: list[dict[str, float]], too_slow: int) -> int:
    """0 if nobody was lost or slower by more than a fifth."""
    ratios = {
        name: statistics.median(each[name] for each in disturbed) / statistics.median(each[name] for each in alone)
        for name in ("p50_ms", "p99_ms")
    }
    spread = {name: [round(each[name], 1) for each in disturbed] for name in ratios}
    lost = sum(each["lost"] for each in alone + disturbed)
    sys.stdout.write(
        f"{CLIENTS} clients, one frozen, one at 1 byte/s, {ROUNDS} rounds: disturbed / alone "
        + ", ".join(f"{name[:3]} {ratio:.2f} (disturbed: {spread[name]} ms)" for name, ratio in ratios.items())
        + f"; {too_slow} slow ones closed, {lost:.0f} good ones lost\n"
    )
    return int(lost > 0 or ratios["p99_ms"] > 1.2)


if __name__ == "__main__":
    sys.exit(main())
