"""A bar and its averages in plain Python, for engines whose own language that is; standard library only.

State is JSON: a store may keep it as it is. Prices are counted in units of 1/10,000, as integers.
"""

from collections.abc import Iterator, Mapping
from typing import Any

COUNTED = ("call", "close", "open")  # with "continuous"; of several in one second the last named wins
UNITS = 10_000
WINDOWS = (5, 10, 15)
WIDEST = max(WINDOWS)

State = dict[str, Any]
Slot = tuple[int, int]  # of one second: its bar's trades and vwap


def counts(trade: Mapping[str, Any]) -> bool:
    """Whether a record of `trades` makes bars."""
    return trade["kind"] == "continuous" or trade["kind"] in COUNTED


def second_of(trade: Mapping[str, Any]) -> int:
    return int(trade["time"] // 1_000_000)


def with_trade(bar: State | None, trade: Mapping[str, Any]) -> State:
    """The state of a second with one more distinct trade; `bar` is changed, not copied."""
    price, size, volume = round(trade["price"] * UNITS), trade["size"], trade.get("volume")
    at, bid, ask = [trade["time"], trade["serial"]], trade.get("bid"), trade.get("ask")
    if bar is None:
        bar = {"first": at, "last": at, "high": price, "low": price, "auction": -1}
        bar |= dict.fromkeys(("volume", "trades", "turnover", "buy_volume", "sell_volume"), 0)
    if at <= bar["first"]:
        bar |= {"first": at, "open": price, "prior_volume": None if volume is None else volume - size}
    if at >= bar["last"]:
        bar |= {"last": at, "close": price, "day_volume": volume}
    bar["high"], bar["low"] = max(bar["high"], price), min(bar["low"], price)
    bar["volume"] += size
    bar["trades"] += 1
    bar["turnover"] += price * size
    if ask and trade["price"] >= ask:
        bar["buy_volume"] += size
    elif bid and trade["price"] <= bid:
        bar["sell_volume"] += size
    if trade["kind"] in COUNTED:
        bar["auction"] = max(bar["auction"], COUNTED.index(trade["kind"]))
    return bar


def vwap(bar: State) -> int:
    return half_even(bar["turnover"], bar["volume"])


def bar_row(symbol: str, second: int, bar: State) -> dict[str, Any]:
    """The record of `bars`."""
    prices = {name: bar[name] / UNITS for name in ("open", "high", "low", "close", "turnover")}
    same = ("volume", "trades", "prior_volume", "day_volume", "buy_volume", "sell_volume")
    return {
        "symbol": symbol,
        "second": second,
        **prices,
        "vwap": vwap(bar) / UNITS,
        **{name: bar[name] for name in same},
        "auction": COUNTED[bar["auction"]] if bar["auction"] >= 0 else None,
        "last_trade_us": bar["last"][0],
    }


def average_rows(symbol: str, changed: int, slots: Mapping[int, Slot]) -> Iterator[dict[str, Any]]:
    """Records of `averages` that the bar of second `changed` has a part in; `slots` hold 14 seconds either side."""
    for second in range(changed, changed + WIDEST):
        if second not in slots:
            continue
        row: dict[str, Any] = {"symbol": symbol, "second": second}
        for window in WINDOWS:
            vwaps = [slots[at][1] for at in range(second - window + 1, second + 1) if at in slots]
            row[f"sma_{window}"] = half_even(sum(vwaps), len(vwaps)) / UNITS
            row[f"count_{window}"] = len(vwaps)
        row["trades"] = sum(slots[at][0] for at in range(second - WIDEST + 1, second + 1) if at in slots)
        yield row


def half_even(total: int, count: int) -> int:
    """Total / count rounded half to even, of non-negative integers."""
    down, rest = divmod(total, count)
    return down + (2 * rest > count or (2 * rest == count and down % 2 == 1))
