"""The rows that must come out, recomputed from all trades in plain Python; shares no code with the pipeline."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

Data = Mapping[str, Any]  # a Fugle `data` object, its numbers as int or Decimal
Key = tuple[str, int]  # symbol, second
Row = dict[str, Any]

WINDOWS = (5, 10, 15)
TAIPEI = 8 * 3600


def day(second: int) -> int:
    """Number of the Taipei day."""
    return (second + TAIPEI) // 86400


def counts(trade: Data) -> bool:
    """Whether a print counts in bars (semantics: a trade)."""
    odd_lot, after_hours = trade["type"] == "ODDLOT", trade["serial"] == 99999999
    return not (odd_lot or after_hours or trade.get("isTrial") or trade["size"] == 0)


def bars(trades: Iterable[Data]) -> dict[Key, Row]:
    """Every bar, by symbol and second."""
    distinct: dict[tuple[int, str, int], Data] = {}
    for trade in filter(counts, trades):
        distinct.setdefault((day(trade["time"] // 10**6), trade["symbol"], trade["serial"]), trade)
    seconds: dict[Key, list[Data]] = defaultdict(list)
    for trade in distinct.values():
        seconds[trade["symbol"], trade["time"] // 10**6].append(trade)
    return {key: _bar(key, sorted(found, key=lambda t: (t["time"], t["serial"]))) for key, found in seconds.items()}


def _bar(key: Key, trades: list[Data]) -> Row:
    prices = [Decimal(trade["price"]) for trade in trades]
    volume = sum(trade["size"] for trade in trades)
    turnover = sum((Decimal(t["price"]) * t["size"] for t in trades), Decimal(0))
    first, last = trades[0], trades[-1]
    sides = [_side(trade) for trade in trades]
    return {
        "symbol": key[0],
        "second": key[1],
        "open": prices[0],
        "high": max(prices),
        "low": min(prices),
        "close": prices[-1],
        "volume": volume,
        "trades": len(trades),
        "turnover": turnover,
        "vwap": rounded(turnover / volume),
        "prior_volume": None if first.get("volume") is None else first["volume"] - first["size"],
        "day_volume": last.get("volume"),
        "buy_volume": sum(t["size"] for t, side in zip(trades, sides, strict=True) if side == "buy"),
        "sell_volume": sum(t["size"] for t, side in zip(trades, sides, strict=True) if side == "sell"),
        "auction": _auction(trades),
        "last_trade_us": last["time"],
    }


def _side(trade: Data) -> str | None:
    bid, ask = trade.get("bid"), trade.get("ask")
    if ask and trade["price"] >= ask:
        return "buy"
    return "sell" if bid and trade["price"] <= bid else None


def _auction(trades: list[Data]) -> str | None:
    kinds = {kind(trade) for trade in trades}
    return next((name for name in ("open", "close", "call") if name in kinds), None)


def kind(trade: Data) -> str:
    """The kind of a print that counts."""
    if trade.get("isOpen"):
        return "open"
    if trade.get("isClose"):
        return "close"
    return "continuous" if trade.get("isContinuous") else "call"


def averages(of_bars: Mapping[Key, Row]) -> dict[Key, Row]:
    """The averages at every traded second."""
    return {(symbol, second): average(of_bars, symbol, second) for symbol, second in of_bars}


def average(of_bars: Mapping[Key, Row], symbol: str, second: int) -> Row:
    """The averages at any second, traded or not."""
    row: Row = {"symbol": symbol, "second": second}
    for window in WINDOWS:
        vwaps = [bar["vwap"] for bar in _window(of_bars, symbol, second, window)]
        row[f"sma_{window}"] = rounded(sum(vwaps, Decimal(0)) / len(vwaps)) if vwaps else None
        row[f"count_{window}"] = len(vwaps)
    row["trades"] = sum(bar["trades"] for bar in _window(of_bars, symbol, second, max(WINDOWS)))
    return row


def _window(of_bars: Mapping[Key, Row], symbol: str, second: int, window: int) -> list[Row]:
    seconds = (s for s in range(second - window + 1, second + 1) if day(s) == day(second))
    return [of_bars[symbol, s] for s in seconds if (symbol, s) in of_bars]


def rounded(value: Decimal) -> Decimal:
    """Four decimals, half even."""
    return value.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
