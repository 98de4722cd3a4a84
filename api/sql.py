"""Statements that mean the same on MySQL 8.4, 9.x and MariaDB 10.11, 11.4. Pure.

Rows come as one JSON array of arrays, whatever their number; decimals in it are strings, which no server reads as a
float. The rows of most tables go in as that array. Those of a plain table are values of the statement itself: what
`api.checks` has let through, numbers, days, symbols and our own words, has nothing to escape.
"""

# ruff: noqa: S608 - the names in these texts are ours; values are parameters, or rows that `with_rows` explains

import re
from dataclasses import dataclass

MODE = "STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO"

_PRICE, _LOTS, _SYMBOL = "DECIMAL(12,4)", "BIGINT", "VARCHAR(16)"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the upsert and the history see it: columns in the record's order, with their types.

    `is_plain`: its texts are symbols, days and our own words, which have nothing to escape in any language.
    """

    name: str
    key: tuple[str, ...]
    version: str
    columns: dict[str, str]
    newer: str = "new.trades > old.trades"
    newest: str = "GREATEST(new.trades, old.trades)"
    is_plain: bool = False


BARS = Table(
    "bars",
    ("trading_day", "symbol", "second"),
    "trades",
    {"trading_day": "DATE", "symbol": _SYMBOL, "second": "BIGINT"}
    | dict.fromkeys(("open", "high", "low", "close"), _PRICE)
    | {"volume": _LOTS, "trades": "BIGINT", "turnover": "DECIMAL(24,4)", "vwap": _PRICE}
    | dict.fromkeys(("prior_volume", "day_volume", "buy_volume", "sell_volume"), _LOTS)
    | {"auction": "VARCHAR(5)", "last_trade_us": "BIGINT"},
    is_plain=True,
)
AVERAGES = Table(
    "averages",
    ("trading_day", "symbol", "second"),
    "trades",
    {"trading_day": "DATE", "symbol": _SYMBOL, "second": "BIGINT"}
    | {f"{name}_{window}": kind for window in (5, 10, 15) for name, kind in (("sma", _PRICE), ("count", "SMALLINT"))}
    | {"trades": "BIGINT"},
    is_plain=True,
)
# The last word on a gap stands, whatever it says: a healed one may open again. A record repeated changes nothing.
GAPS = Table(
    "gaps",
    ("trading_day", "symbol", "from_us", "to_us"),
    "at_us",
    {"trading_day": "DATE", "symbol": _SYMBOL, "from_us": "BIGINT", "to_us": "BIGINT"}
    | {"missing_lots": _LOTS, "state": "VARCHAR(6)", "reason": "VARCHAR(255)", "at_us": "BIGINT"},
    newer="new.at_us >= old.at_us",
    newest="GREATEST(new.at_us, old.at_us)",
)
# A day counts how often its bars were stored (api.storage compares it with what its candles were made of).
DAYS = Table(
    "days", ("trading_day",), "writes", {"trading_day": "DATE", "writes": "BIGINT"}, newest="old.writes + new.writes"
)
_CANDLE = (
    {"trading_day": "DATE", "symbol": _SYMBOL, "second": "BIGINT", "seconds": "INT"}
    | dict.fromkeys(("open", "high", "low", "close"), _PRICE)
    | {"volume": _LOTS, "trades": "BIGINT", "turnover": "DECIMAL(24,4)", "vwap": _PRICE}
    | dict.fromkeys(("buy_volume", "sell_volume"), _LOTS)
)
# Made anew as a whole: the last ones stand.
MINUTES, SESSIONS = (
    Table(name, ("symbol", "second"), "trades", _CANDLE, newer="TRUE", newest="new.trades")
    for name in ("minutes", "sessions")
)
OFFSETS = Table(
    "consumer_offsets",
    ("topic", "partition_id"),
    "next_offset",
    {"topic": "VARCHAR(249)", "partition_id": "INT", "next_offset": "BIGINT"},
    newest="GREATEST(new.next_offset, old.next_offset)",
)


def upsert(table: Table) -> str:
    """One statement for any number of rows; `with_rows` puts them in.

    A row replaces another only if its version is larger. Assignments run left to right, so the version comes last:
    earlier, it would make every later comparison false.
    """
    names = ", ".join(f"`{name}`" for name in table.columns)
    rows = f"VALUES {_ROWS} {_ALIAS}" if table.is_plain else _from_json(table, names)
    others = [name for name in table.columns if name not in table.key and name != table.version]
    changes = [f"`{name}` = IF({table.newer}, new.`{name}`, old.`{name}`)" for name in others]
    changes.append(f"`{table.version}` = {table.newest}")
    update = ", ".join(changes).replace("old.", f"{table.name}.")
    update = _NEW.sub(_EITHER, update) if table.is_plain else update
    return f"INSERT INTO {table.name} ({names}) {rows} ON DUPLICATE KEY UPDATE {update}"


_ROWS = "%s"
# MySQL gives the new row a name, MariaDB a function; each takes what is in the comments of the other for a comment.
_NEW, _EITHER = re.compile(r"new\.(`?\w+`?)"), r"/*!80019 new.\1 *//*M! VALUES(\1) */"
_ALIAS = "/*!80019 AS new */"
_AS_VALUES = bytes.maketrans(b"[]", b"()")


def _from_json(table: Table, names: str) -> str:
    columns = ", ".join(
        f"`{name}` {kind} PATH '$[{at}]' ERROR ON ERROR" for at, (name, kind) in enumerate(table.columns.items())
    )
    return f"SELECT {names} FROM JSON_TABLE(CONVERT(UNHEX({_ROWS}) USING utf8mb4), '$[*]' COLUMNS ({columns})) AS new"


def with_rows(statement: str, rows: bytes) -> bytes:
    """`statement` of `upsert` with its rows, a JSON array of arrays in the order of `columns`.

    Rows of a plain table are the statement's own values, with other brackets, which the server takes in 9 µs a bar
    (MariaDB 11.4) where it took 15 to read them as JSON. Others go in hex, which has no quotes to escape.
    """
    before, _, after = statement.encode().partition(_ROWS.encode())
    values = rows[1:-1].translate(_AS_VALUES) if before.endswith(b"VALUES ") else b"'" + rows.hex().encode() + b"'"
    return before + values + after


def last_bars() -> str:
    """Lines as of `page` and their number: each symbol's last bar of the last recorded trading day."""
    newest = "SELECT MAX(trading_day) FROM bars"
    lasts = f"SELECT symbol, MAX(second) AS second FROM bars WHERE trading_day = ({newest}) GROUP BY symbol"
    return (
        f"SELECT COUNT(*), GROUP_CONCAT({_line(BARS, 'bars')} SEPARATOR '\n') FROM bars JOIN ({lasts}) AS lasts "
        f"ON bars.symbol = lasts.symbol AND bars.second = lasts.second WHERE bars.trading_day = ({newest})"
    )


def chain() -> str:
    """The number of a day's bars of a symbol, and what their chain is made of; absent counters are -1.

    Parameters: trading day, symbol.
    """
    columns = "second, trades, volume, IFNULL(prior_volume, -1), IFNULL(day_volume, -1)"
    return (
        f"SELECT COUNT(*), GROUP_CONCAT(CONCAT_WS(' ', {columns}) ORDER BY second SEPARATOR ' ') FROM bars "
        "WHERE trading_day = %s AND symbol = %s"
    )


def around() -> str:
    """As `page`: the bar of a second, the one before it and the one after it; without it the one more after it.

    Parameters: trading day, symbol, second; the same again.
    """
    bars = "SELECT * FROM bars WHERE trading_day = %s AND symbol = %s AND second"
    return (
        f"SELECT COUNT(*), GROUP_CONCAT({_line(BARS, 'page')} ORDER BY second SEPARATOR '\n') FROM "
        f"(({bars} < %s ORDER BY second DESC LIMIT 1) UNION ALL ({bars} >= %s ORDER BY second LIMIT 2)) AS page"
    )


def candles(table: Table, *, last: bool) -> str:
    """As `page`, of candles, but for those of some days. Parameters: symbol, first and end second, `day,day`, limit."""
    order = "second DESC" if last else "second"
    return _page(table, "FIND_IN_SET(CAST(trading_day AS CHAR), %s) = 0", order)


def page(table: Table) -> str:
    """Up to a limit of a symbol's records as one value: their number, and lines `symbol second trades json`, ascending.

    One value costs the driver one row, not one per record; the server writes the same JSON as the topic's.
    Parameters: symbol, first and end second, first and last trading day, limit.
    """
    return _page(table, _OF_DAYS, "trading_day, second")


def last_page(table: Table) -> str:
    """As `page`, of the last records of the range, ascending too."""
    return _page(table, _OF_DAYS, "trading_day DESC, second DESC")


_OF_DAYS = "trading_day BETWEEN %s AND %s"


def _page(table: Table, days: str, order: str) -> str:
    return (
        f"SELECT COUNT(*), GROUP_CONCAT({_line(table, 'page')} ORDER BY second SEPARATOR '\\n') FROM "
        f"(SELECT * FROM {table.name} WHERE symbol = %s AND second >= %s AND second < %s "
        f"AND {days} ORDER BY {order} LIMIT %s) AS page"
    )


def _line(table: Table, source: str) -> str:
    fields = [
        _json(column, f"{source}.`{column}`", kind) for column, kind in table.columns.items() if column != "trading_day"
    ]
    return (
        f"CONCAT({source}.symbol, ' ', {source}.second, ' ', {source}.trades, ' {{', "
        + ", ',', ".join(fields)
        + ", '}')"
    )


def _json(name: str, value: str, kind: str) -> str:
    if kind.startswith("DECIMAL"):  # 1085.5000 as 1085.5, 1080.0000 as 1080
        value = f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {value}))"
    elif kind.startswith("VARCHAR"):
        value = f"CONCAT('\"', {value}, '\"')"  # symbols and our own words: nothing to escape
    return f"'\"{name}\":', IFNULL({value}, 'null')"
