"""The exchange's ledger, read while it is written: what was printed, and what was sent when."""

import json
from collections import defaultdict, deque
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests import oracle
from tests.e2e.compare import Rows

KEPT_S = 400
LONGEST_WINDOW_S = max(oracle.WINDOWS)
Trade = dict[str, Any]


class Book:
    """Follows a ledger; keeps the prints of its last `KEPT_S` seconds."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._torn = b""
        self._trades: deque[Trade] = deque()
        self.frames = 0  # sent to connections

    def read(self) -> None:
        """Take in what was written since."""
        *lines, self._torn = (self._torn + self._file.read()).split(b"\n")
        for line in lines:
            entry = json.loads(line, parse_float=Decimal)
            if entry["t"] == "trade":
                self._trades.append(entry)
            elif entry["t"] == "sent":
                self.frames += 1
        newest = self._trades[-1]["time"] if self._trades else 0
        while self._trades and self._trades[0]["time"] < newest - KEPT_S * 1_000_000:
            self._trades.popleft()

    def expected(self, start: int, end: int) -> dict[str, Rows]:
        """The oracle's bars and averages of the seconds in [start, end)."""
        first = start - LONGEST_WINDOW_S
        bars = oracle.bars(each for each in self._trades if first <= each["time"] // 1_000_000 < end)
        found = {"bars": bars, "averages": oracle.averages(bars)}
        return {kind: {key: row for key, row in rows.items() if start <= key[1] < end} for kind, rows in found.items()}

    def close(self) -> None:
        self._file.close()


def swallowed(lines: Iterable[dict[str, Any]]) -> list[list[Trade]]:
    """In a ledger's lines, the runs of a symbol's trades that count in bars and were never sent to anyone."""
    trades: dict[str, list[Trade]] = defaultdict(list)
    sent: set[str] = set()
    for entry in lines:
        if entry["t"] == "trade" and oracle.counts(entry):
            trades[entry["symbol"]].append(entry)
        elif entry["t"] == "sent":
            sent.update(entry.get("prints", ()))
    return [run for found in trades.values() for run in _runs(found, sent)]


def _runs(trades: list[Trade], sent: set[str]) -> list[list[Trade]]:
    runs: list[list[Trade]] = []
    follows = False
    for trade in sorted(trades, key=lambda each: (each["time"], each["serial"])):
        if f"{trade['symbol']}:{trade['serial']}" in sent:
            follows = False
        elif follows:
            runs[-1].append(trade)
        else:
            runs.append([trade])
            follows = True
    return runs
