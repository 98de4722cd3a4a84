"""One WebSocket connection as the exchange writes to it: never waited for, bounded, cut off alone when too slow."""

import asyncio
import logging
from collections.abc import Iterable

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import State

CLOSE_TIMEOUT_S = 2.0  # for a client that does not answer a close frame

log = logging.getLogger("simulator")


class Wire:
    """Writes whole ticks of frames at once. `limit` bytes may wait for the reader; then the connection is cut."""

    def __init__(self, connection: ServerConnection, limit: int) -> None:
        self._connection = connection
        self._limit = limit

    @property
    def is_open(self) -> bool:
        return self._connection.protocol.state is State.OPEN

    @property
    def waiting_bytes(self) -> int:
        """What its reader has still to take."""
        return self._connection.transport.get_write_buffer_size()

    def send(self, frames: Iterable[bytes]) -> None:
        """Queue text frames and hand them to the transport in one write."""
        if not self.is_open:
            return
        protocol = self._connection.protocol
        for each in frames:
            protocol.send_text(each)
        self._flush()
        if (waiting := self.waiting_bytes) > self._limit:
            log.warning("slow_reader_closed remote=%s waiting_bytes=%d", self._connection.remote_address, waiting)
            self.drop()

    def send_binary(self, data: bytes) -> None:
        """A binary frame, which the exchange never sends."""
        if self.is_open:
            self._connection.protocol.send_binary(data)
            self._flush()

    def tear(self) -> None:
        """End the TCP connection in the middle of a text frame."""
        whole = Frame(Opcode.TEXT, b'{"event":"data","data":{"symbol":"2330","ty').serialize(mask=False)
        self._connection.transport.write(whole[: len(whole) // 2])
        self._connection.transport.close()

    def close(self, code: int | None, reason: str = "") -> None:
        """Start the closing handshake; code None sends a close frame without a status."""
        if self.is_open:
            self._connection.protocol.send_close(code, reason)
            self._flush()
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self.drop)

    def drop(self) -> None:
        """Cut the TCP connection: the client sees no close frame."""
        self._connection.transport.abort()

    def _flush(self) -> None:
        data = b"".join(self._connection.protocol.data_to_send())
        if data:
            self._connection.transport.write(data)
