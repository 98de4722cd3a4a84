"""What the database does with the real statements, without a server: the update clause, run as MySQL runs it."""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import CodeType, SimpleNamespace
from typing import Any

from api import sql, store
from api.batches import Batch

Row = dict[str, Any]
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": lambda condition, then, otherwise: then if condition else otherwise,
    "GREATEST": max,
    "FIELD": lambda value, *known: known.index(value) + 1 if value in known else 0,
}
_TABLES = {table.name: table for table in (sql.BARS, sql.AVERAGES, sql.GAPS, sql.OFFSETS, sql.DAYS)}


class Tables:
    """Rows by key. Assignments of an upsert run one after another, each sees what those before it left."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[tuple[Any, ...], Row]] = {name: {} for name in _TABLES}
        self._updates = {name: _assignments(statement, name) for name, statement in store._UPSERTS.items()}

    def upsert(self, batch: Batch) -> None:
        """One transaction."""
        for statement, values in store.statements(batch):
            name = statement.split()[2]
            for row in json.loads(values):
                self._merge(name, dict(zip(_TABLES[name].columns, row, strict=True)))

    def by_second(self, name: str) -> dict[tuple[str, int], Row]:
        """`bars` or `averages` as they would be read back, without the trading day."""
        table = _TABLES[name]
        decimals = [column for column, kind in table.columns.items() if kind.startswith("DECIMAL")]
        found = {}
        for (_, symbol, second), row in self.rows[name].items():
            exact = {column: None if row[column] is None else Decimal(row[column]) for column in decimals}
            found[symbol, second] = {key: value for key, value in (row | exact).items() if key != "trading_day"}
        return found

    def _merge(self, name: str, new: Row) -> None:
        key = tuple(new[column] for column in _TABLES[name].key)
        old = self.rows[name].setdefault(key, new)
        if old is not new:
            scope = {**_FUNCTIONS, "new": SimpleNamespace(**new), name: SimpleNamespace(**old)}
            for column, expression in self._updates[name]:
                value = eval(expression, {"__builtins__": {}}, scope)  # noqa: S307 - of our own statement
                old[column] = value
                setattr(scope[name], column, value)


def _assignments(statement: str, table: str) -> list[tuple[str, CodeType]]:
    """The columns of `ON DUPLICATE KEY UPDATE`, in its order, each with what it becomes."""
    _, update = statement.split("ON DUPLICATE KEY UPDATE")
    parts = re.split(r",\s*(?=`\w+` = )", update.strip())
    pairs = (part.split(" = ", 1) for part in parts)
    return [(column.strip("`"), compile(_python(text), table, "eval")) for column, text in pairs]


def _python(text: str) -> str:
    text = re.sub(r"/\*!80019 (.*?) \*//\*M!.*?\*/", r"\1", text)  # as MySQL reads it
    words: Mapping[str, str] = {"`": "", " AND ": " and ", " OR ": " or ", " = ": " == ", "<>": "!="}
    for word, ours in words.items():
        text = text.replace(word, ours)
    return text
