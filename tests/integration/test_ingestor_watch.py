"""The gaps over midnight and over restarts; the past from a real broker."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from ingestor import history
from ingestor.gaps import Gaps
from ingestor.history import History, Past
from ingestor.publisher import Publisher
from ingestor.tally import Tally
from ingestor.trades import Trade
from ingestor.watch import Watch
from market.calendar import Calendar, day_bounds_us
from market.clock import Clock
from market.messages import Gap, decode_feed, encode
from market.topics import FEED, TRADES
from tests.builders import a_trade, published
from tests.integration.ingestor_broker import Broker, broker
from tests.integration.ingestor_exchange import Kept, running, tape_clock, until

ALWAYS = Calendar.named("always")
DAY = date(2026, 12, 1)
START_US, END_US = day_bounds_us(DAY)
MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Hand(Clock):
    """A clock whose hand the test moves."""

    at: tuple[list[int], ...] = ()

    def now_us(self) -> int:
        return self.at[0][0]


def hand(now_us: int) -> tuple[Clock, list[int]]:
    at = [now_us]
    return Hand(at=(at,)), at


def a_print(time: int, size: int, volume: int) -> Trade:
    return Trade("2330", time, time % 10**8, size, volume, "continuous", b"")


def told(kept: Kept) -> list[Gap]:
    return [record for value in kept.of(FEED) if isinstance(record := decode_feed(value), Gap)]


def begun(watch: Watch, *gaps: Gap) -> Watch:
    watch.begin(watch.unknown(DAY), gaps)
    return watch


def test_yesterdays_gap_may_heal_for_ten_minutes_and_is_lost_then() -> None:
    async def scenario() -> None:
        kept, (clock, at) = Kept(), hand(END_US - 2 * MINUTE_US)
        tally = Tally(DAY)
        watch = begun(Watch(kept, tally, clock, ALWAYS))
        late = END_US - MINUTE_US
        async with running(watch.run()):
            for each in (a_print(late, 1, 1), a_print(late + 5, 1, 4), a_print(late + 9, 1, 8)):
                watch.note(each, "stream")
            await until(lambda: tally.open_gaps == 2, "two open gaps")
            at[0] = END_US + MINUTE_US
            watch.note(a_print(END_US + 1, 1, 3), "stream")
            await until(lambda: watch.today.day > DAY and tally.open_gaps == 1, "today's gap")
            watch.note(a_print(late + 7, 3, 7), "stream")
            await until(lambda: told(kept)[-1].state == "healed", "yesterday's late trade")
            at[0] = END_US + 11 * MINUTE_US
            await until(lambda: told(kept)[-1].state == "lost", "yesterday's other gap")
        assert (told(kept)[-1].from_us, told(kept)[-1].missing_lots) == (late, 2)
        assert told(kept)[-1].reason.startswith("the day is over")

    asyncio.run(scenario())


def test_a_gap_of_an_earlier_day_that_nobody_closed_is_lost() -> None:
    async def scenario() -> None:
        kept, (clock, _) = Kept(), hand(START_US + MINUTE_US)
        left = Gap(symbol="2330", from_us=START_US - 9, to_us=START_US - 5, missing_lots=3, state="open", reason="")
        watch = begun(Watch(kept, Tally(DAY), clock, ALWAYS), left)
        async with running(watch.run()):
            await until(lambda: told(kept), "the last word")
        assert [(gap.state, gap.to_us) for gap in told(kept)] == [("lost", left.to_us)]

    asyncio.run(scenario())


def test_odd_lots_trials_and_after_hours_prints_have_no_gaps() -> None:
    watch = begun(Watch(Kept(), Tally(DAY), hand(START_US + MINUTE_US)[0], ALWAYS))
    for kind in ("trial", "odd_lot", "after_hours"):
        watch.note(Trade("2330", START_US + 5, 1, 3, 900, kind, b""), "stream")  # type: ignore[arg-type]
    assert watch.today.changes(1e9) == []


def test_a_gap_is_told_as_healed_only_when_its_trades_are_safe() -> None:
    async def scenario() -> None:
        kept, (clock, _) = Kept(), hand(START_US + 9 * MINUTE_US)
        watch = begun(Watch(kept, Tally(DAY), clock, ALWAYS))
        safe = asyncio.Event()
        kept.settled = safe.wait  # type: ignore[method-assign, assignment]
        async with running(watch.run()):
            watch.note(a_print(START_US + 5, 1, 3), "stream")
            await until(lambda: told(kept), "an open gap")
            watch.note(a_print(START_US + 4, 2, 2), "rest")
            await asyncio.sleep(0.3)
            assert [gap.state for gap in told(kept)] == ["open"]
            safe.set()
            await until(lambda: len(told(kept)) == 2, "a healed gap")

    asyncio.run(scenario())


def test_a_gaps_later_word_is_stamped_later_though_the_clock_was_set_back() -> None:
    async def scenario() -> None:
        kept, (clock, at) = Kept(), hand(START_US + 9 * MINUTE_US)
        old = Gap(symbol="2330", from_us=START_US - 9, to_us=START_US - 5, missing_lots=3, state="open", reason="",
                  at_us=START_US + 20 * MINUTE_US)  # fmt: skip
        watch = begun(Watch(kept, Tally(DAY), clock, ALWAYS), old)
        async with running(watch.run()):
            watch.note(a_print(START_US + 5, 1, 3), "stream")
            await until(lambda: len(told(kept)) == 2, "the old one lost, a new one open")
            at[0] -= 5 * MINUTE_US
            watch.note(a_print(START_US + 4, 2, 2), "rest")
            await until(lambda: len(told(kept)) == 3, "a healed gap")
        stamps = [old.at_us, *(gap.at_us for gap in told(kept))]
        assert stamps == sorted(set(stamps))

    asyncio.run(scenario())


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("kafka"), tape_clock().offset_s) as running:
        yield running


@pytest.mark.stack
def test_the_past_is_todays_trades_and_the_gaps_that_are_not_healed(kafka: Broker) -> None:
    yesterday = a_trade("0.0", size=5, volume=500)
    yesterday["time"] -= 86_400 * 10**6
    records = [published(each) for each in (yesterday, a_trade("1.0", volume=1), a_trade("3.0", volume=4))]
    gap = Gap(symbol="2330", from_us=1, to_us=2, missing_lots=2, state="open", reason="")
    healed = Gap(symbol="2330", from_us=3, to_us=4, missing_lots=2, state="open", reason="")
    past = Past(Gaps(DAY, START_US))

    async def scenario() -> list[Gap]:
        publisher, now_us = Publisher({"bootstrap.servers": kafka.bootstrap}), tape_clock().now_us()
        for record in [*records, "{}", "no trade"]:
            await publisher.publish(TRADES, "2330", record.encode(), now_us)
        for each in (gap, healed, Gap(**{**_fields(healed), "state": "healed"})):
            await publisher.publish(FEED, "gap", encode(each), now_us)
        await publisher.publish(FEED, "status", b"{}", now_us)
        await publisher.settled()
        assert publisher.unconfirmed() == 0
        found: list[Gap] = []
        await History({"bootstrap.servers": kafka.bootstrap}, past).run(lambda _, told: found.extend(told))
        return found

    assert asyncio.run(scenario()) == [gap]
    assert past.trades == 2
    today = Gaps(DAY, START_US)
    today.begin(past.gaps, ())
    assert [gap.missing_lots for gap in today.changes(1e9)] == [2]


def _fields(gap: Gap) -> dict[str, object]:
    return {name: getattr(gap, name) for name in gap.__struct_fields__}


def test_without_a_broker_the_past_is_given_up_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(history, "_PATIENCE_S", 0.5)
    monkeypatch.setattr(history, "_ASK_S", 0.2)
    began: list[Gaps] = []
    past = Past(Gaps(DAY, START_US))
    asyncio.run(History({"bootstrap.servers": "127.0.0.1:1"}, past).run(lambda gaps, _told: began.append(gaps)))
    assert began == [past.gaps]
    assert "history_incomplete" in caplog.text
