"""Every second of a range, from the bars: what an average is there, and whether the second traded. Pure."""

from collections.abc import Callable, Container, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from market.calendar import trading_day
from market.messages import Bar

WINDOWS = (5, 10, 15)
LONGEST_WINDOW = max(WINDOWS)
_UNITS = 10_000  # a price has at most 4 decimals
_HALT_S = 10 * 60  # no volatility pause is longer

SecondState = Literal["traded", "empty", "unknown", "halted", "closed"]


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


def states(
    bars: Container[int], seconds: range, pauses: list[int], verdict: Callable[[int], SecondState]
) -> Iterator[tuple[int, SecondState]]:
    """Each second's state. `pauses`: µs at which a volatility pause began; `verdict`: of a second without a trade."""
    for second in seconds:
        if second in bars:
            yield second, "traded"
            continue
        state = verdict(second)
        yield second, "halted" if state != "closed" and is_halted(bars, second, pauses) else state


def is_halted(bars: Container[int], second: int, pauses: list[int]) -> bool:
    """Whether a pause that began before has not ended: the first trade after its beginning ends it."""
    begun = [time_us // 1_000_000 for time_us in pauses if time_us // 1_000_000 <= second]
    if not begun or second - max(begun) > _HALT_S:
        return False
    return not any(at in bars for at in range(max(begun) + 1, second))
