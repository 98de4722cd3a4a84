"""Trades and tapes for tests; everything has a default but the point of the test."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests import oracle

DAY = date(2026, 12, 1)
TEN = 1_796_090_400  # 10:00:00 in Taipei on that day
Data = dict[str, Any]


def a_trade(at: str = "0.0", price: str = "1085", size: int = 1, **fields: Any) -> Data:
    """A Fugle `data` object, `at` seconds after ten o'clock; its serial follows from its time unless given."""
    seconds, _, fraction = at.partition(".")
    time = (TEN + int(seconds)) * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)
    trade = {
        "symbol": "2330",
        "type": "EQUITY",
        "exchange": "TWSE",
        "market": "TSE",
        "time": time,
        "serial": time - TEN * 1_000_000 + 1,
        "price": Decimal(price),
        "size": size,
        "isContinuous": True,
    }
    return trade | fields


def published(trade: Mapping[str, Any], kind: str | None = None) -> str:
    """The record that the topic `trades` holds for it."""
    record = {**trade, "kind": kind or kind_of(trade), "received_us": trade["time"] + 900, "source": "stream"}
    return to_json(record)


def kind_of(trade: Mapping[str, Any]) -> str:
    """The kind by the closed table of the semantics."""
    if trade["type"] == "ODDLOT":
        return "odd_lot"
    if trade.get("isTrial"):
        return "trial"
    return "after_hours" if trade["serial"] == 99999999 else oracle.kind(trade)


def to_json(value: Mapping[str, Any]) -> str:
    """JSON with decimals as numbers, digit for digit."""
    parts = (
        f"{json.dumps(name)}:{item if isinstance(item, Decimal) else json.dumps(item)}" for name, item in value.items()
    )
    return "{" + ",".join(parts) + "}"


def golden_tape() -> list[dict[str, Any]]:
    """The steps of the golden tape: name, send, expect; numbers exact."""
    text = (Path(__file__).parent / "golden-tape.json").read_text("utf-8")
    return list(json.loads(text, parse_float=Decimal)["steps"])


def by_key(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows by symbol and second."""
    return {(row["symbol"], row["second"]): dict(row) for row in rows}
