"""The recent past of every symbol: newest versions only, bounded by age of arrival and by number. Pure."""

from collections import deque
from collections.abc import Iterable

from api.position import Place, Position
from api.records import Kind, Row

KEEP_S = 15 * 60
MOST_ROWS = 200_000

Series = tuple[Kind, str]


class Memory:
    """Rows by (kind, symbol) and second. Time is an argument, in seconds of any monotonic clock."""

    def __init__(self, keep_s: float = KEEP_S, most_rows: int = MOST_ROWS) -> None:
        self._keep_s = keep_s
        self._most_rows = most_rows
        self._series: dict[Series, dict[int, Row]] = {}
        self._arrivals: deque[tuple[float, Row]] = deque()
        self._last: dict[str, Row] = {}
        self._first: dict[Place, int] = {}  # every newest version from this offset on is held
        self._next: dict[Place, int] = {}

    def accept(self, row: Row, now_s: float) -> bool:
        """Keep a row unless a version that counts as many trades is held; whether it was news."""
        place = row.kind, row.partition
        self._first.setdefault(place, row.offset)
        self._next[place] = row.offset + 1
        rows = self._series.setdefault((row.kind, row.symbol), {})
        held = rows.get(row.second)
        if held is not None and row.trades <= held.trades:
            return False
        rows[row.second] = row
        self._arrivals.append((now_s, row))
        if row.kind == "bar":
            self._note_last(row)
        self._forget(now_s)
        return True

    def rows(self, kind: Kind, symbol: str, start: int = 0, end: int | None = None) -> list[Row]:
        """Held rows of seconds in [start, end), in no order."""
        rows = self._series.get((kind, symbol), {}).values()
        return [row for row in rows if row.second >= start and (end is None or row.second < end)]

    def position(self) -> Position:
        """The next offset of every partition that had a row: what comes after it has not been told to anybody."""
        return dict(self._next)

    def holds(self, position: Position) -> bool:
        """Whether every row that came after `position` is here. One of another topic's past or of the future is not."""
        return position.keys() == self._next.keys() and all(
            self._first[place] <= offset <= self._next[place] for place, offset in position.items()
        )

    def rows_after(self, kind: Kind, symbol: str, position: Position) -> list[Row]:
        """Held rows of any second that came after a position, ascending."""
        rows = self._series.get((kind, symbol), {})
        return [row for _, row in sorted(rows.items()) if row.offset >= position[kind, row.partition]]

    def last(self, symbol: str) -> Row | None:
        """The newest bar ever seen, however long ago."""
        return self._last.get(symbol)

    def symbols(self) -> Iterable[str]:
        """Every symbol that had a bar."""
        return self._last.keys()

    def __len__(self) -> int:
        return len(self._arrivals)

    def _note_last(self, row: Row) -> None:
        last = self._last.get(row.symbol)
        if last is None or row.second >= last.second:
            self._last[row.symbol] = row

    def _forget(self, now_s: float) -> None:
        arrivals = self._arrivals
        while len(arrivals) > self._most_rows or now_s - arrivals[0][0] > self._keep_s:
            _, row = arrivals.popleft()
            rows = self._series[row.kind, row.symbol]
            if rows.get(row.second) is row:  # else a newer version arrived later and goes later
                del rows[row.second]
                self._first[row.kind, row.partition] = row.offset + 1


def merged(stored: Iterable[Row], recent: Iterable[Row]) -> list[Row]:
    """Both, ascending by second; of two with one second the one that counts more trades."""
    rows = {row.second: row for row in stored}
    for row in recent:
        held = rows.get(row.second)
        if held is None or row.trades > held.trades:
            rows[row.second] = row
    return [rows[second] for second in sorted(rows)]
