"""The status once a second: counters of the trading day, and no claim beyond what was proven."""

from datetime import date

from ingestor.tally import Tally
from market.calendar import Phase

DAY_US = 86_400_000_000
NOW_US = 1_796_090_400_000_000


def test_the_counters_begin_at_0_with_each_trading_day() -> None:
    tally = Tally(date(2026, 12, 1))
    tally.trades, tally.dead_letters, tally.reconnects = 5, 2, 1
    today = tally.status(NOW_US + 1, Phase.OPEN)
    assert (today.trades, today.dead_letters, today.reconnects) == (5, 2, 1)
    tomorrow = tally.status(NOW_US + DAY_US, Phase.OPEN)
    assert (tomorrow.trades, tomorrow.dead_letters, tomorrow.reconnects) == (0, 0, 0)
    assert (today.trading_day, tomorrow.trading_day) == ("2026-12-01", "2026-12-02")


def test_the_feed_is_proven_alive_through_its_newest_frame_and_never_beyond_now() -> None:
    tally = Tally(date(2026, 12, 1))
    assert tally.status(NOW_US, Phase.OPEN).alive_through_us is None
    tally.proven(NOW_US - 7, NOW_US)
    tally.proven(NOW_US - 9, NOW_US)
    assert tally.status(NOW_US, Phase.OPEN).alive_through_us == NOW_US - 7
    tally.proven(NOW_US + DAY_US, NOW_US)
    assert tally.status(NOW_US, Phase.OPEN).alive_through_us == NOW_US
