"""A seeded day of a few stocks as the contract's rows: the same second always gives the same bar."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

FOUR_PLACES = Decimal("0.0001")
OPEN_S, CLOSING_S, CLOSE_S = 9 * 3600, 13 * 3600 + 25 * 60, 13 * 3600 + 30 * 60
TAIPEI = timedelta(hours=8)
WINDOWS = (5, 10, 15)

Row = dict[str, object]


@dataclass(frozen=True)
class Stock:
    """One listed stock; prices in TWD, `busy` in trades a second."""

    symbol: str
    name: str
    name_en: str
    reference: float
    tick: float
    busy: float
    market: str = "TSE"
    reference_known: bool = True


STOCKS = (
    Stock("2330", "台積電", "TSMC", 1085, 5, 3.0),
    Stock("0050", "元大台灣50", "Yuanta Taiwan 50", 62.35, 0.05, 1.4),
    Stock("2317", "鴻海", "Hon Hai", 224.5, 0.5, 1.8),
    Stock("2454", "聯發科", "MediaTek", 1420, 5, 0.9),
    Stock("2303", "聯電", "UMC", 46.85, 0.05, 1.2),
    Stock("2603", "長榮", "Evergreen Marine", 203, 0.5, 0.8),
    Stock("2881", "富邦金", "Fubon Financial", 95.6, 0.1, 0.7),
    Stock("3008", "大立光", "Largan", 2415, 5, 0.25),
    Stock("6488", "環球晶", "GlobalWafers", 389, 0.5, 0.3, "OTC"),
    Stock("8069", "元太", "E Ink", 268.5, 0.5, 0.5, "OTC"),
    Stock("1101", "台泥", "Taiwan Cement", 29.85, 0.05, 0.6),
    Stock("5871", "中租-KY", "Chailease", 118, 0.5, 0.06),
)


@dataclass(frozen=True)
class Trade:
    """One print: exchange time in µs, price in ten-thousandths, size in lots, side 1 at the ask, -1 at the bid."""

    time_us: int
    units: int
    size: int
    side: int
    volume: int


@dataclass
class Tape:
    """The day that holds `day` (Taipei midnight, epoch seconds); rows in `lost` never reach the page."""

    day: int
    seed: int = 7
    stocks: tuple[Stock, ...] = STOCKS
    lost: frozenset[tuple[str, int]] = frozenset()
    _trades: dict[str, dict[int, list[Trade]]] = field(default_factory=dict)

    def trades(self, stock: Stock) -> dict[int, list[Trade]]:
        """All trades of the day by second, made on first use."""
        if stock.symbol not in self._trades:
            self._trades[stock.symbol] = _day_of(stock, self.day, random.Random(f"{self.seed}{stock.symbol}"))
        return self._trades[stock.symbol]

    def bar(self, stock: Stock, second: int, now_us: int) -> Row | None:
        """The bar as it stands at `now_us`: None when nothing traded, or when the row is lost."""
        seen = [trade for trade in self.trades(stock).get(second, ()) if trade.time_us <= now_us]
        return _bar(stock, self.day, second, seen) if seen and (stock.symbol, second) not in self.lost else None

    def bars(self, stock: Stock, start: int, end: int, now_us: int) -> list[Row]:
        """The bars in [start, end) that exist at `now_us`, ascending."""
        seconds = range(max(start, self.day), min(end, self.day + 86_400, now_us // 1_000_000 + 1))
        return [row for second in seconds if (row := self.bar(stock, second, now_us)) is not None]

    def average(self, stock: Stock, second: int, now_us: int) -> Row:
        """The averages at `second` from the bars as they stand at `now_us`."""
        bars = {int(str(bar["second"])): bar for bar in self.bars(stock, second - 14, second + 1, now_us)}
        row: Row = {"symbol": stock.symbol, "second": second}
        for window in WINDOWS:
            held = [Decimal(str(bar["vwap"])) for at, bar in bars.items() if at > second - window]
            row[f"sma_{window}"] = (
                float((sum(held, Decimal(0)) / len(held)).quantize(FOUR_PLACES, ROUND_HALF_EVEN)) if held else None
            )
            row[f"count_{window}"] = len(held)
        return row | {"trades": sum(int(str(bar["trades"])) for bar in bars.values())}

    def info(self, stock: Stock, now_us: int) -> Row:
        """What `/symbols` says of a stock."""
        last = next(
            (row for second in range(now_us // 1_000_000, self.day, -1) if (row := self.bar(stock, second, now_us))),
            None,
        )
        return {
            "symbol": stock.symbol,
            "name": stock.name,
            "name_en": stock.name_en,
            "market": stock.market,
            "exchange": "TWSE" if stock.market == "TSE" else "TPEx",
            "security_type": None,
            "board_lot": 1000,
            "reference_price": stock.reference if stock.reference_known else None,
            "previous_close": stock.reference,
            "limit_up": _on_tick(stock.reference * 1.1, stock.tick),
            "limit_down": _on_tick(stock.reference * 0.9 + stock.tick, stock.tick),
            "trading_day": datetime.fromtimestamp(self.day, UTC).__add__(TAIPEI).date().isoformat(),
            "last": last,
        }


def phase(day: int, now_us: int) -> str:
    """The contract's phase at a time of that day."""
    at = now_us / 1e6 - day
    steps = ((OPEN_S - 1800, "pre_open"), (OPEN_S, "trial"), (CLOSING_S, "open"), (CLOSE_S, "closing"))
    return next((name for end, name in steps if at < end), "closed")


def _on_tick(value: float, tick: float) -> float:
    return round(value // tick * tick, 4)


def _day_of(stock: Stock, day: int, chance: random.Random) -> dict[int, list[Trade]]:
    """A walk on the tick around the reference price, with an opening burst and a closing auction."""
    made: dict[int, list[Trade]] = {}
    walk, lean, volume = stock.reference * (1 + chance.uniform(-0.01, 0.015)), 0.0, 0
    for at in range(OPEN_S, CLOSE_S + 1):
        if CLOSING_S <= at < CLOSE_S:
            continue
        burst = 1 + 3 * max(0.0, 1 - (at - OPEN_S) / 900)
        lean = lean * 0.995 + chance.gauss(0, 0.008)
        prints = 1 if at in (OPEN_S, CLOSE_S) else _count(stock.busy * burst / 1.6, chance)
        times = sorted(chance.sample(range(1_000_000), prints)) if at not in (OPEN_S, CLOSE_S) else [0]
        for micro in times:
            walk += stock.tick * chance.gauss(lean, 1) * 0.16
            walk += (stock.reference - walk) * 0.001
            walk = min(max(walk, stock.reference * 0.905), stock.reference * 1.095)
            size = 2_000 if at in (OPEN_S, CLOSE_S) else 1 + int(chance.paretovariate(1.3))
            side = chance.choice((-1, 1))
            volume += size
            units = round(_on_tick(walk + stock.tick / 2 * (1 + side), stock.tick) * 10_000)
            made.setdefault(day + at, []).append(Trade((day + at) * 1_000_000 + micro, units, size, side, volume))
    return made


def _count(mean: float, chance: random.Random) -> int:
    """A Poisson count, by waiting times."""
    count, waited = 0, chance.expovariate(mean)
    while waited < 1:
        count, waited = count + 1, waited + chance.expovariate(mean)
    return count


def _bar(stock: Stock, day: int, second: int, trades: Iterable[Trade]) -> Row:
    seen = list(trades)
    units = [trade.units for trade in seen]
    volume = sum(trade.size for trade in seen)
    turnover = Decimal(sum(trade.units * trade.size for trade in seen)) / 10_000
    auction = {day + OPEN_S: "open", day + CLOSE_S: "close"}.get(second)
    return {
        "symbol": stock.symbol,
        "second": second,
        "open": units[0] / 10_000,
        "high": max(units) / 10_000,
        "low": min(units) / 10_000,
        "close": units[-1] / 10_000,
        "volume": volume,
        "trades": len(seen),
        "turnover": float(turnover),
        "vwap": float((turnover / volume).quantize(FOUR_PLACES, ROUND_HALF_EVEN)),
        "prior_volume": seen[0].volume - seen[0].size,
        "day_volume": seen[-1].volume,
        "buy_volume": sum(t.size for t in seen if t.side > 0),
        "sell_volume": sum(t.size for t in seen if t.side < 0),
        "auction": auction,
        "last_trade_us": seen[-1].time_us,
    }
