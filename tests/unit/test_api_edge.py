"""The server's edge: heads without an end, handshakes that nobody can read, refusals that are no faults."""

import json
import logging
import socket
import time
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect

from api import http_edge
from api.limits import Limits
from tests.api_builders import a_bar
from tests.api_server import Served, served
from tests.integration.hostile import request
from tests.waiting import until


@pytest.fixture
def api() -> Iterator[Served]:
    with served("2330") as up:
        yield up


def answer(wire: socket.socket) -> bytes:
    """All that comes until the server closes."""
    held = b""
    while chunk := wire.recv(65_536):
        held += chunk
    return held


def test_a_head_without_an_end_is_not_collected(api: Served) -> None:
    with api.connect_raw() as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
        wire.sendall(b"x" * (http_edge.LONGEST_HEAD + 1))
        assert answer(wire).startswith(b"HTTP/1.1 431 ")


def test_a_head_that_takes_forever_is_cut_off(api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_edge, "HEAD_WITHIN_S", 0.2)
    with api.connect_raw() as wire:
        wire.sendall(b"GET / HTTP/1.1\r\n")
        assert answer(wire) == b""


def test_the_second_request_of_a_connection_is_bounded_too(api: Served) -> None:
    with api.connect_raw() as wire:
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = b""
        while not first.endswith(b'{"alive":true}'):
            first += wire.recv(65_536)
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        wire.sendall(b"X-Long: " + b"x" * (http_edge.LONGEST_HEAD + 1))
        assert answer(wire).startswith(b"HTTP/1.1 431 ")


def test_a_handshake_line_too_long_to_read_is_answered_and_gone(api: Served) -> None:
    with api.connect_raw() as wire:
        wire.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nX-Long: " + b"x" * 9_000
        )
        wire.sendall(b"\r\n\r\n")
        assert answer(wire).startswith(b"HTTP/1.1 431 ")


def test_a_refused_handshake_is_no_error_of_ours(api: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), api.connect_raw() as wire:
        wire.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert answer(wire).startswith(b"HTTP/1.1 403 ")
    assert caplog.records == []


def test_a_client_that_never_answers_a_ping_is_cut_off_in_time_and_nobody_else_notices() -> None:
    ping_s, pong_within_s = 0.4, 0.3
    with served("2330", limits=Limits(ping_s=ping_s, pong_within_s=pong_within_s)) as api, api.connect_raw() as mute:
        mute.sendall(request("/ws?channels=bars&symbols=2330"))
        mute.settimeout(10)
        with connect(f"{api.ws}?channels=bars&symbols=2330") as good:  # its library answers pings
            began_s = time.monotonic()
            while mute.recv(65_536):  # it reads all it is sent, pings and the close frame too
                pass
            assert time.monotonic() - began_s < ping_s + pong_within_s + 1
            until(lambda: len(api.do(api.api.live.hub.clients)) == 1, "the mute one is gone", 5)
            until(
                lambda: time.monotonic() - began_s > 2 * (ping_s + pong_within_s), "the good one was pinged as often", 5
            )
            api.take(a_bar(1))
            until(lambda: json.loads(good.recv(5))["type"] == "bar", "the good one hears what comes", 5)


def test_the_shipped_server_says_how_soon_and_it_is_within_a_minute() -> None:
    with served("2330") as api, connect(api.ws) as socket:
        limits = json.loads(socket.recv(5))["limits"]
    assert limits["ping_s"] + limits["pong_within_s"] <= 60
