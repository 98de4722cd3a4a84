"""Pages of a day's trades, newest first, which shift while they are read (fugle.md §3.2). Pure."""

from dataclasses import dataclass, field

import msgspec

ROWS = 500  # the most that one call gives
OVERLAP = 25  # rows read twice, which prove that nothing was skipped between two pages
_HEAD = ("symbol", "type", "exchange", "market")


class Row(msgspec.Struct, frozen=True):
    """What coverage needs of a row."""

    time: int
    serial: int
    size: int
    volume: int | None = None


class _Answer(msgspec.Struct):
    symbol: msgspec.Raw
    type: msgspec.Raw
    exchange: msgspec.Raw
    market: msgspec.Raw = msgspec.Raw()
    data: list[msgspec.Raw] = []


_answer = msgspec.json.Decoder(_Answer).decode
_row = msgspec.json.Decoder(Row).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the answer, each with its bytes; `head` is what all of them share."""

    head: dict[str, msgspec.Raw]
    rows: list[tuple[Row, msgspec.Raw]]

    def trade(self, row: msgspec.Raw) -> bytes:
        """The row as the stream would have sent it, not a digit changed."""
        return msgspec.json.encode(self.head | _members(row))


def page(symbol: str, body: bytes) -> Page:
    """An answer to `/intraday/trades/{symbol}`. Raises msgspec.MsgspecError where it is none."""
    found = _answer(body)
    head = {name: value for name in _HEAD if len(value := getattr(found, name))}
    if bytes(found.symbol) != msgspec.json.encode(symbol):
        message = f"an answer about {bytes(found.symbol)!r:.40}, not {symbol}"
        raise msgspec.ValidationError(message)
    return Page(head, [(row, raw) for raw in found.data if (row := _known(raw))])


def _known(raw: msgspec.Raw) -> Row | None:
    """A row that says what it is; another one proves nothing."""
    try:
        return _row(raw)
    except msgspec.MsgspecError:
        return None


@dataclass(slots=True)
class Walk:
    """Goes from the newest page to ever older ones."""

    offset: int = 0
    _serials: set[int] = field(default_factory=set)

    def is_joined(self, found: Page) -> bool:
        """Whether the page follows the one before without a hole; if not, the walk has to start again."""
        return not self._serials or any(row.serial in self._serials for row, _ in found.rows)

    def has_more(self, found: Page) -> bool:
        """Whether there are older pages, seeing this one; moves on to the next."""
        serials = {row.serial for row, _ in found.rows}
        news = serials - self._serials
        self._serials = serials
        self.offset += max(1, len(found.rows) - OVERLAP)
        return bool(news)
