"""What a second is by the timetable and by the exchange's notices: before, in and after the two calls of the day."""

from datetime import date

import pytest

from api.stages import Stages, calls, widened
from market.calendar import Calendar, day_bounds_us
from market.messages import Delay

XTAI = Calendar.named("xtai")
TYPHOON = Calendar.named("xtai", also_closed="2026-12-01")
DAY = date(2026, 12, 1)


def at(clock: str, day: date = DAY) -> int:
    """Epoch second of a Taipei time."""
    hours, minutes, seconds = (int(part) for part in f"{clock}:00".split(":")[:3])
    return day_bounds_us(day)[0] // 1_000_000 + (hours * 60 + minutes) * 60 + seconds


def a_delay(clock: str, auction: str) -> Delay:
    return Delay(symbol="2330", time_us=at(clock) * 1_000_000, auction=auction)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("clock", "stage"),
    [
        ("00:00", "closed"), ("08:29:59", "closed"), ("08:30", "trial"), ("08:59:59", "trial"), ("09:00", "open"),
        ("13:24:59", "open"), ("13:25", "trial"), ("13:29:59", "trial"), ("13:30", "open"), ("13:33:59", "open"),
        ("13:34", "closed"), ("23:59:59", "closed"),
    ],
)  # fmt: skip
def test_the_timetable_of_a_trading_day(clock: str, stage: str) -> None:
    assert Stages(XTAI).at(at(clock)) == stage


@pytest.mark.parametrize(
    ("calendar", "day"),
    [(XTAI, date(2026, 12, 5)), (XTAI, date(2026, 10, 9)), (TYPHOON, DAY)],
    ids=["a Saturday", "a holiday", "a typhoon"],
)
@pytest.mark.parametrize("clock", ["08:45", "10:00", "13:27", "13:31"])
def test_a_day_without_trading_is_closed_at_every_hour(calendar: Calendar, day: date, clock: str) -> None:
    assert Stages(calendar).at(at(clock, day)) == "closed"


@pytest.mark.parametrize("clock", ["00:00", "08:45", "10:00", "13:27", "13:31", "23:59"])
def test_a_market_that_is_always_open_has_no_calls(clock: str) -> None:
    assert Stages(Calendar(always=True)).at(at(clock)) == "open"


def test_after_its_closing_call_a_symbol_is_closed() -> None:
    stages = Stages(XTAI, traded=[at("13:30")], closes={at("13:30")})
    assert [stages.at(at(clock)) for clock in ("13:29:59", "13:30:01", "13:33:59")] == ["trial", "closed", "closed"]


def test_a_delayed_closing_call_is_waited_for_until_it_comes() -> None:
    told = [a_delay("13:30:05", "close")]
    clocks = ["13:30", "13:31", "13:32:59", "13:33:01"]
    assert [Stages(XTAI, told).at(at(clock)) for clock in clocks] == ["trial"] * 4
    called = Stages(XTAI, told, [at("13:33")], {at("13:33")})
    assert [called.at(at(clock)) for clock in clocks] == ["trial"] * 3 + ["closed"]


def test_a_delayed_opening_is_waited_for_until_the_first_trade() -> None:
    told = [a_delay("09:00:05", "open")]
    clocks = ["09:00", "09:01:59", "09:02:01", "09:04:06"]
    assert [Stages(XTAI, told, [at("09:02")]).at(at(clock)) for clock in clocks] == ["trial", "trial", "open", "open"]
    assert [Stages(XTAI, told).at(at(clock)) for clock in clocks] == ["trial", "trial", "trial", "open"]


def test_yesterdays_notices_and_calls_say_nothing_of_today() -> None:
    yesterday = at("13:30", date(2026, 11, 30))
    told = [Delay(symbol="2330", time_us=yesterday * 1_000_000, auction=name) for name in ("open", "close")]
    stages = Stages(XTAI, told, [yesterday], {yesterday})
    assert [stages.at(at(clock)) for clock in ("09:00", "13:31")] == ["open", "open"]


def test_closing_calls_are_looked_for_from_half_past_one_on_every_day_that_trades() -> None:
    two_days = range(at("13:32", date(2026, 12, 3)), at("13:31", date(2026, 12, 7)))  # a Thursday to a Monday
    found = list(calls(XTAI, two_days))
    friday = range(at("13:30", date(2026, 12, 4)), at("13:34", date(2026, 12, 4)))
    monday = range(at("13:30", date(2026, 12, 7)), two_days.stop)
    assert found == [*range(two_days.start, at("13:34", date(2026, 12, 3))), *friday, *monday]
    assert list(calls(Calendar(always=True), two_days)) == []


def test_what_decides_of_a_stage_is_looked_at_too() -> None:
    def around(start: str, end: str, *delays: Delay) -> tuple[int, int]:
        wide = widened(XTAI, range(at(start), at(end)), delays)
        return wide.start, wide.stop

    put_off = a_delay("09:00:05", "open")
    assert around("13:31", "13:32") == (at("13:30"), at("13:34"))
    assert around("13:20", "13:31", put_off) == (at("13:20"), at("13:34"))
    assert around("13:26", "13:27") == (at("13:26"), at("13:27"))
    assert around("09:01", "09:02", put_off) == (at("09:00"), at("09:04:05"))
    assert around("08:00", "08:59", put_off) == (at("08:00"), at("08:59"))
    assert widened(Calendar(always=True), range(9), ()) == range(9)
