"""Candles are what their bars say, however these are cut."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.candles import Candle, begin, candles
from market.messages import Bar
from tests.api_builders import TEN, a_bar

MIDNIGHT = 1_796_054_400  # 2026-12-01 in Taipei


def a_candle(second: int, bars: list[Bar]) -> Candle:
    """By the definition, a bar at a time."""
    candle = Candle(
        symbol="2330",
        second=second,
        seconds=0,
        open=bars[0].open,
        high=bars[0].high,
        low=bars[0].low,
        close=bars[-1].close,
        volume=0,
        trades=0,
        turnover=Decimal(0),
        vwap=Decimal(0),
        buy_volume=0,
        sell_volume=0,
    )
    fields = {name: getattr(candle, name) for name in Candle.__struct_fields__}
    for bar in bars:
        fields["seconds"] += 1
        fields["high"], fields["low"] = max(fields["high"], bar.high), min(fields["low"], bar.low)
        for name in ("volume", "trades", "turnover", "buy_volume", "sell_volume"):
            fields[name] += getattr(bar, name)
    return Candle(**fields | {"vwap": round(fields["turnover"] / fields["volume"], 4)})


@st.composite
def some_bars(draw: st.DrawFn) -> list[Bar]:
    seconds = draw(st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True))
    prices = st.integers(1, 99_999_999).map(lambda units: f"{Decimal(units) / 100}")
    return [a_bar(at, draw(st.integers(1, 5)), draw(prices)) for at in sorted(seconds)]


@given(some_bars())
def test_minutes_are_their_bars(bars: list[Bar]) -> None:
    groups = defaultdict(list)
    for bar in bars:
        groups[bar.second // 60 * 60].append(bar)
    assert candles("1m", bars) == [a_candle(second, each) for second, each in groups.items()]


@given(some_bars())
def test_a_day_is_all_its_bars(bars: list[Bar]) -> None:
    assert candles("1d", bars) == [a_candle(MIDNIGHT, bars)]


def test_a_day_begins_at_midnight_in_taipei_and_not_at_the_one_of_greenwich() -> None:
    assert begin("1d", TEN) == MIDNIGHT
    assert begin("1d", MIDNIGHT - 1) == MIDNIGHT - 86_400
    assert begin("1m", MIDNIGHT + 59) == MIDNIGHT


def test_a_half_is_rounded_to_the_even_digit() -> None:
    halves = [a_bar(0, 4, turnover=Decimal("4.0002")), a_bar(1, 4, turnover=Decimal("4.0002"))]
    assert candles("1m", halves)[0].vwap == Decimal("1.0000")  # 8.0004 / 8 = 1.00005


def test_of_no_bars_there_are_no_candles() -> None:
    assert candles("1m", []) == []
