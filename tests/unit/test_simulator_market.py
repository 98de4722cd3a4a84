"""The synthetic market keeps the rules that the exchange keeps."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

import pytest

from market.calendar import Calendar
from simulator import ticks
from simulator.market import Market
from simulator.plan import SECOND_US, Plan
from simulator.prints import AFTER_HOURS_SERIAL
from simulator.serials import QUOTED_UP_TO, Serials, SerialsUsedUpError
from simulator.symbols import Instrument, instruments
from simulator.timetable import DAY, Stage

Data = dict[str, Any]

TODAY = date(2026, 11, 24)
BUSY = Plan(seed=5, rate=2_000, pause_every_s=3, pause_lasts_s=12)
LISTED = instruments(60, seed=5)


def at(market: Market, clock: str) -> int:
    hours, minutes, seconds = (float(part) for part in clock.split(":"))
    return market.start_us + int((hours * 3_600 + minutes * 60 + seconds) * SECOND_US)


def a_market(plan: Plan = BUSY, listed: list[Instrument] = LISTED, start: str = "10:00:00") -> Market:
    market = Market(listed, plan, TODAY)
    market.start(at(market, start))
    return market


def printed(market: Market, start: str, seconds: float, every_us: int = 5_000) -> list[Data]:
    """All data objects of so many seconds, looked at every 5 ms."""
    first = at(market, start)
    steps = range(first, first + int(seconds * SECOND_US), every_us)
    return [
        json.loads(each.body, parse_float=Decimal) | {"odd": each.odd} for now in steps for each in market.step(now)
    ]


@pytest.fixture(scope="module")
def busy() -> list[Data]:
    return printed(a_market(), "10:00:00", 20)


def regular(prints: list[Data]) -> list[Data]:
    return [each for each in prints if not each["odd"]]


def traded(prints: list[Data]) -> list[Data]:
    return [each for each in regular(prints) if "isTrial" not in each and each["size"]]


def test_the_running_volume_of_each_symbol_adds_up(busy: list[Data]) -> None:
    volumes: dict[str, int] = defaultdict(int)
    for each in regular(busy):
        volumes[each["symbol"]] += 0 if "isTrial" in each else each["size"]
        assert each["volume"] == volumes[each["symbol"]]


def test_serials_rise_strictly_within_each_exchange_with_holes_for_quotes(busy: list[Data]) -> None:
    for exchange in ("TWSE", "TPEx"):
        serials = [each["serial"] for each in regular(busy) if each["exchange"] == exchange]
        assert all(one < other for one, other in pairwise(serials))
        assert serials[-1] > 2 * len(serials)


def test_prices_and_books_are_on_ticks_and_within_the_limits(busy: list[Data]) -> None:
    by_symbol = {each.symbol: each for each in LISTED}
    for each in busy:
        one = by_symbol[each["symbol"]]
        down, up = one.limits
        for name in {"price", "bid", "ask"} & each.keys():
            price = int(each[name] * 100)
            assert down <= price <= up
            assert ticks.floor(one.tick_table, price) == price


def test_a_print_that_carries_a_fresh_book_is_at_its_bid_or_its_ask(busy: list[Data]) -> None:
    for each in traded(busy):
        if "bid" in each and "ask" in each:
            assert each["bid"] < each["ask"]
            assert "isContinuous" not in each or each["price"] >= each["ask"] or each["price"] <= each["bid"]


def test_the_first_print_of_each_symbol_is_its_opening_and_no_other_is(busy: list[Data]) -> None:
    seen: set[str] = set()
    for each in traded(busy):
        assert ("isOpen" in each) == (each["symbol"] not in seen)
        seen.add(each["symbol"])
    assert seen == {each.symbol for each in LISTED}


def test_sweeps_share_one_microsecond_and_their_last_print_carries_the_book(busy: list[Data]) -> None:
    moments = [list(group) for _, group in groupby(traded(busy), key=lambda each: (each["symbol"], each["time"]))]
    sweeps = [group for group in moments if len(group) > 1]
    assert len(sweeps) > len(moments) / 100
    assert all({"bid", "ask"} & group[-1].keys() for group in sweeps)
    assert any("bid" not in group[0] for group in sweeps)


def test_a_pause_is_a_notice_then_trials_then_a_call_auction(busy: list[Data]) -> None:
    notice = next(each for each in busy if each["size"] == 0)
    after = [each for each in regular(busy) if each["symbol"] == notice["symbol"] and each["serial"] > notice["serial"]]
    assert {"isLimitUpHalt", "isLimitDownHalt"} & notice.keys()
    assert not {"bid", "ask"} & notice.keys()
    assert ["isTrial" in each for each in after[:3]] == [True, True, False]
    assert not {"isContinuous", "isOpen", "isClose"} & after[2].keys()
    assert "isContinuous" in after[3]


def test_odd_lots_have_their_own_board_serials_and_volume_in_shares(busy: list[Data]) -> None:
    odd = [each for each in busy if each["odd"]]
    assert {each["type"] for each in odd} == {"ODDLOT"}
    volumes: Counter[str] = Counter()
    for each in odd:
        volumes[each["symbol"]] += each["size"]
        assert each["volume"] == volumes[each["symbol"]]
    assert min(each["serial"] for each in odd) == 1


def test_the_rate_is_kept_and_activity_is_concentrated(busy: list[Data]) -> None:
    continuous = [each for each in busy if "isContinuous" in each]
    assert len(continuous) == pytest.approx(20 * BUSY.rate, rel=0.05)
    most = Counter(each["symbol"] for each in continuous).most_common(10)
    assert sum(count for _, count in most) > len(continuous) / 3


def test_a_seed_decides_everything() -> None:
    runs = [printed(a_market(replace(BUSY, seed=seed)), "10:00:00", 2) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_a_market_resumed_from_its_prints_goes_on_with_serials_and_volumes() -> None:
    before, after = a_market(), Market(LISTED, BUSY, TODAY, again=1)
    done = [each for ms in range(0, 3_000, 5) for each in before.step(at(before, "10:00:00") + ms * 1_000)]
    for each in done:
        after.resume(each)
    after.start(at(after, "10:00:03"))
    more = traded(printed(after, "10:00:03", 2))
    known = {each.symbol: json.loads(each.body) for each in done if each.trades and not each.odd}
    assert all("isOpen" not in each for each in more)
    for symbol, last in known.items():
        first = next((each for each in more if each["symbol"] == symbol), None)
        assert first is None or (first["volume"] - first["size"], first["serial"] > last["serial"]) == (
            last["volume"], True,
        )  # fmt: skip


def test_after_a_stall_a_second_is_made_up_for_and_no_more() -> None:
    market = a_market()
    printed(market, "10:00:00", 2)
    burst = market.step(at(market, "10:05:00"))
    assert len([each for each in burst if b"isContinuous" in each.body]) < 1.3 * BUSY.rate


def test_midnight_starts_a_day_whose_references_are_the_closes_less_a_few_dividends() -> None:
    market = a_market(start="23:59:40")
    closing = [each for each in printed(market, "23:59:40", 19.999) if "isClose" in each]
    assert len(closing) == len(LISTED)
    assert {each["time"] for each in closing} == {at(market, "23:59:58")}
    closes = {each["symbol"]: int(each["price"] * 100) for each in closing}
    following = market.tomorrow()
    assert {each.symbol: each.previous_close for each in following} == closes
    assert sum(each.reference != each.previous_close for each in following) < len(LISTED) / 5


REAL = Plan(seed=5, rate=20, timetable=DAY, pause_every_s=0)


def stages(start: str, seconds: float, every_us: int = SECOND_US) -> list[Data]:
    return printed(a_market(REAL, start=start), start, seconds, every_us)


def test_a_real_day_discloses_trials_every_five_seconds_before_the_open() -> None:
    prints = regular(stages("08:29:55", 30))
    assert prints
    assert all("isTrial" in each and each["volume"] == 0 for each in prints)
    assert Counter(each["symbol"] for each in prints)["2330"] == 5


def test_a_real_day_opens_within_seconds_of_nine() -> None:
    prints = traded(stages("08:59:58", 30))
    market = Market(LISTED, REAL, TODAY)
    opening = [each for each in prints if "isOpen" in each]
    assert len(opening) > 0.9 * len(LISTED)  # the others are delayed
    assert at(market, "09:00:00") <= min(each["time"] for each in prints)
    assert max(each["time"] for each in opening) <= at(market, "09:00:11")


def test_a_real_day_is_silent_before_the_closing_auction_and_closes_on_the_stroke() -> None:
    prints = traded(stages("13:24:30", 520))
    market = Market(LISTED, REAL, TODAY)
    late = [each for each in prints if each["time"] >= at(market, "13:25:00")]
    strokes = Counter(each["time"] for each in late)
    assert all("isClose" in each for each in late)
    assert strokes.keys() <= {at(market, "13:30:00"), at(market, "13:33:00")}
    assert strokes[at(market, "13:30:00")] > 0.9 * len(LISTED)
    assert len({each["symbol"] for each in late}) == len(late) == len({each["symbol"] for each in prints})


DELAYED = replace(REAL, timetable=replace(DAY, delayed_share=1.0))


@pytest.mark.parametrize(
    ("start", "until", "flag", "auction"),
    [("08:59:58", "09:02:00", "isDelayedOpen", "isOpen"), ("13:29:58", "13:33:00", "isDelayedClose", "isClose")],
)
def test_a_delayed_auction_comes_minutes_later_after_flagged_trials(
    start: str, until: str, flag: str, auction: str
) -> None:
    market = a_market(DELAYED, start=start)
    for book in market.floor.books:
        book.is_open = auction == "isClose"
    prints = regular(printed(market, start, 200, SECOND_US))
    matched = [each for each in traded(prints) if auction in each]
    assert {each["symbol"] for each in matched} == {each.symbol for each in LISTED}
    assert {each["time"] // SECOND_US for each in matched} == {at(market, until) // SECOND_US}
    assert all("isTrial" in each for each in prints if flag in each)
    assert any(flag in each for each in prints)


def test_a_disposition_stock_prints_only_in_its_periodic_auctions() -> None:
    listed = [replace(LISTED[0], matching_interval_s=300), *LISTED[1:]]
    market = a_market(replace(BUSY, rate=5, pause_every_s=0), listed)
    prints = [each for each in traded(printed(market, "10:00:00", 901, SECOND_US)) if each["symbol"] == "2330"]
    assert ["isOpen" in each for each in prints] == [True, False, False, False]
    assert not any({"isContinuous", "isClose"} & each.keys() for each in prints)
    assert [each["time"] // SECOND_US for each in prints[1:]] == [
        at(market, moment) // SECOND_US for moment in ("10:05:00", "10:10:00", "10:15:00")
    ]


def test_nothing_is_printed_on_a_holiday() -> None:
    market = Market(LISTED, replace(REAL, calendar=Calendar()), date(2026, 11, 28))  # a Saturday
    market.start(at(market, "08:00:00"))
    assert printed(market, "08:00:00", 8 * 3_600, 60 * SECOND_US) == []


def test_fixed_price_prints_at_half_past_two_have_one_serial_and_neither_book_nor_volume() -> None:
    market = a_market(REAL, start="13:29:00")
    for book in market.floor.books:
        book.volume = 10
    prints = [each for each in printed(market, "13:29:00", 3_700, SECOND_US) if each["time"] > at(market, "13:31:00")]
    assert len(prints) == len(LISTED)
    assert {(each["serial"], each["time"]) for each in prints} == {(AFTER_HOURS_SERIAL, at(market, "14:30:00"))}
    assert not any({"bid", "ask", "volume"} & each.keys() for each in prints)


@pytest.mark.parametrize(
    ("second", "stage"),
    [(0, Stage.SHUT), (30_599, Stage.SHUT), (30_600, Stage.TRIAL), (32_400, Stage.CONTINUOUS),
     (48_299, Stage.CONTINUOUS), (48_300, Stage.CLOSING_TRIAL), (48_600, Stage.CLOSED)],
)  # fmt: skip
def test_the_real_timetable(second: int, stage: Stage) -> None:
    assert DAY.stage(second) is stage


def test_serials_leave_room_for_a_whole_day_and_say_so_when_there_is_none_left() -> None:
    serials = Serials(random.Random(1))
    serials.seen("TWSE", QUOTED_UP_TO + 1, odd=False)
    assert [serials.next("TWSE") for _ in range(3)] == [QUOTED_UP_TO + 2, QUOTED_UP_TO + 3, QUOTED_UP_TO + 4]
    serials.seen("TWSE", AFTER_HOURS_SERIAL - 1, odd=False)
    with pytest.raises(SerialsUsedUpError, match="SIMULATOR_RATE"):
        serials.next("TWSE")
