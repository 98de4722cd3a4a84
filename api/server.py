"""uvicorn as one task among others: its end is ours to decide."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from api.http_edge import BoundedHttp
from api.limits import Limits
from api.wire import BroadcastSocket

_SEND_BUFFER = 128 * 1024  # else the kernel keeps megabytes for every browser that does not read
_BACKLOG = 2_048
_LONGEST_FRAME = 64 * 1024  # past the protocol's own limit, which answers politely, the socket is closed
_FAREWELL_S = 2


class Server(uvicorn.Server):
    """Leaves the signals alone: uvicorn raises them again, and then nothing after it runs."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose connections inherit a bounded send buffer; `OSError` when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    listener.listen(_BACKLOG)
    listener.setblocking(False)
    return listener


def server(app: ASGIApp, limits: Limits) -> Server:
    config = uvicorn.Config(
        app,
        lifespan="off",
        http=BoundedHttp,
        ws=BroadcastSocket,
        ws_max_size=_LONGEST_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=limits.ping_s,
        ws_ping_timeout=limits.pong_within_s,
        timeout_graceful_shutdown=_FAREWELL_S,
        server_header=False,
        access_log=False,
        log_config=None,
    )
    return Server(config)
