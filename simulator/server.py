"""The socket: WebSocket on one path, HTTP on all others of the same port."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from simulator.control import Control
from simulator.exchange import Exchange
from simulator.rest import BASE, Answer, Rest, error, split
from simulator.session import Session
from simulator.wire import CLOSE_TIMEOUT_S, Wire

STREAM = f"{BASE}/streaming"
LARGEST_FRAME = 1024 * 1024

log = logging.getLogger("simulator")


@dataclass(frozen=True, slots=True)
class Timing:
    """The server's patience and its pulse, in seconds; `queue_bytes` bounds what one client may leave unread."""

    heartbeat_s: float = 30.0
    auth_timeout_s: float = 60.0
    queue_bytes: int = 16 * 1024 * 1024


class Front:
    """The exchange's doors: streaming connections and REST calls."""

    def __init__(self, exchange: Exchange, control: Control, timing: Timing, rest: Rest | None = None) -> None:
        self._exchange = exchange
        self._control = control
        self._rest = rest or Rest(exchange)
        self._timing = timing
        self._numbers = count(1)

    @asynccontextmanager
    async def serve(self, host: str, port: int) -> AsyncIterator[Server]:
        """Listen; leaving closes every connection with 1001."""
        faults_only = logging.getLogger("simulator.websockets")
        faults_only.setLevel(logging.ERROR)
        async with serve(
            self._stream,
            host,
            port,
            process_request=self._request,
            compression=None,
            ping_interval=None,  # the exchange sends no protocol pings
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=LARGEST_FRAME,
            logger=faults_only,
        ) as server:
            yield server

    async def beat(self) -> None:
        """A heartbeat to every connection, for ever."""
        while True:
            await asyncio.sleep(self._timing.heartbeat_s)
            for session in list(self._control.sessions):
                session.say("heartbeat", {"time": self._exchange.clock.now_us()})

    async def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        """None lets the WebSocket handshake go on; everything else is answered as HTTP."""
        path, _ = split(request.path)
        if path == STREAM and self._exchange.is_away:
            return _response(connection, error(503, "Service Unavailable"))
        if path == STREAM and self._exchange.strikes("upgrade_404") is None:
            return None
        if path == STREAM:
            return _response(connection, error(404, "Resource Not Found"))
        return _response(
            connection, self._control.answer(request.path) or await self._rest.answer(request.path, request.headers)
        )

    async def _stream(self, connection: ServerConnection) -> None:
        session = Session(next(self._numbers), Wire(connection, self._timing.queue_bytes), self._exchange)
        self._control.sessions.add(session)
        log.info("connected session=%d remote=%s", session.number, connection.remote_address)
        late = asyncio.get_running_loop().call_later(self._timing.auth_timeout_s, _expire, session)
        try:
            async for message in connection:
                session.hear(message)
        except ConnectionClosed:
            pass  # how it ended is in the log line below
        finally:
            late.cancel()
            session.leave()
            self._control.sessions.discard(session)
            log.info("disconnected session=%d code=%s", session.number, connection.close_code)


def _expire(session: Session) -> None:
    if not session.authenticated:
        session.too_late()


def _response(connection: ServerConnection, answer: Answer) -> Response:
    response = connection.respond(answer.status, answer.body.decode())
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    return response
