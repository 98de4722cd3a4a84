from decimal import Decimal
from typing import Any

from api.chain import Break, Chain
from market.messages import Bar
from tests.api_builders import TEN, a_bar


def a_link(at: int, before: int | None, after: int | None, lots: int, **fields: Any) -> Bar:
    """A bar of `lots` lots between two counters."""
    own = {"volume": lots, "turnover": 1085 * Decimal(lots), "prior_volume": before, "day_volume": after}
    return a_bar(at, fields.pop("trades", 1), **own, **fields)


def a_chain(*bars: Bar) -> Chain:
    chain = Chain()
    for bar in bars:
        chain.add(bar)
    return chain


def test_bars_that_fill_the_counter_are_whole() -> None:
    chain = a_chain(a_link(0, 0, 5, 5), a_link(3, 5, 6, 1), a_link(4, 6, 10, 4))
    assert chain.breaks() == []
    assert chain.missing_lots == 0
    assert chain.doubt(TEN + 100) is None


def test_a_first_bar_that_does_not_start_at_nothing_is_a_break_since_the_days_beginning() -> None:
    assert a_chain(a_link(0, 7, 8, 1)).breaks() == [Break(None, TEN, 7)]


def test_a_jump_is_a_break_since_the_bar_before() -> None:
    #  counter   0─5        8─9
    #  second    0          3
    chain = a_chain(a_link(0, 0, 5, 5), a_link(3, 8, 9, 1))
    assert chain.breaks() == [Break(TEN, TEN + 3, 3)]
    assert chain.missing_lots == 3


def test_a_bar_that_counts_less_than_its_counters_is_broken_inside() -> None:
    assert a_chain(a_link(0, 0, 5, 3)).breaks() == [Break(TEN, TEN, 2)]


def test_what_is_counted_twice_is_a_break_too() -> None:
    assert a_chain(a_link(0, 0, 5, 5), a_link(1, 3, 5, 2)).breaks() == [Break(TEN, TEN + 1, -2)]


def test_two_breaks_that_cancel_out_are_still_breaks() -> None:
    chain = a_chain(a_link(0, 2, 5, 5))
    assert [each.missing_lots for each in chain.breaks()] == [2, -2]
    assert chain.first_break(TEN) == Break(None, TEN, 2)


def test_a_late_bar_and_a_correction_mend_it() -> None:
    chain = a_chain(a_link(0, 0, 5, 5), a_link(3, 8, 9, 1))
    chain.add(a_link(2, 6, 8, 2))
    assert chain.breaks() == [Break(TEN, TEN + 2, 1)]
    assert chain.add(a_link(0, 0, 6, 6, trades=2))
    assert chain.breaks() == []
    assert chain.missing_lots == 0


def test_an_older_version_changes_nothing() -> None:
    chain = a_chain(a_link(0, 0, 5, 5, trades=2))
    assert not chain.add(a_link(0, 0, 1, 1))
    assert chain.breaks() == []


def test_bars_without_counters_are_unknown_until_the_next_known_one() -> None:
    chain = a_chain(a_link(0, 0, 5, 5), a_link(1, None, None, 2), a_link(2, None, None, 1))
    assert chain.breaks() == []
    assert chain.doubt(TEN + 2) == Break(TEN, TEN + 2, 0)
    assert chain.doubt(TEN) is None
    chain.add(a_link(3, 8, 9, 1))
    assert chain.doubt(TEN + 3) is None


def test_a_bar_without_counters_is_proven_by_its_volume_alone() -> None:
    assert a_chain(a_link(0, 0, 5, 5), a_link(1, None, None, 2), a_link(2, 8, 9, 1)).breaks() == [
        Break(TEN, TEN + 2, 1)
    ]


def test_half_a_counter_is_used() -> None:
    assert a_chain(a_link(0, 0, None, 5), a_link(1, None, 7, 2)).doubt(TEN + 1) is None
    assert a_chain(a_link(0, 0, None, 5)).doubt(TEN) == Break(TEN, TEN, 0)
    assert a_chain(a_link(0, None, 7, 5)).breaks() == [Break(None, TEN, 2)]


def test_a_day_without_any_counter_proves_nothing() -> None:
    assert a_chain(a_link(0, None, None, 5)).doubt(TEN) == Break(None, TEN, 0)


def test_newer_bars_than_the_horizon_are_not_judged() -> None:
    chain = a_chain(a_link(0, 0, 5, 5), a_link(3, 8, 9, 1))
    assert chain.first_break(TEN + 2) is None
    assert (chain.last(TEN + 2), chain.last(TEN + 3), chain.last(TEN - 1)) == (TEN, TEN + 3, None)
