"""Notices beside the trades: a call that is put off, and who is watched."""

import asyncio

import msgspec
import pytest

from ingestor.intake import Intake
from ingestor.report import Report
from ingestor.tally import Tally
from ingestor.watch import Watch
from market.calendar import Calendar, trading_day
from market.messages import Delay, FeedRecord, FeedStatus, Watched, decode_feed
from market.topics import FEED
from tests.builders import TEN, a_trade, to_json
from tests.integration.ingestor_exchange import TAPE_US, Kept, tape_clock

ALWAYS = Calendar(always=True)


@pytest.fixture
def kept() -> Kept:
    return Kept()


def told(kept: Kept) -> list[FeedRecord]:
    return [record for value in kept.of(FEED) if not isinstance(record := decode_feed(value), FeedStatus)]


def a_frame(at: str, **fields: object) -> bytes:
    return f'{{"event":"data","channel":"trades","data":{to_json(a_trade(at, **fields))}}}'.encode()


def test_a_call_that_is_put_off_is_told_once_a_symbol_and_call(kept: Kept) -> None:
    clock, tally = tape_clock(), Tally(trading_day(TAPE_US))
    intake = Intake(frozenset({"2330", "0050"}), kept, tally, Watch(kept, tally, clock, ALWAYS), clock)
    trial = {"isTrial": True, "isContinuous": False}
    frames = [
        a_frame("0.1", **trial),
        a_frame("0.2", **trial, isDelayedOpen=True),
        a_frame("0.3", **trial, isDelayedOpen=True),
        a_frame("0.4", **trial, isDelayedOpen=True, symbol="0050"),
        a_frame("0.5", **trial, isDelayedClose=True),
    ]

    async def take() -> None:
        for frame in frames:
            await intake.take(frame)

    asyncio.run(take())
    assert told(kept) == [
        Delay(symbol="2330", time_us=TEN * 1_000_000 + 200_000, auction="open"),
        Delay(symbol="0050", time_us=TEN * 1_000_000 + 400_000, auction="open"),
        Delay(symbol="2330", time_us=TEN * 1_000_000 + 500_000, auction="close"),
    ]


def test_who_is_watched_is_told_when_it_changes_and_on_every_new_connection(kept: Kept) -> None:
    tally = Tally(trading_day(TAPE_US))
    report = Report(tally, kept, tape_clock(), ALWAYS)
    steps = [(0, frozenset()), (1, frozenset({"2330"})), (1, frozenset({"2330"})), (2, frozenset({"2330"}))]

    async def publish() -> None:
        for tally.generation, tally.confirmed in steps:
            await report.publish()

    asyncio.run(publish())
    assert [msgspec.structs.replace(record, at_us=0) for record in told(kept)] == [
        Watched(at_us=0, symbols=symbols) for symbols in ((), ("2330",), ("2330",))
    ]
