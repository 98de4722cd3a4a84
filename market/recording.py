"""A recorded session: what the exchange sent, as it came, in gzipped lines of JSON, a file for each day and start.

`2026-12-01.001.ndjson.gz` begins with a head; then each line is a frame, an answer to a REST call, or how many lines
are missing because the disk was too slow. A file that was cut anywhere can be read up to there.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from market.calendar import CalendarName, day_bounds_us

VERSION = 1
_SUFFIX = ".ndjson.gz"
_CHUNK = 16 * 1024
_LONGEST = 16 * 1024 * 1024
_EARLY_US = 3_600_000_000  # clocks that differ


class RecordingError(ValueError):
    """There is nothing to be read; the message says why."""


class _Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", omit_defaults=True):
    """`at`: µs of the market's clock, when it came."""

    at: int


class Head(_Line, tag="head", frozen=True, kw_only=True):
    """Whose session it is: who was watched, on which day and calendar."""

    version: int
    day: date
    symbols: tuple[str, ...]
    calendar: CalendarName


class _Content(_Line, frozen=True, kw_only=True):
    """Bytes: as text where they are text."""

    text: str = ""
    base64: bytes = b""

    @property
    def data(self) -> bytes:
        return self.base64 or self.text.encode()


class Frame(_Content, tag="frame", frozen=True, kw_only=True):
    """What came on a connection; `c` counts the connections of one start."""

    c: int


class Answer(_Content, tag="answer", frozen=True, kw_only=True):
    """The answer to a GET of `path` below `intraday/`, with its query."""

    path: str
    status: int


class Dropped(_Line, tag="dropped", frozen=True, kw_only=True):
    """Here `lines` are missing."""

    lines: int


Line = Head | Frame | Answer | Dropped
Tell = Callable[[Path, int, str], None]  # a file, the number of a line in it that is of no use, and why

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def content(data: bytes) -> tuple[str, bytes]:
    """`text` and `base64` of a frame or an answer."""
    try:
        return data.decode(), b""
    except UnicodeDecodeError:
        return "", data


def encode(line: Line) -> bytes:
    return _encode(line) + b"\n"


def file_name(day: date, number: int) -> str:
    return f"{day.isoformat()}.{number:03}{_SUFFIX}"


def parts(tape: Path) -> list[Path]:
    """The files of a day (`folder/2026-12-01`) in their order, or the one file that is named. Raises RecordingError."""
    if tape.is_file():
        return [tape]
    found = sorted(each for each in tape.parent.glob(f"*{_SUFFIX}") if each.name.startswith(f"{tape.name}."))
    if not found:
        message = f"{tape}: no such recording; name a file, or a day as in {tape.parent}/2026-12-01"
        raise RecordingError(message)
    return found


def read(files: Sequence[Path], tell: Tell) -> Iterator[tuple[int, Line]]:
    """Lines with the number of their file; what is of no use is told and skipped."""
    for number, file in enumerate(files):
        head: Head | None = None
        for at, line in _lines(file, tell):
            head = head or (line if isinstance(line, Head) else None)
            if rule := _refusal(head, line):
                tell(file, at, rule)
            else:
                yield number, line
            if head is None or head.version != VERSION:
                break


def head(files: Sequence[Path]) -> Head:
    """Of the first file that has one. Raises RecordingError."""
    told: list[str] = []
    found = (line for _, line in read(files, lambda file, at, why: told.append(f"{file}: line {at}: {why}")))
    for line in found:
        if isinstance(line, Head):
            return line
    message = told[0] if told else f"{files[0]} is empty"
    raise RecordingError(message)


def _refusal(head: Head | None, line: Line) -> str:
    if head is None:
        return "the file does not begin with a head: nothing of it is read"
    if head.version != VERSION:
        return f"version {head.version}, where {VERSION} is understood: nothing of it is read"
    start_us, end_us = day_bounds_us(head.day)
    return "" if start_us - _EARLY_US <= line.at < end_us + _EARLY_US else f"{line.at} is not within {head.day}"


def _lines(file: Path, tell: Tell) -> Iterator[tuple[int, Line]]:
    for number, text in enumerate(_texts(file), 1):
        try:
            if isinstance(text, str):
                tell(file, number, text)
            else:
                yield number, _decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:  # ValueError: not UTF-8
            tell(file, number, f"not a line of a recording: {error}")


def _texts(file: Path) -> Iterator[bytes | str]:
    """Whole lines, and in words why there are no more of them."""
    rest = b""
    try:
        for data in _unpacked(file):
            *lines, rest = (rest + data).split(b"\n")
            yield from lines
            if len(rest) > _LONGEST:
                yield f"longer than {_LONGEST} bytes: nothing behind it is read"
                return
    except zlib.error as error:
        yield f"damaged, nothing behind it is read: {error}"
        return
    if rest:
        yield "cut off"


def _unpacked(file: Path) -> Iterator[bytes]:
    """As far as there is something: whoever wrote the file may have been killed. Raises zlib.error."""
    unpacker = zlib.decompressobj(wbits=31)
    with file.open("rb") as packed:
        while data := packed.read(_CHUNK):
            while data:
                before = unpacker.copy()
                try:
                    yield unpacker.decompress(data)
                except zlib.error:
                    yield from (before.decompress(data[at : at + 1]) for at in range(len(data)))  # up to the damage
                    raise
                data = unpacker.unused_data
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
