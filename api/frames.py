"""WebSocket text frames as bytes: made once, written to any number of sockets. Pure (RFC 6455, 5.2)."""

import struct

_TEXT = 0x81  # a whole text message
_SHORT, _MEDIUM = 126, 65_536


def text_frame(payload: bytes) -> bytes:
    """A server's frame: unmasked, so that the same bytes fit every client."""
    size = len(payload)
    if size < _SHORT:
        return struct.pack("!BB", _TEXT, size) + payload
    if size < _MEDIUM:
        return struct.pack("!BBH", _TEXT, 126, size) + payload
    return struct.pack("!BBQ", _TEXT, 127, size) + payload


def bar_frame(value: bytes) -> bytes:
    return text_frame(b'{"type":"bar","data":' + value + b"}")


def average_frame(value: bytes) -> bytes:
    return text_frame(b'{"type":"average","data":' + value + b"}")
