"""What `/explain` says of a second of the tape."""

from tests.browser.tape import Row, Stock, Tape, Trade

_NEAR_S = 600


def explained(tape: Tape, stock: Stock, second: int, now_us: int) -> Row:
    """The second's trades, one version of its bar, and the proof by the bars around it."""
    bar = tape.bar(stock, second, now_us)
    near = tape.bars(stock, second - _NEAR_S, second + _NEAR_S, now_us)
    before = next((row for row in reversed(near) if _number(row["second"]) < second), None)
    after = next((row for row in near if _number(row["second"]) > second), None)
    average = tape.average(stock, second, now_us) if bar else None
    return {
        "symbol": stock.symbol,
        "second": second,
        "state": "traded" if bar else "empty",
        "bar": bar,
        "average": average,
        "trades": [_made(stock, trade) for trade in tape.trades(stock).get(second, ()) if bar],
        "explained": True if bar else None,
        "revisions": [{"at_us": _number(bar["last_trade_us"]) + 12_000, "offset": 1} | bar] if bar else [],
        "proof": _proof(before, bar, after),
    }


def _proof(before: Row | None, bar: Row | None, after: Row | None) -> Row:
    stood = before["day_volume"] if before else 0
    missing = _number(bar["prior_volume"]) - _number(stood) if bar else None
    return {
        "state": "broken" if missing else "sealed" if after else "open",
        "before": {"second": before and before["second"], "day_volume": stood, "missing_lots": missing},
        "inside": {"missing_lots": 0} if bar else None,
        "after": after and {"second": after["second"], "prior_volume": after["prior_volume"], "missing_lots": 0},
    }


def _made(stock: Stock, trade: Trade) -> Row:
    price = trade.units / 10_000
    return {
        "time_us": trade.time_us,
        "counts": True,
        "serial": trade.volume,
        "kind": "continuous",
        "price": price,
        "size": trade.size,
        "volume": trade.volume,
        "bid": round(price - (stock.tick if trade.side > 0 else 0), 4),
        "ask": round(price + (stock.tick if trade.side < 0 else 0), 4),
        "source": "stream",
        "received_us": trade.time_us + 3_400,
        "partition": 0,
        "offset": trade.volume,
        "repeats": [],
    }


def _number(value: object) -> int:
    return int(str(value))
