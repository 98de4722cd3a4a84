"""A line between client and server that is cut when told: both ends see a reset, in the middle of whatever they say."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Line:
    """Each new connection goes to the next of the servers' ports."""

    ports: Sequence[int]
    cuts: int = 0
    carried: int = 0  # bytes to the client
    port: int = 0
    _opened: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Counts only what cut a connection that was there."""
        self.cuts += bool(self._writers)
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._opened += 1
        port = self.ports[self._opened % len(self.ports)]
        there, here = await asyncio.open_connection("127.0.0.1", port)
        self._writers |= {writer, here}
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pump(reader, here), self._pump(there, writer))
        for each in (writer, here):
            each.transport.abort()
            self._writers.discard(each)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            self.carried += len(chunk)
            writer.write(chunk)
            await writer.drain()
        writer.transport.abort()


@contextlib.asynccontextmanager
async def line(*ports: int) -> AsyncIterator[Line]:
    made = Line(ports)
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.cut()
        server.close()


async def cut_at_random(made: Line, times: int, seed: int) -> None:
    """Until `times` connections were cut: some in the handshake, some long after the first heartbeat."""
    chance = random.Random(seed)
    while made.cuts < times:
        await asyncio.sleep(min(2.5, chance.expovariate(1 / 0.35)))
        made.cut()
