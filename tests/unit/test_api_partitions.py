"""A partition for every day there is and that comes, none for those past their keep."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.storage.partitions import Wish, drop, split
from market.calendar import Calendar

TODAY = date(2026, 12, 1)  # a Tuesday
WISH = Wish(Calendar(), TODAY, keep_days=10, ahead_days=7)
DAYS = st.sets(st.integers(-30, 30).map(lambda each: TODAY + timedelta(days=each)))


def test_an_empty_table_gets_the_trading_days_to_come() -> None:
    assert WISH.missing([], []) == [date(2026, 12, day) for day in (1, 2, 3, 4, 7, 8)]


def test_days_that_lie_beyond_already_get_theirs_too() -> None:
    assert WISH.missing([], [date(2026, 11, 27)])[:2] == [date(2026, 11, 27), TODAY]


def test_a_day_is_kept_for_its_last_day() -> None:
    assert WISH.over([date(2026, 11, 20), date(2026, 11, 21)]) == [date(2026, 11, 20)]


@given(DAYS, DAYS)
def test_after_a_look_nothing_is_missing_and_nothing_is_over(have: set[date], stored: set[date]) -> None:
    after = (have - set(WISH.over(have))) | set(WISH.missing(have, stored))
    assert WISH.missing(after, stored) == []
    assert WISH.over(after - stored) == []
    assert WISH.missing(have, stored) == sorted(WISH.missing(have, stored))


def test_the_statements() -> None:
    assert split("bars", [TODAY]) == (
        "ALTER TABLE bars REORGANIZE PARTITION beyond INTO (PARTITION d20261201 VALUES LESS THAN ('2026-12-02'), "
        "PARTITION beyond VALUES LESS THAN (MAXVALUE))"
    )
    assert drop("bars", [TODAY, date(2026, 12, 2)]) == "ALTER TABLE bars DROP PARTITION d20261201, d20261202"
