"""Which trading days are open."""

from datetime import date, timedelta

from market.calendar import day_bounds_us
from spark_jobs.days import due, is_over

MONDAY = date(2026, 11, 30)
TUESDAY = date(2026, 12, 1)
NOON = day_bounds_us(TUESDAY)[0] + 12 * 3_600_000_000


def test_the_first_start_opens_today_only() -> None:
    assert due({}, NOON) == [TUESDAY]


def test_a_day_opens_a_minute_before_midnight() -> None:
    midnight = day_bounds_us(TUESDAY)[0]
    assert due({MONDAY: False}, midnight - 60_000_001) == [MONDAY]
    assert due({MONDAY: False}, midnight - 60_000_000) == [MONDAY, TUESDAY]


def test_a_first_start_just_before_midnight_opens_both_days() -> None:
    assert due({}, day_bounds_us(TUESDAY)[0] - 1) == [MONDAY, TUESDAY]


def test_however_much_is_behind_the_present_is_open() -> None:
    behind = {date(2026, 11, day): False for day in (26, 27, 28)}
    assert due(behind, day_bounds_us(TUESDAY)[0] - 1) == [MONDAY, TUESDAY, date(2026, 11, 26)]


def test_days_missed_while_down_are_opened_today_first() -> None:
    friday = date(2026, 11, 27)
    assert due({friday: False}, NOON) == [TUESDAY, friday, date(2026, 11, 28)]
    assert due({friday: True}, NOON) == [TUESDAY, date(2026, 11, 28), date(2026, 11, 29)]


def test_nothing_older_than_the_topics_keep_is_opened() -> None:
    assert due({date(2026, 1, 5): False}, NOON)[1] == TUESDAY - timedelta(days=6)


def test_a_closed_day_stays_closed() -> None:
    assert due({MONDAY: True, TUESDAY: False}, NOON) == [TUESDAY]
    assert due({TUESDAY: True}, NOON) == []


def test_a_day_is_over_after_its_grace() -> None:
    hour = timedelta(hours=1)
    end = day_bounds_us(MONDAY)[1]
    assert not is_over(MONDAY, end + 3_599_000_000, hour)
    assert is_over(MONDAY, end + 3_600_000_000, hour)
