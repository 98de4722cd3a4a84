"""The session calendar."""

from datetime import UTC, date, datetime

import pytest

from market.calendar import TAIPEI, Calendar, Phase, day_bounds_us, trading_day


def taipei(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=TAIPEI).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        ("2026-12-01T08:29:59", Phase.PRE_OPEN),
        ("2026-12-01T08:30:00", Phase.TRIAL),
        ("2026-12-01T09:00:00", Phase.OPEN),
        ("2026-12-01T13:24:59", Phase.OPEN),
        ("2026-12-01T13:25:00", Phase.CLOSING),
        ("2026-12-01T13:32:59", Phase.CLOSING),
        ("2026-12-01T13:33:00", Phase.CLOSED),
        ("2026-12-05T10:00:00", Phase.HOLIDAY),
        ("2026-02-16T10:00:00", Phase.HOLIDAY),
    ],
)
def test_the_phase_follows_the_timetable(at: str, phase: Phase) -> None:
    assert Calendar().phase(taipei(at)) == phase


def test_a_typhoon_day_is_a_holiday_by_setting() -> None:
    calendar = Calendar.named("xtai", "2026-12-01, 2026-12-02")
    assert calendar.phase(taipei("2026-12-01T10:00:00")) == Phase.HOLIDAY
    assert calendar.phase(taipei("2026-12-03T10:00:00")) == Phase.OPEN


def test_the_next_change_is_named_with_its_time() -> None:
    calendar = Calendar()
    assert calendar.next_change(taipei("2026-12-01T10:00:00")) == (Phase.CLOSING, taipei("2026-12-01T13:25:00"))
    assert calendar.next_change(taipei("2026-12-04T14:00:00")) == (Phase.HOLIDAY, taipei("2026-12-05T00:00:00"))
    assert calendar.next_change(taipei("2026-02-16T10:00:00")) == (Phase.PRE_OPEN, taipei("2026-02-23T00:00:00"))


def test_the_simulated_exchange_is_always_open() -> None:
    calendar = Calendar.named("always")
    assert calendar.phase(taipei("2026-12-05T03:00:00")) == Phase.OPEN
    assert calendar.next_change(taipei("2026-12-05T03:00:00")) is None


def test_a_day_begins_at_midnight_in_taipei() -> None:
    start, end = day_bounds_us(date(2026, 12, 1))
    assert datetime.fromtimestamp(start / 1_000_000, UTC) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert (trading_day(start - 1), trading_day(start), trading_day(end - 1)) == (
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2026, 12, 1),
    )
