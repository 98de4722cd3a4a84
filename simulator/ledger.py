"""The exchange's book of record: every print and every frame sent, as NDJSON, written before anything is sent.

Lines: `{"t":"trade",…the data object…}` once per print of any kind (trials and pause notices too);
`{"t":"sent","at":µs,"to":connection,"prints":["2330:1100",…]}` or `…"frame":{…}}`; `{"t":"day",…}` for a day's prices.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from simulator.index import Index
from simulator.prints import Print

_TRADE = b'{"t":"trade",'
_DAY = b'{"t":"day",'
_CHUNK = 1_024


class Board(NamedTuple):
    """Where a symbol's prints belong: regular or odd lots, trades or trial matches."""

    symbol: str
    odd: bool = False
    trial: bool = False


class Row(msgspec.Struct):
    """The fields of a data object that routing needs."""

    symbol: str
    time: int
    serial: int
    size: int
    type: str = ""
    isTrial: bool = False  # noqa: N815 - the exchange's name


class Day(msgspec.Struct):
    """Reference and previous closing price (in cents) of each symbol on a trading day."""

    day: str
    prices: dict[str, tuple[int, int]]


_row = msgspec.json.Decoder(Row).decode
_day = msgspec.json.Decoder(Day).decode


class Ledger:
    """Append-only; `flush` hands all pending lines to the operating system in one write, so kill -9 loses none."""

    def __init__(self, path: Path | None) -> None:
        self._fd = _opened(path)
        self._end = _without_torn_tail(self._fd)
        self._pending: list[bytes] = []
        self._indexes: dict[Board, Index] = {}
        self.prints = 0

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._end

    def trade(self, each: Print) -> None:
        """Record a print, once: a repeat of the same (time, serial) is not a second trade."""
        if not each.identified or self._index(each, self._end):
            self._append(_TRADE + each.body[1:] + b"\n")

    def sent(self, at_us: int, to: int, prints: Iterable[Print]) -> None:
        """Record that prints are about to be sent to a connection."""
        keys = '","'.join(f"{each.symbol}:{each.serial}" for each in prints)
        self._append(f'{{"t":"sent","at":{at_us},"to":{to},"prints":["{keys}"]}}\n'.encode())

    def frame(self, at_us: int, to: int, frame: bytes) -> None:
        """Record any other frame about to be sent."""
        self._append(f'{{"t":"sent","at":{at_us},"to":{to},"frame":'.encode() + frame + b"}\n")

    def day(self, day: Day) -> None:
        """Record the prices a day starts from, and forget the rows of the day before: they are history."""
        self._indexes.clear()
        self._append(_DAY + msgspec.json.encode(day)[1:] + b"\n")
        self.flush()

    def flush(self) -> None:
        """Write what is pending."""
        if self._pending:
            _write_all(self._fd, b"".join(self._pending))
            self._pending.clear()

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        os.close(self._fd)

    def bodies(self, board: Board, offset: int, limit: int, *, oldest_first: bool) -> list[bytes]:
        """A page of the day's data objects of one board, in the exchange's order."""
        self.flush()  # what is indexed is read from the file
        index = self._indexes.get(board, Index())
        return [self._body_at(at) for at in index.page(offset, limit, oldest_first=oldest_first)]

    def begun(self, day: str) -> Day | None:
        """The prices a day started from, if this ledger has seen its start."""
        found = [entry for _, line in self._lines() if line.startswith(_DAY) and (entry := _day(line)).day == day]
        return found[-1] if found else None

    def restored(self, first_us: int, end_us: int) -> Iterator[Print]:
        """The prints of a day (its half-open bounds in µs) that are already here, in order; indexes them again."""
        for at, line in self._lines():
            if line.startswith(_TRADE) and first_us <= (each := _print(line)).time < end_us and self._index(each, at):
                yield each

    def _index(self, each: Print, at: int) -> bool:
        index = self._indexes.setdefault(Board(each.symbol, each.odd, each.trial), Index())
        new = index.add(each.time, each.serial, at)
        self.prints += new
        return new

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        at = 0
        with os.fdopen(os.dup(self._fd), "rb") as file:
            file.seek(0)
            for line in file:
                yield at, line
                at += len(line)

    def _append(self, line: bytes) -> None:
        self._pending.append(line)
        self._end += len(line)

    def _body_at(self, offset: int) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            more = os.pread(self._fd, _CHUNK, offset + len(line))
            end = more.find(b"\n")
            line += more if end < 0 else more[: end + 1]
        return _body(line)


def trades(path: Path) -> Iterator[dict[str, Any]]:
    """Every print in a ledger as its data object, prices as Decimal; a torn last line is left out."""
    with path.open("rb") as file:
        for line in file:
            if line.startswith(_TRADE) and line.endswith(b"\n"):
                yield _exact(json.loads(_body(line), parse_float=Decimal))


def _exact(trade: dict[str, Any]) -> dict[str, Any]:
    prices = {name: Decimal(trade[name]) for name in ("price", "bid", "ask") if isinstance(trade.get(name), int)}
    return trade | prices


def _body(line: bytes) -> bytes:
    return b"{" + line[len(_TRADE) : -1]


def _print(line: bytes) -> Print:
    row = _row(line)
    return Print(row.symbol, row.type == "ODDLOT", row.isTrial, row.time, row.serial, row.size, _body(line))


def _opened(path: Path | None) -> int:
    if path is None:
        directory = Path(tempfile.mkdtemp(prefix="ledger-"))
        fd = _opened(directory / "ledger.ndjson")
        shutil.rmtree(directory)  # the open file lives on without a name, until the process ends
        return fd
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)


def _without_torn_tail(fd: int) -> int:
    """The size of the file after cutting what a kill left of an unfinished line."""
    size = os.fstat(fd).st_size
    keep = size
    while keep and os.pread(fd, 1, keep - 1) != b"\n":
        keep -= 1
    if keep != size:
        os.ftruncate(fd, keep)
    return keep


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
