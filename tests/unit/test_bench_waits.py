"""The boundary bench's arithmetic: which row first counts a trade, and how long it was waited for."""

import pytest

from tests.bench.waits import Row, episodes, in_averages, in_bars, waits_ms, worst_by_second

SENT = [("2330", 10_000_000), ("2330", 10_500_000), ("2330", 12_000_000)]


def test_a_trade_waits_for_the_first_version_that_counts_it() -> None:
    rows = [Row(("2330", 10), 1, 10_004), Row(("2330", 10), 2, 10_700), Row(("2330", 12), 1, 12_001)]
    assert waits_ms(in_bars(SENT), rows) == [(10_000_000, 4.0), (10_500_000, 200.0), (12_000_000, 1.0)]


def test_a_repeated_or_older_version_is_no_answer() -> None:
    rows = [Row(("2330", 10), 1, 10_004), Row(("2330", 10), 1, 10_600), Row(("2330", 10), 2, 10_700)]
    assert waits_ms(in_bars(SENT[:2]), rows)[1] == (10_500_000, 200.0)


def test_averages_count_the_fifteen_seconds_that_end_in_their_own() -> None:
    #  second   10   12   25
    #  15 s         [11 … 25]: the trades of 10 have left
    counted = in_averages([*SENT, ("2330", 25_000_000)])
    assert [(each.key[1], each.trades) for each in counted] == [(10, 1), (10, 2), (12, 3), (25, 2)]


def test_a_trade_that_no_row_counts_is_named() -> None:
    with pytest.raises(KeyError, match="2330"):
        waits_ms(in_bars(SENT), [Row(("2330", 10), 1, 10_004)])


def test_seconds_that_follow_each_other_are_one_episode() -> None:
    worst = worst_by_second([(1_000_000, 300.0), (2_000_000, 400.0), (2_500_000, 5.0), (9_000_000, 150.0)])
    assert episodes(worst, over_ms=100) == [(1, 400.0), (9, 150.0)]
    assert episodes(worst, over_ms=1_000) == []
