"""The day rolls over by itself, on a shifted clock: a new checkpoint, nothing lost, nothing doubled."""

from datetime import timedelta
from pathlib import Path

import pytest

from market.calendar import day_bounds_us, trading_day
from market.clock import Clock
from simulator.ledger import trades
from tests.e2e.compare import compare
from tests.e2e.screen import Screen
from tests.e2e.stack import running, until

pytestmark = pytest.mark.stack

BEFORE_S, AFTER_S, GRACE_S = 150, 20, 5  # the start must be over a minute before midnight


def shift_s() -> int:
    """What puts the clock BEFORE_S before midnight in Taipei; ahead, as the broker keeps no records of the past."""
    now_us = Clock().now_us()
    return (day_bounds_us(trading_day(now_us))[1] - now_us) // 1_000_000 - BEFORE_S


@pytest.mark.timeout(600)
def test_trading_across_midnight_is_exact(tmp_path: Path) -> None:
    clock = Clock(shift_s())
    today = trading_day(clock.now_us())
    days = [tmp_path / "data" / "checkpoints" / day.isoformat() for day in (today, today + timedelta(days=1))]
    settings = {
        "CLOCK_OFFSET_S": str(clock.offset_s),
        "SPARK_DAY_GRACE_S": str(GRACE_S),
        "SPARK_TRIGGER": "realtime 10 seconds",
        "SIMULATOR_RATE": "50",
        "SIMULATOR_SYMBOLS": "20",
        "SIMULATOR_BEGIN": "when_told",
    }
    with running(tmp_path / "data", **settings) as stack, Screen(stack.addresses["page"], ["*"]) as screen:
        until(lambda: stack.exchange("/control/stats")["subscriptions"] == 20, "the ingestor subscribed to all symbols")
        assert trading_day(clock.now_us()) == today, "the start took so long that midnight has passed"
        stack.exchange("/control/begin")
        until(days[1].exists, "the next day's queries are there before it begins", BEFORE_S)
        assert trading_day(clock.now_us()) == today
        until(lambda: clock.now_us() > day_bounds_us(today)[1] + AFTER_S * 1_000_000, "midnight has passed", BEFORE_S)
        until((days[0] / "closed").exists, "the old day is closed", 90)
        stack.exchange("/control/end")

        compare(stack, screen, print)
        printed = {trading_day(trade["time"]) for trade in trades(stack.ledger)}
        assert printed == {today, today + timedelta(days=1)}
        assert stack.get("/api/v1/status")["feed"]["dead_letters"] == 0
        assert not (days[1] / "closed").exists()
