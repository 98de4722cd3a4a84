"""Bars and averages by Pathway: one table from the other, kept up to date by its engine as trades come."""

import os

import pathway as pw

UNITS = 10_000  # a price has at most four decimals
WINDOWS = (5, 10, 15)
AUCTIONS = ("call", "close", "open")  # of several in one second the last named wins
KAFKA = {
    "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP"],
    "group.id": "bench",
    "auto.offset.reset": "earliest",
    "linger.ms": "0",
}


class Trade(pw.Schema):
    symbol: str
    time: int
    serial: int
    price: float
    size: int
    volume: int | None
    bid: float | None
    ask: float | None
    kind: str


def half_even(total: pw.ColumnExpression, count: pw.ColumnExpression) -> pw.ColumnExpression:
    """Total / count rounded half to even, of non-negative integers."""
    down, rest = total // count, 2 * (total % count)
    return down + pw.if_else((rest > count) | ((rest == count) & (down % 2 == 1)), 1, 0)


def auction(code: pw.ColumnExpression) -> pw.ColumnExpression:
    return pw.apply_with_type(lambda code: AUCTIONS[code - 1] if code else None, str | None, code)


def distinct(trades: pw.Table) -> pw.Table:
    """Trades that make bars, each once, in integers."""
    code = 0
    for number, name in enumerate(AUCTIONS, start=1):
        code = pw.if_else(pw.this.kind == name, number, code)
    counted = trades.filter((pw.this.kind == "continuous") | (code > 0))
    bought = pw.coalesce((pw.coalesce(pw.this.ask, 0.0) > 0) & (pw.this.price >= pw.coalesce(pw.this.ask, 0.0)), False)
    sold = (pw.coalesce(pw.this.bid, 0.0) > 0) & (pw.this.price <= pw.coalesce(pw.this.bid, 0.0))
    rows = counted.select(
        pw.this.symbol,
        pw.this.serial,
        pw.this.time,
        pw.this.size,
        pw.this.volume,
        price=pw.cast(int, (pw.this.price * UNITS).num.round(0)),
        buy=pw.if_else(bought, pw.this.size, 0),
        sell=pw.if_else(sold & ~bought, pw.this.size, 0),
        auction=code,
    )
    once = rows.groupby(pw.this.symbol, pw.this.serial)
    names = ("time", "size", "volume", "price", "buy", "sell", "auction")
    return once.reduce(pw.this.symbol, pw.this.serial, **{name: pw.reducers.any(rows[name]) for name in names})


def bars(trades: pw.Table) -> pw.Table:
    before = pw.if_else(pw.this.volume.is_none(), None, pw.this.volume - pw.this.size)
    t = trades.select(
        *pw.this,
        second=pw.this.time // 1_000_000,
        at=pw.make_tuple(pw.this.time, pw.this.serial, pw.this.price, before, pw.this.volume),
    )
    seconds = t.groupby(t.symbol, t.second).reduce(
        t.symbol,
        t.second,
        first=pw.reducers.min(t.at),
        last=pw.reducers.max(t.at),
        high=pw.reducers.max(t.price),
        low=pw.reducers.min(t.price),
        volume=pw.reducers.sum(t.size),
        trades=pw.reducers.count(),
        turnover=pw.reducers.sum(t.price * t.size),
        buy_volume=pw.reducers.sum(t.buy),
        sell_volume=pw.reducers.sum(t.sell),
        auction=pw.reducers.max(t.auction),
    )
    first, last = pw.this.first, pw.this.last
    return seconds.select(
        *(pw.this[name] for name in ("symbol", "second", "volume", "trades", "buy_volume", "sell_volume")),
        open=first[2] / UNITS,
        high=pw.this.high / UNITS,
        low=pw.this.low / UNITS,
        close=last[2] / UNITS,
        turnover=pw.this.turnover / UNITS,
        vwap=half_even(pw.this.turnover, pw.this.volume) / UNITS,
        prior_volume=first[3],
        day_volume=last[4],
        auction=auction(pw.this.auction),
        last_trade_us=last[0],
    )


def averages(of_bars: pw.Table) -> pw.Table:
    """A bar counts in the averages of its own and the next fourteen seconds, as far as they traded."""
    vwap = pw.cast(int, (of_bars.vwap * UNITS).num.round(0))
    seconds = pw.make_tuple(*(of_bars.second + ahead for ahead in range(max(WINDOWS))))
    parts = of_bars.select(of_bars.symbol, of_bars.trades, vwap=vwap, own=of_bars.second, second=seconds)
    t = parts.flatten(parts.second)
    inside = {n: t.second - t.own < n for n in WINDOWS}
    sums = {f"sum_{n}": pw.reducers.sum(pw.if_else(inside[n], t.vwap, 0)) for n in WINDOWS}
    counts = {f"count_{n}": pw.reducers.sum(pw.if_else(inside[n], 1, 0)) for n in WINDOWS}
    traded = pw.reducers.max(pw.if_else(t.own == t.second, 1, 0))
    sums |= counts | {"trades": pw.reducers.sum(t.trades), "traded": traded}
    rows = t.groupby(t.symbol, t.second).reduce(t.symbol, t.second, **sums).filter(pw.this.traded == 1)
    means = {f"sma_{n}": half_even(rows[f"sum_{n}"], rows[f"count_{n}"]) / UNITS for n in WINDOWS}
    return rows.select(rows.symbol, rows.second, rows.trades, **means, **{name: rows[name] for name in counts})


trades = pw.io.kafka.read(KAFKA, topic="trades", schema=Trade, format="json", autocommit_duration_ms=10)
made = bars(distinct(trades))
pw.io.kafka.write(made, KAFKA, "bars", format="json")
pw.io.kafka.write(averages(made), KAFKA, "averages", format="json")

if __name__ == "__main__":
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)
