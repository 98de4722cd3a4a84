"""What a recorded session holds besides its frames, known before it is played: whose it is, and all that REST told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from market.calendar import trading_day
from market.recording import Answer, Frame, Head, head, read
from simulator.prints import Print
from simulator.symbols import Instrument
from simulator.tape import whole

_OK = 200


class _Data(msgspec.Struct):
    """The fields of a print that routing needs; what is missing or wrong does not matter to the one who sends it."""

    symbol: str
    time: Any = 0
    serial: Any = 0
    size: Any = 0
    type: Any = ""
    isTrial: Any = False  # noqa: N815 - the exchange's name
    exchange: Any = ""
    market: Any = ""


class _Envelope(msgspec.Struct):
    event: str = ""
    channel: str = ""
    data: msgspec.Raw = msgspec.Raw()


class _Page(msgspec.Struct):
    symbol: msgspec.Raw
    type: msgspec.Raw
    exchange: msgspec.Raw
    market: msgspec.Raw = msgspec.Raw()
    data: list[dict[str, msgspec.Raw]] = []


_data = msgspec.json.Decoder(_Data).decode
_envelope = msgspec.json.Decoder(_Envelope).decode
_page = msgspec.json.Decoder(_Page).decode
# What answers a client's own words: whoever listens to the replay gets answers of its own.
_ANSWERS = ("authenticated", "subscribed", "unsubscribed", "subscriptions", "pong", "error")


@dataclass(slots=True)
class Survey:
    """`rows`: the trades that REST told, by time; `tickers`: the last good answer for each symbol."""

    head: Head
    begins_us: int
    rows: list[Print] = field(default_factory=list)
    tickers: dict[str, bytes] = field(default_factory=dict)
    boards: dict[str, tuple[str, str]] = field(default_factory=dict)

    def instruments(self) -> list[Instrument]:
        """What can be subscribed to; only symbol, exchange and market are known of it, and no more is answered."""
        return [_instrument(symbol, *self.boards.get(symbol, ("TWSE", "TSE"))) for symbol in self.head.symbols]


def survey(files: Sequence[Path]) -> Survey:
    """Read all of it once. Raises RecordingError where there is nothing to be played."""
    lines = (line for _, line in read(files, lambda *_: None))  # who plays it tells what is bad
    found = Survey(head(files), 0)
    rows: dict[tuple[str, bool, int, int], Print] = {}
    for line in lines:
        found.begins_us = found.begins_us or line.at
        if isinstance(line, Answer) and line.status == _OK:
            _learn(found, rows, line)
        elif isinstance(line, Frame) and len(found.boards) < len(found.head.symbols) and (each := printed(line.data)):
            found.boards.setdefault(each.symbol, board(each.body))
    found.rows = sorted(rows.values(), key=lambda each: each.time)
    return found


def printed(frame: bytes) -> Print | None:
    """The print in a frame of the stream, with its bytes; None: it is none that could be asked for again."""
    try:
        envelope = _envelope(frame)
        if envelope.event in ("data", "snapshot") and envelope.channel == "trades":
            return _print(bytes(envelope.data))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    return None


def is_answer(frame: bytes) -> bool:
    """Whether a frame answers what a client said, and so is nothing to another client."""
    try:
        return _envelope(frame).event in _ANSWERS
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


def board(body: bytes) -> tuple[str, str]:
    """Exchange and market of a print."""
    data = _data(body)
    return str(data.exchange), str(data.market)


def _learn(found: Survey, rows: dict[tuple[str, bool, int, int], Print], line: Answer) -> None:
    kind, _, rest = line.path.partition("?")[0].partition("/")
    try:
        if kind == "ticker":
            found.tickers[rest] = line.data
            found.boards[rest] = board(line.data)
        elif kind == "trades":
            for each in _rows(line.data):
                if trading_day(each.time) == found.head.day:
                    rows.setdefault((each.symbol, each.odd, each.time, each.serial), each)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # an answer that the ingestor could not read either


def _rows(body: bytes) -> Iterator[Print]:
    page = _page(body)
    top = {name: raw for name in ("symbol", "type", "exchange", "market") if len(raw := getattr(page, name))}
    for row in page.data:
        yield _print(msgspec.json.encode(top | row))


def _print(body: bytes) -> Print:
    data = _data(body)
    one_line = body if b"\n" not in body else msgspec.json.format(body, indent=-1)  # as a ledger wants it
    return Print(
        symbol=data.symbol,
        odd=data.type == "ODDLOT",
        trial=data.isTrial is True,
        time=whole(data.time),
        serial=whole(data.serial),
        size=whole(data.size),
        body=one_line,
    )


def _instrument(symbol: str, exchange: str, market: str) -> Instrument:
    nothing: dict[str, Any] = {"security_type": "", "tick_table": "stock", "industry": "", "board_lot": 0}
    return Instrument(symbol, symbol, symbol, exchange, market, reference=0, previous_close=0, **nothing)
