from decimal import Decimal
from typing import Any

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


def states(bars: set[int], seconds: range, **given: Any) -> str:
    """One letter a second after ten: traded, empty, unknown, halted, closed; `q` for trial (quoting)."""
    closed, trial = given.get("closed", ()), given.get("trial", ())
    facts = fill.Facts(
        stage=lambda second: "closed" if second in closed else "trial" if second in trial else "open",
        proves=lambda second: second not in given.get("mute", ()),
        gaps=given.get("gaps", ()),
        pauses=[at * 1_000_000 for at in given.get("pauses", ())],
        auctions=given.get("auctions", ()),
    )
    return "".join("q" if state == "trial" else state[0] for _, state in fill.states(bars, seconds, facts))


def test_a_second_without_a_trade_is_empty_only_where_the_feed_was_alive() -> None:
    assert states({2}, range(5), mute={0, 1, 2}) == "uutee"


def test_a_second_in_a_gap_is_unknown_however_alive_the_feed_was() -> None:
    assert states({1, 4}, range(6), gaps=range(1, 5)) == "etuute"


def test_a_closed_market_is_closed_whatever_else() -> None:
    assert states(set(), range(3), closed={0, 1}, mute={0, 1}, gaps={0, 2}, pauses=[0]) == "ccu"


def test_a_call_is_being_collected_though_the_feed_was_away_and_no_gap_reaches_into_it() -> None:
    assert states({4}, range(6), trial={1, 2, 3, 4}, mute=range(6), gaps=range(5)) == "uqqqtu"


def test_a_pause_halts_until_the_auction_that_ends_it() -> None:
    #  second   0  1  2  3  4  5
    #  pause       p
    #  bar            x     a         a match of before the pause may be stamped after it
    assert states({2, 4}, range(6), pauses=[1], auctions={4}) == "ehthte"


def test_a_pause_without_an_auction_halts_until_the_first_trade() -> None:
    assert states({3}, range(5), pauses=[1]) == "ehhte"


def test_a_halt_is_known_though_the_feed_was_away_but_not_within_a_gap() -> None:
    assert states(set(), range(5), pauses=[1], mute=range(5), gaps={3}) == "uhhuh"


def test_no_halt_is_longer_than_ten_minutes() -> None:
    assert states(set(), range(600, 603), pauses=[0]) == "hee"


def test_a_pause_of_before_the_range_is_ended_by_what_was_before_it_too() -> None:
    assert states({2}, range(3, 5), pauses=[1], auctions={2}) == "ee"
