"""The browser's edge: uvicorn's WebSocket with what a broadcast needs beside ASGI: ready frames, pause, abort."""

from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from api.client import Client
from api.frames import text_frame
from api.http_edge import TOO_LARGE
from api.protocol import bye

GOING_AWAY = 1001
RECONNECT_AFTER_MS = 1_000
_FAREWELL_S = 5.0


class BroadcastSocket(WebSocketsSansIOProtocol):
    """A `Wire`. ASGI's send makes a frame per client and waits for a slow one; this does neither."""

    client_of_hub: Client | None = None

    async def run_asgi(self) -> None:
        cast("dict[str, object]", self.scope["extensions"])["wire"] = self
        await super().run_asgi()

    def data_received(self, data: bytes) -> None:
        """A handshake that cannot be read has no answer in uvicorn, and would stay."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(TOO_LARGE)
            self.transport.close()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # refused is an answer too; uvicorn would log an error for each

    def attach(self, client: Client) -> None:
        self.client_of_hub = client

    def write(self, frame: bytes) -> None:
        if self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        """Say so and go: a peer that does not read even that is cut off after a while."""
        if self.conn.state is State.OPEN:
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.stop_keepalive()
        if self.close_timer is None:
            self.close_timer = self.loop.call_later(_FAREWELL_S, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.client_of_hub is not None:
            self.client_of_hub.pause(self.loop.time())

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.client_of_hub is not None:
            self.client_of_hub.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client_of_hub is not None:
            self.client_of_hub.leave()
            self.client_of_hub = None  # each holds the other, and the collector comes seldom
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        """A peer that no longer answers pings would keep its buffers for as long as TCP likes."""
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        """The server stops: tell the browser when to come back."""
        if self.client_of_hub is None:
            super().shutdown()
            return
        if not self.client_of_hub.is_plain:
            self.write(text_frame(bye(RECONNECT_AFTER_MS)))
        self.client_of_hub.end(GOING_AWAY, "the server stops")
