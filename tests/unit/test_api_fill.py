from decimal import Decimal

import pytest

from api import fill
from market.messages import Bar
from tests.api_builders import TEN, a_bar
from tests.builders import golden_tape

MIDNIGHT = 1_796_054_400  # 2026-12-01 00:00 in Taipei


def by_second(*bars: Bar) -> dict[int, Bar]:
    return {bar.second: bar for bar in bars}


@pytest.mark.parametrize("step", golden_tape(), ids=lambda step: str(step["name"]))
def test_the_golden_tapes_averages_of_every_second(step: dict[str, object]) -> None:
    expected = step["expect"]
    assert isinstance(expected, dict)
    bars = by_second(*(a_bar(row["second"] - TEN, row["trades"], vwap=row["vwap"]) for row in expected["bars"]))
    wanted = expected["averages_every_second"]
    seconds = range(wanted[0]["second"], wanted[-1]["second"] + 1)
    got = list(fill.averages(bars, seconds, "2330"))
    assert [{name: row[name] for name in wanted[0]} for row in got] == wanted


def test_a_bar_counts_in_the_seconds_that_contain_it_and_then_no_more() -> None:
    #  second      0 … 4   5 … 9   10 … 14   15
    #  sma_5       x
    #  sma_10      x       x
    #  sma_15      x       x       x
    rows = list(fill.averages(by_second(a_bar(0)), range(TEN, TEN + 16), "2330"))
    assert [row["count_5"] for row in rows] == [1] * 5 + [0] * 11
    assert [row["count_10"] for row in rows] == [1] * 10 + [0] * 6
    assert [row["count_15"] for row in rows] == [1] * 15 + [0]
    assert (rows[15]["sma_15"], rows[15]["trades"]) == (None, 0)


def test_a_window_does_not_reach_into_the_day_before() -> None:
    bars = by_second(a_bar(MIDNIGHT - 1 - TEN), a_bar(MIDNIGHT + 2 - TEN, price="900"))
    (row,) = fill.averages(bars, range(MIDNIGHT + 2, MIDNIGHT + 3), "2330")
    assert (row["sma_15"], row["count_15"]) == (Decimal(900), 1)


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (["1085.0000", "1085.0001"], "1085"),  # half of an even ten-thousandth stays
        (["1085.0001", "1085.0002"], "1085.0002"),  # half of an odd one goes up
        (["1", "1", "2"], "1.3333"),
        (["1", "2", "2"], "1.6667"),
        (["99999999.9999"], "99999999.9999"),
    ],
)
def test_a_mean_is_rounded_half_even_at_four_decimals(prices: list[str], expected: str) -> None:
    assert fill.mean([Decimal(price) for price in prices]) == Decimal(expected)


def test_a_pause_halts_until_the_first_trade_after_it() -> None:
    #  second   0  1  2  3  4
    #  pause       p
    #  bar               x
    bars = {TEN + 3}
    found = dict(fill.states(bars, range(TEN, TEN + 5), [(TEN + 1) * 1_000_000], lambda _: "empty"))
    assert list(found.values()) == ["empty", "halted", "halted", "traded", "empty"]


def test_a_closed_market_is_not_halted() -> None:
    found = dict(fill.states(set(), range(TEN, TEN + 1), [TEN * 1_000_000], lambda _: "closed"))
    assert found == {TEN: "closed"}
