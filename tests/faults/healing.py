"""How long until the seconds around a fault are right everywhere, digit for digit."""

import time
from datetime import UTC, datetime, timedelta

import pymysql

from tests.builders import by_key
from tests.e2e.compare import KINDS, Rows, differences
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack
from tests.faults.book import Book

BEFORE_S, AFTER_S = 5, 2  # the seconds looked at: from BEFORE_S before a fault to AFTER_S after it
EVERY_S = 0.1
GIVEN_UP_S = 300.0


class Healing:
    """Asks MySQL and a connected client for the seconds around a fault until they equal the oracle's."""

    def __init__(self, stack: Stack, screen: Screen, book: Book) -> None:
        self._stack = stack
        self._screen = screen
        self._book = book

    def seconds(self, at_us: int) -> float:
        """Seconds from `at_us` until every row is right in both; fails with what is wrong after `GIVEN_UP_S`."""
        start, end = at_us // 1_000_000 - BEFORE_S, at_us // 1_000_000 + AFTER_S
        time.sleep(max(0.0, end + 0.2 - time.time()))
        while wrong := self._wrong(start, end):
            assert time.time() < at_us / 1e6 + GIVEN_UP_S, f"not healed within {GIVEN_UP_S} s: {wrong}"
            time.sleep(EVERY_S)
        return time.time() - at_us / 1e6

    def _wrong(self, start: int, end: int) -> str:
        """The first reader that is not right, with its missing, extra and wrong rows."""
        self._book.read()
        expected = self._book.expected(start, end)
        shown = {kind: _between(self._screen.rows[kind], start, end) for kind in KINDS}
        for kind in KINDS:
            if (found := differences(shown[kind], expected[kind])) != (0, 0, 0):
                return f"client {kind} {found}"
        for kind in KINDS:
            if found := self._differences(kind, start, end, expected[kind]):
                return f"MySQL {kind} {found}"
        return ""

    def _differences(self, kind: str, start: int, end: int, expected: Rows) -> str:
        try:
            rows = self._stored(kind, start, end, {symbol for symbol, _ in expected})
        except pymysql.Error as error:
            return str(error)
        found = differences(rows, expected)
        return "" if found == (0, 0, 0) else str(found)

    def _stored(self, kind: str, start: int, end: int, symbols: set[str]) -> Rows:
        """By the whole primary key: a scan of the day would slow down what is being measured."""
        day = (datetime.fromtimestamp(start, UTC) + timedelta(hours=8)).date()
        named = ", ".join(["%s"] * len(symbols))
        query = f"SELECT * FROM {kind} WHERE trading_day = %s AND symbol IN ({named}) AND second >= %s AND second < %s"  # noqa: S608
        connection = pymysql.connect(
            **self._stack.addresses["database"],
            cursorclass=pymysql.cursors.DictCursor,
            connect_timeout=2,
            read_timeout=5,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(query, (day, *symbols, start, end))
            rows = cursor.fetchall()
        return by_key({name: value for name, value in row.items() if name != "trading_day"} for row in rows)


def _between(rows: Rows, start: int, end: int) -> Rows:
    return {key: row for key, row in rows.copy().items() if start <= key[1] < end}
