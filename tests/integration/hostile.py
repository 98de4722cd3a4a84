"""What clients do that no client should: one function a way, over bare sockets, with the answer each must get."""

import contextlib
import json
import os
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator

TEXT, BINARY, CONTINUATION, CLOSE, PING = 1, 2, 0, 8, 9
ORIGINS = (
    "https://evil.example", "http://evil.example:8000", "null", "", "file://", "http://127.0.0.1", "http://localhost:1",
    "http://localhost.evil.example", "http://127.0.0.1.evil.example", "https://127.0.0.1:{port}", "http://evil.example@127.0.0.1:{port}",
    "http://[::2]:{port}",
)  # fmt: skip


def dial(port: int, receive_bytes: int | None = None) -> socket.socket:
    wire = socket.socket()
    if receive_bytes is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    wire.settimeout(10)
    wire.connect(("127.0.0.1", port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire


def request(path: str, headers: str = "") -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{headers}"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


@contextlib.contextmanager
def browser(port: int, path: str = "/ws", receive_bytes: int | None = None) -> Iterator[socket.socket]:
    """A handshake, answered with 101; nothing is read after it."""
    with dial(port, receive_bytes) as wire:
        wire.sendall(request(path))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += wire.recv(1)
        assert head.startswith(b"HTTP/1.1 101"), head[:100]
        yield wire


def frame(
    opcode: int, payload: bytes = b"", *, is_last: bool = True, mask: bytes | None = b"abcd", rsv: int = 0
) -> bytes:
    head = bytes([is_last << 7 | rsv << 4 | opcode])
    size, masked = len(payload), 0 if mask is None else 0x80
    head += (
        bytes([masked | size])
        if size < 126
        else bytes([masked | 126]) + struct.pack("!H", size)
        if size < 65_536
        else bytes([masked | 127]) + struct.pack("!Q", size)
    )
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def end(wire: socket.socket) -> int | None:
    """The code the server closes with, None if it closes without."""
    held = b""
    wire.settimeout(15)
    with contextlib.suppress(ConnectionResetError):
        while chunk := wire.recv(65_536):
            held += chunk
            at = held.rfind(b"\x88")
            if at >= 0 and len(held) >= at + 2 and held[at + 1] == len(held) - at - 2:
                return int.from_bytes(held[at + 2 : at + 4], "big")
    return None


def say(**message: object) -> bytes:
    return frame(TEXT, json.dumps(message).encode())


def until_code(wire: socket.socket, code: int) -> bool:
    """Whether an error with this code comes before the end."""
    held, wanted = b"", f'"code":{code},'.encode()
    with contextlib.suppress(ConnectionResetError, TimeoutError):
        while wanted not in held and (chunk := wire.recv(65_536)):
            held = held[-100:] + chunk
    return wanted in held


def flooded(wire: socket.socket, piece: bytes, times: int) -> None:
    """As much as the server takes before it has had enough."""
    with contextlib.suppress(OSError):
        for _ in range(times):
            wire.sendall(piece)


def unknown_actions(port: int) -> None:
    with browser(port) as wire:
        for text in (b'{"type":"dance"}', b'{"action":"subscribe"}', b"[]", b'{"type":{}}', b"\xf0\x9f\x92\xa5", b""):
            wire.sendall(frame(TEXT, text))
            assert until_code(wire, 400)


def a_subscription_of_everything_imaginable(port: int) -> None:
    with browser(port) as wire:
        for text in (
            "'; DROP TABLE bars; --",
            "<script>alert(1)</script>",
            "__proto__",
            "../../etc",
            "\u202e2330",
            "台" * 100,
        ):
            wire.sendall(say(type="subscribe", channels=["bars"], symbols=[text]))
        wire.sendall(say(type="list", id=77))
        assert b'"id":77' in heard(wire, b'"id":77')


def heard(wire: socket.socket, wanted: bytes) -> bytes:
    held = b""
    while wanted not in held:
        chunk = wire.recv(65_536)
        assert chunk, f"closed before {wanted!r}: {held[-200:]!r}"
        held += chunk
    return held


def ten_thousand_subscriptions(port: int) -> None:
    with browser(port) as wire:
        flooded(wire, say(type="subscribe", channels=["bars"], symbols=["2330"]), 10_000)
        assert end(wire) in {1008, None}


def five_thousand_messages_a_second(port: int) -> None:
    with browser(port) as wire:
        flooded(wire, say(type="ping"), 5_000)
        assert end(wire) in {1008, None}


def foreign_origins(port: int) -> None:
    for origin in ORIGINS:
        with dial(port) as wire:
            wire.sendall(request("/ws", f"Origin: {origin.format(port=port)}\r\n"))
            assert wire.recv(65_536).startswith(b"HTTP/1.1 403"), origin


def a_message_in_endless_fragments(port: int) -> None:
    with browser(port) as wire:
        wire.sendall(frame(TEXT, b"{", is_last=False))
        flooded(wire, frame(CONTINUATION, b" " * 1_000, is_last=False), 5_000)
        assert end(wire) in {1009, None}


def pings_without_end(port: int) -> None:
    with browser(port) as wire:
        flooded(wire, frame(PING, b"x" * 125), 20_000)
        wire.sendall(say(type="list", id=78))
        heard(wire, b'"id":78')


def impossible_close_codes(port: int) -> None:
    for payload in (b"\x00\x00", b"\x03\xed", b"\x03\xee", b"\xff\xff", b"\x03", b"\x03\xe8\xff\xfe"):
        with browser(port) as wire:
            wire.sendall(frame(CLOSE, payload))
            assert end(wire) in {1002, 1007, None}


def frames_without_a_mask(port: int) -> None:
    with browser(port) as wire:
        wire.sendall(frame(TEXT, b'{"type":"ping"}', mask=None))
        assert end(wire) in {1002, None}


def a_bomb_of_compressed_zeros(port: int) -> None:
    """Compression was not agreed on: the frame is refused before anything is unpacked."""
    with browser(port) as wire:
        bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = bomb.compress(b"\0" * 50_000_000) + bomb.flush()
        flooded(wire, frame(TEXT, packed[:60_000], rsv=4), 1)
        assert end(wire) in {1002, None}


def a_frame_of_a_mebibyte(port: int) -> None:
    with browser(port) as wire:
        flooded(wire, frame(TEXT, b" " * 1_048_576), 1)
        assert end(wire) in {1009, None}


def binary_and_reserved_frames(port: int) -> None:
    with browser(port) as wire:
        wire.sendall(frame(BINARY, os.urandom(100)))
        assert until_code(wire, 400)
    with browser(port) as wire:
        wire.sendall(frame(5, b"?"))
        assert end(wire) in {1002, None}


def a_handshake_that_never_ends(port: int) -> None:
    """Others are not kept waiting by it."""
    with dial(port) as slow:
        for byte in request("/ws")[:40]:
            slow.sendall(bytes([byte]))
        began = time.monotonic()
        with browser(port) as wire:
            heard(wire, b'"welcome"')
        assert time.monotonic() - began < 2


def a_header_of_a_hundred_kibibytes(port: int) -> None:
    for path in ("/ws", "/api/v1/status"):
        with dial(port) as wire:
            flooded(wire, request(path, f"X-Long: {'x' * 102_400}\r\n"), 1)
            with contextlib.suppress(ConnectionResetError):
                assert not wire.recv(65_536).startswith(b"HTTP/1.1 5")


def half_closed(port: int) -> None:
    for _ in range(50):
        with browser(port, "/ws?channels=bars&symbols=*") as wire:
            wire.shutdown(socket.SHUT_WR)


def reset(port: int) -> None:
    for _ in range(100):
        with browser(port, "/ws?channels=bars&symbols=*") as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def subscribing_and_unsubscribing_at_once(port: int) -> None:
    with browser(port) as wire:
        order = {"channels": ["bars", "averages"], "symbols": ["2330", "*"]}
        for _ in range(8):
            wire.sendall(say(type="subscribe", **order) + say(type="unsubscribe", **order))
        wire.sendall(say(type="list", id=79))
        answer = heard(wire, b'"id":79') + wire.recv(65_536)
        assert b'"id":79,"subscriptions":{"bars":[],"averages":[],"status":[],"alerts":[]}' in answer


def since_in_the_future(port: int) -> None:
    with browser(port) as wire:
        wire.sendall(say(type="subscribe", channels=["bars"], symbols=["2330"], since=4_102_444_799))
        wire.sendall(say(type="subscribe", channels=["bars"], symbols=["2330"], since=2**60))
        assert until_code(wire, 400)


def five_hundred_that_say_nothing(port: int) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(500):
            silent.enter_context(browser(port))
        with browser(port) as wire:
            heard(wire, b'"welcome"')


def a_thousand_at_once(port: int, rss: Callable[[], int]) -> int:
    """They want everything, read nothing, talk rubbish, and go without a word; the memory while they are there."""
    with contextlib.ExitStack() as crowd:
        wires = [
            crowd.enter_context(browser(port, "/ws?channels=bars,averages&symbols=*", 4_096)) for _ in range(1_000)
        ]
        for wire in wires:
            wire.sendall(frame(TEXT, b"?" * 4_000))
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return rss()


ATTACKS: tuple[Callable[[int], None], ...] = (
    unknown_actions, a_subscription_of_everything_imaginable, ten_thousand_subscriptions,
    five_thousand_messages_a_second, foreign_origins, a_message_in_endless_fragments, pings_without_end,
    impossible_close_codes, frames_without_a_mask, a_bomb_of_compressed_zeros, a_frame_of_a_mebibyte,
    binary_and_reserved_frames, a_handshake_that_never_ends, a_header_of_a_hundred_kibibytes, half_closed, reset,
    subscribing_and_unsubscribing_at_once, since_in_the_future, five_hundred_that_say_nothing,
)  # fmt: skip
