"""Watchers by the hundred in one process: each reads its frames and notes how late every bar came."""

import asyncio
import contextlib
import json
import random
import sys
import time

import psutil

_BAR = b'{"type":"bar","data":'
_STAMP = b'"last_trade_us":'
HANDSHAKE = (
    "GET /ws?channels=bars,averages&symbols={symbols} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Watcher(asyncio.Protocol):
    """One socket. Frames of the server are not masked, so that a bar's stamp can be read where it stands."""

    def __init__(self, symbols: list[str], offset_us: int, late_us: list[int]) -> None:
        self._symbols, self._offset_us, self._late_us = symbols, offset_us, late_us
        self._rest = b""
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.is_open = True
        assert isinstance(transport, asyncio.Transport)
        transport.write(HANDSHAKE.format(symbols=",".join(self._symbols)).encode())

    def connection_lost(self, _exc: Exception | None) -> None:
        self.is_open = False

    def data_received(self, data: bytes) -> None:
        now_us = time.time_ns() // 1_000 + self._offset_us
        held = self._rest + data
        at = 0
        while (found := held.find(_BAR, at)) >= 0:  # a snapshot's bars are no news
            stamp = held.find(_STAMP, found)
            end = held.find(b"}", stamp)
            if stamp < 0 or end < 0:
                break
            self._late_us.append(now_us - int(held[stamp + len(_STAMP) : end]))
            at = end
        self._rest = held[found if found >= 0 else max(at, len(held) - len(_BAR)) :]


async def watch(
    port: int, clients: int, symbols: list[str], offset_us: int, *, seconds: float, server: int | None = None
) -> dict[str, float]:
    """Figures in ms of what came in the last `seconds`, after everybody was connected and had some time to settle.

    With the process number of the `server`: how many seconds of processor time it took, `server_s`.
    """
    late_us: list[int] = []
    loop, chance = asyncio.get_running_loop(), random.Random(1)
    watchers = [Watcher(chance.sample(symbols, 5), offset_us, late_us) for _ in range(clients)]
    for at in range(0, clients, 50):
        await asyncio.gather(
            *(loop.create_connection(lambda each=each: each, "127.0.0.1", port) for each in watchers[at : at + 50])
        )
    await asyncio.sleep(3)
    late_us.clear()
    began_s = processor_s(server)
    await asyncio.sleep(seconds)
    took_s = processor_s(server) - began_s
    late = sorted(late_us)
    lost = sum(not each.is_open for each in watchers)
    return {
        "bars": len(late),
        "lost": lost,
        "p50_ms": late[len(late) // 2] / 1_000,
        "p99_ms": late[len(late) * 99 // 100] / 1_000,
        "server_s": took_s,
    }


def processor_s(process: int | None) -> float:
    """Seconds of processor time a process has taken."""
    return sum(psutil.Process(process).cpu_times()[:2]) if process else 0.0


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(json.dumps(asyncio.run(watch(**order))) + "\n")
