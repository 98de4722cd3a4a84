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


def test_trades_are_timed_from_their_connections_first_one_on_and_it_is_left_out() -> None:
    tally = Tally(date(2026, 12, 1), connection="first")
    tally.stamp(NOW_US - 30_000_000, NOW_US, 1.0)  # what the exchange sends a new subscriber
    tally.stamp(NOW_US + 1_000, NOW_US + 5_000, 1.0)
    tally.connection = "second"
    tally.stamp(NOW_US + 6_000, NOW_US + 9_000, 1.0)
    received = tally.status(NOW_US, Phase.OPEN).received
    assert received is not None
    assert (received.lately.p99_ms, received.lately.count, received.lately.left_out) == (4.0, 1, 2)


def test_an_exchange_whose_clock_is_ahead_has_sent_nothing_in_less_than_no_time() -> None:
    tally = Tally(date(2026, 12, 1))
    tally.stamp(NOW_US + 2_000, NOW_US, 1.0)
    received = tally.status(NOW_US, Phase.OPEN).received
    assert received is not None
    assert (received.lately.p50_ms, received.impossible, received.lately.impossible) == (None, 0, 1)
    assert tally.status(NOW_US + 1_000_000, Phase.OPEN).received.impossible == 1  # type: ignore[union-attr]


def test_in_a_replay_a_trade_takes_as_long_as_it_does_here() -> None:
    tally = Tally(date(2026, 12, 1))
    tally.stamp(NOW_US - 50_000, NOW_US, 10.0)
    received = tally.status(NOW_US, Phase.OPEN).received
    assert received is not None
    assert received.lately.p50_ms == 5.0
