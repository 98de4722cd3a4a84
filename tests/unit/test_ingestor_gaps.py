"""Gaps by the running volume: what is missing, when it is told, and how it ends."""

from datetime import date
from typing import NamedTuple

import pytest

from ingestor.coverage import Coverage, Hole
from ingestor.gaps import GRACE_S, Gaps
from ingestor.trades import Source
from market.messages import Gap

START_US = 9_000_000
DAY = date(2026, 12, 1)
SECOND_US = 1_000_000


class Print(NamedTuple):
    time: int
    serial: int
    size: int
    volume: int | None


def a_print(at_s: float, size: int, volume: int | None, serial: int = 0) -> Print:
    return Print(START_US + int(at_s * SECOND_US), serial or int(at_s * 1_000) + 1, size, volume)


def a_day() -> Gaps:
    gaps = Gaps(DAY, START_US)
    gaps.begin(Gaps(DAY, START_US), ())
    return gaps


def tell(
    gaps: Gaps, *prints: Print, source: Source = "stream", at_s: float = 0.0
) -> list[tuple[str, float, float, int]]:
    """What is told once the grace is over: state, the seconds around the gap, lots."""
    for each in prints:
        gaps.add("2330", each, source, at_s)
    return [in_short(gap) for gap in gaps.changes(at_s + GRACE_S)]


def in_short(gap: Gap) -> tuple[str, float, float, int]:
    return gap.state, (gap.from_us - START_US) / SECOND_US, (gap.to_us - START_US) / SECOND_US, gap.missing_lots


def test_a_complete_chain_has_no_gap() -> None:
    assert tell(a_day(), a_print(1, 5, 5), a_print(2, 1, 6), a_print(3, 4, 10)) == []


def test_a_jump_of_the_running_volume_is_a_gap_between_the_two_trades() -> None:
    assert tell(a_day(), a_print(1, 5, 5), a_print(4, 2, 17)) == [("open", 1, 4, 10)]


def test_a_first_trade_in_mid_day_opens_a_gap_from_the_start_of_the_session() -> None:
    assert tell(a_day(), a_print(60, 5, 1_005)) == [("open", 0, 60, 1_000)]


def test_what_rest_brings_within_the_grace_was_a_gap_all_the_same() -> None:
    gaps = a_day()
    for each in (a_print(1, 5, 5), a_print(4, 2, 17)):
        gaps.add("2330", each, "stream", 0.0)
    assert gaps.changes(GRACE_S / 2) == []
    gaps.add("2330", a_print(2, 4, 9), "rest", GRACE_S / 2)
    gaps.add("2330", a_print(3, 6, 15), "rest", GRACE_S / 2)
    told = [in_short(gap) for gap in gaps.changes(GRACE_S / 2)]
    assert told == [("open", 1, 4, 10), ("healed", 1, 4, 10)]


def test_a_gap_is_told_only_after_its_grace_and_only_once() -> None:
    gaps = a_day()
    gaps.add("2330", a_print(1, 5, 5), "stream", 10.0)
    gaps.add("2330", a_print(4, 2, 17), "stream", 10.0)
    assert gaps.changes(10.0 + GRACE_S - 0.01) == []
    assert len(gaps.changes(10.0 + GRACE_S)) == 1
    assert gaps.changes(20.0) == []


def test_frames_that_only_change_places_tell_nothing() -> None:
    gaps = a_day()
    for each in (a_print(1, 5, 5), a_print(3, 4, 10)):
        gaps.add("2330", each, "stream", 10.0)
    assert gaps.changes(10.1) == []
    gaps.add("2330", a_print(2, 1, 6), "stream", 10.2)
    assert gaps.changes(20.0) == []
    assert not gaps.open


def test_the_grace_counts_from_when_the_gap_was_seen_even_if_a_part_of_it_comes() -> None:
    gaps = a_day()
    for each in (a_print(1, 5, 5), a_print(9, 1, 10)):
        gaps.add("2330", each, "stream", 10.0)
    gaps.add("2330", a_print(5, 1, 7), "stream", 10.4)
    assert [in_short(gap) for gap in gaps.changes(10.0 + GRACE_S)] == [("open", 1, 5, 1), ("open", 5, 9, 2)]


def test_a_gap_that_is_filled_is_healed_with_the_lots_that_came() -> None:
    gaps = a_day()
    tell(gaps, a_print(1, 5, 5), a_print(4, 2, 17))
    assert tell(gaps, a_print(2, 10, 15), source="rest", at_s=5) == [("healed", 1, 4, 10)]
    assert not gaps.open


def test_how_a_gap_was_healed_is_said() -> None:
    gaps = a_day()
    tell(gaps, a_print(1, 5, 5), a_print(4, 2, 17))
    gaps.add("2330", a_print(2, 4, 9), "rest", 5.0)
    assert [gap.reason for gap in gaps.changes(5.0)] == [
        "the running volume jumps over 6 lots", "4 lots came by rest, 6 are still missing",
    ]  # fmt: skip


def test_a_part_that_comes_opens_what_remains_before_it_heals_the_whole() -> None:
    #  second   1     4     6     9
    #  lots     5  …………………………………  20
    #           5  ……  8 9  ……………  20      4 at second 6: lots 6 to 8 and 13 to 19 remain
    gaps = a_day()
    assert tell(gaps, a_print(1, 5, 5), a_print(9, 1, 20)) == [("open", 1, 9, 14)]
    assert tell(gaps, a_print(6, 4, 12), at_s=5) == [("open", 1, 6, 3), ("open", 6, 9, 7), ("healed", 1, 9, 4)]
    assert tell(gaps, a_print(4, 3, 8), at_s=9) == [("healed", 1, 6, 3)]
    assert tell(gaps, a_print(7, 7, 19), at_s=9) == [("healed", 6, 9, 7)]


def test_two_holes_within_one_microsecond_are_one_gap() -> None:
    gaps = a_day()
    sweep = [a_print(1, 1, volume, serial) for serial, volume in ((1, 1), (3, 3), (5, 5))]
    assert tell(gaps, *sweep) == [("open", 1, 1, 2)]
    assert tell(gaps, a_print(1, 1, 2, 2), at_s=5) == [("open", 1, 1, 1)]
    assert tell(gaps, a_print(1, 1, 4, 4), at_s=5) == [("healed", 1, 1, 1)]


def test_duplicates_change_nothing() -> None:
    gaps = a_day()
    prints = (a_print(1, 5, 5), a_print(4, 2, 17))
    assert len(tell(gaps, *prints)) == 1
    assert tell(gaps, *prints, *prints, at_s=9) == []


def test_a_trade_without_a_running_volume_is_not_missing() -> None:
    gaps = a_day()
    assert tell(gaps, a_print(1, 5, 5), a_print(2, 10, None), a_print(4, 2, 17)) == []
    assert tell(gaps, a_print(5, 1, 28), a_print(4.5, 4, None), at_s=9) == [("open", 4, 5, 6)]


def test_a_trade_without_a_running_volume_closes_nothing_beyond_its_neighbours() -> None:
    assert tell(a_day(), a_print(1, 5, 5), a_print(4, 2, 17), a_print(5, 10, None)) == [("open", 1, 4, 10)]


def test_a_copy_without_the_running_volume_of_a_known_trade_fills_no_hole() -> None:
    coverage = Coverage()
    for each in (a_print(1, 5, 5), a_print(1, 5, None), a_print(4, 2, 12)):
        coverage.add(each, 0.0)
    assert [hole.lots for hole in coverage.holes(START_US)] == [5]


def test_the_running_volume_may_be_learned_later() -> None:
    coverage = Coverage()
    for each in (a_print(2, 3, None), a_print(4, 2, 10), a_print(2, 3, 8)):
        coverage.add(each, 0.0)
    assert coverage.holes(START_US) == [Hole(START_US, START_US + 2 * SECOND_US, 5, 0.0)]


def test_an_absurd_running_volume_is_forgotten_when_a_later_trade_denies_it() -> None:
    gaps = a_day()
    assert tell(gaps, a_print(1, 5, 5), a_print(2, 1, 10**11)) == [("open", 1, 2, 10**11 - 6)]
    assert tell(gaps, a_print(3, 1, 7), at_s=5) == [("healed", 1, 2, 10**11 - 6)]
    assert not gaps.open


def test_a_counter_that_begins_anew_is_not_believed() -> None:
    gaps = a_day()
    assert tell(gaps, a_print(1, 5, 5), a_print(2, 1, 6), a_print(3, 1, 1), a_print(4, 2, 3), at_s=5) == []


@pytest.mark.parametrize("volume", [6, 10])
def test_a_trade_is_lacking_only_where_there_is_a_hole(volume: int) -> None:
    coverage = Coverage()
    for each in (a_print(1, 5, 5), a_print(4, 2, 12)):
        coverage.add(each, 0.0)
    assert coverage.lacks(a_print(2, 1, volume))
    assert not coverage.lacks(a_print(1, 5, 5))
    assert not coverage.lacks(a_print(4, 2, 12))
    assert not coverage.lacks(a_print(5, 2, 14)), "newer than all we know: the stream brings it"
    assert coverage.lacks(a_print(2, 1, None))
    assert not coverage.lacks(a_print(5, 2, None))


def test_nothing_is_told_before_the_past_is_known() -> None:
    gaps, past = Gaps(DAY, START_US), Gaps(DAY, START_US)
    assert tell(gaps, a_print(60, 5, 1_005)) == []
    past.add("2330", a_print(10, 1_000, 1_000), "stream", 0.0)
    gaps.begin(past, ())
    assert gaps.changes(100.0) == []


def test_a_restart_finds_exactly_what_came_meanwhile() -> None:
    gaps, past = Gaps(DAY, START_US), Gaps(DAY, START_US)
    for each in (a_print(1, 5, 5), a_print(2, 5, 10)):
        past.add("2330", each, "stream", 0.0)
    gaps.add("2330", a_print(60, 5, 20), "stream", 0.0)
    gaps.begin(past, ())
    assert tell(gaps) == [("open", 2, 60, 5)]


def a_gap(state: str = "open", lots: int = 10) -> Gap:
    return Gap(symbol="2330", from_us=START_US + SECOND_US, to_us=START_US + 4 * SECOND_US, missing_lots=lots,
               state=state, reason="")  # type: ignore[arg-type]  # fmt: skip


def test_a_gap_that_an_earlier_process_told_is_not_told_again_but_its_healing_is() -> None:
    past, again = Gaps(DAY, START_US), Gaps(DAY, START_US)
    for each in (a_print(1, 5, 5), a_print(4, 2, 17)):
        past.add("2330", each, "stream", 0.0)
    again.begin(past, [a_gap()])
    assert tell(again) == []
    assert tell(again, a_print(2, 10, 15), source="rest") == [("healed", 1, 4, 10)]


def test_a_gap_that_was_filled_before_a_crash_is_told_as_healed_after_it() -> None:
    past, again = Gaps(DAY, START_US), Gaps(DAY, START_US)
    for each in (a_print(1, 5, 5), a_print(4, 2, 17), a_print(2, 10, 15)):
        past.add("2330", each, "stream", 0.0)
    again.begin(past, [a_gap()])
    assert tell(again) == [("healed", 1, 4, 10)]


def test_a_lost_gap_is_heard_of_once_and_a_late_trade_still_heals_it() -> None:
    gaps = a_day()
    tell(gaps, a_print(1, 5, 5), a_print(4, 2, 17))
    (key,) = gaps.open["2330"]
    gaps.lose("2330", key, "nobody has it")
    gaps.lose("2330", key, "nobody has it")
    assert tell(gaps, at_s=5) == [("lost", 1, 4, 10)]
    assert not gaps.open
    assert tell(gaps, a_print(2, 10, 15), at_s=9) == [("healed", 1, 4, 10)]


def test_at_the_end_of_the_day_what_is_open_is_lost() -> None:
    gaps = a_day()
    tell(gaps, a_print(1, 5, 5), a_print(4, 2, 17))
    gaps.end("over")
    assert [(gap.state, gap.reason) for gap in gaps.changes(9.0)] == [("lost", "over")]


def test_the_exchanges_total_shows_what_was_missed_after_the_last_trade() -> None:
    gaps = a_day()
    tell(gaps, a_print(1, 5, 5))
    gaps.know("2330", 12, START_US + 9 * SECOND_US, 0.0)
    assert tell(gaps) == [("open", 1, 9, 7)]
    assert tell(gaps, a_print(9, 7, 12), source="rest") == [("healed", 1, 9, 7)]
