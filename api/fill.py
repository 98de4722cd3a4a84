"""Every second of a range, from the bars: what an average is there, and what the second was. Pure."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from api.stages import Stage
from market.calendar import trading_day
from market.messages import Bar

WINDOWS = (5, 10, 15)
LONGEST_WINDOW = max(WINDOWS)
_UNITS = 10_000  # a price has at most 4 decimals
LONGEST_HALT_S = 10 * 60  # no volatility pause is longer

SecondState = Literal["traded", "empty", "unknown", "halted", "trial", "closed"]


def averages(bars: Mapping[int, Bar], seconds: range, symbol: str) -> Iterator[dict[str, Any]]:
    """The average at every second (semantics: an average). `bars`: by second, from 14 s before the range on."""
    for second in seconds:
        window = [bars[at] for at in _window(second) if at in bars]
        counted = {n: [bar for bar in window if bar.second > second - n] for n in WINDOWS}
        means = {f"sma_{n}": mean([bar.vwap for bar in counted[n]]) for n in WINDOWS}
        counts = {f"count_{n}": len(counted[n]) for n in WINDOWS}
        both = {f"{name}_{n}": (means | counts)[f"{name}_{n}"] for n in WINDOWS for name in ("sma", "count")}
        yield {"symbol": symbol, "second": second, **both, "trades": sum(bar.trades for bar in window)}


def _window(second: int) -> range:
    """The seconds of the longest window that belong to the same trading day."""
    day = trading_day(second * 1_000_000)
    first = second - LONGEST_WINDOW + 1
    if trading_day(first * 1_000_000) != day:
        first = next(at for at in range(first, second + 1) if trading_day(at * 1_000_000) == day)
    return range(first, second + 1)


def mean(prices: list[Decimal]) -> Decimal | None:
    """Plain mean at 4 decimals, half even, on whole ten-thousandths; None of nothing."""
    if not prices:
        return None
    units = sum(int(price * _UNITS) for price in prices)
    whole, rest = divmod(units, len(prices))
    is_up = 2 * rest > len(prices) or (2 * rest == len(prices) and whole % 2 == 1)
    return Decimal(whole + is_up) / _UNITS


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides of a second without a trade.

    `stage`: what the timetable says; `proves`: whether the feed was alive through it for this symbol, and all has come;
    `gaps`: seconds that may lack trades; `pauses`: µs at which volatility pauses began; `auctions`: their seconds.
    """

    stage: Callable[[int], Stage]
    proves: Callable[[int], bool]
    gaps: Container[int]
    pauses: Sequence[int]
    auctions: Container[int]


def states(traded: Container[int], seconds: range, facts: Facts) -> Iterator[tuple[int, SecondState]]:
    """Each second's state. A gap is unknown, unless nothing could trade; a halt is known even if nobody listened."""
    halts = [halt(traded, facts.auctions, time_us // 1_000_000) for time_us in facts.pauses]
    for second in seconds:
        yield second, _state(second, traded, halts, facts)


def _state(second: int, traded: Container[int], halts: Sequence[range], facts: Facts) -> SecondState:
    if second in traded:
        return "traded"
    stage = facts.stage(second)
    if stage != "open":
        return stage
    if second in facts.gaps:
        return "unknown"
    if any(second in each for each in halts):
        return "halted"
    return "empty" if facts.proves(second) else "unknown"


def halt(traded: Container[int], auctions: Container[int], begun: int) -> range:
    """From a pause's second to the auction that ends it, or to the first trade if there was no auction."""
    after = range(begun + 1, begun + 1 + LONGEST_HALT_S)
    end = next((at for at in after if at in auctions), None) or next((at for at in after if at in traded), after.stop)
    return range(begun, end)
