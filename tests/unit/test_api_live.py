from typing import Any

from api.hub import Hub
from api.live import Live
from api.memory import Memory
from api.status import feed_state, spark_state
from tests.api_builders import TEN, a_bar, a_raw, a_status


class Now:
    """Both clocks, seconds after ten."""

    def __init__(self) -> None:
        self.s = 0.0

    def us(self) -> int:
        return int((TEN + self.s) * 1_000_000)

    def tick(self) -> float:
        return self.s


def a_live(now: Now) -> Live:
    return Live(Hub(Memory()), now.us, now.tick)


def take(live: Live, record: Any, *, fresh: bool = True) -> None:
    live.take(record, a_raw(record), fresh=fresh)


def test_latency_is_from_the_exchange_to_here() -> None:
    now = Now()
    live = a_live(now)
    take(live, a_status(0))
    now.s = 0.512
    take(live, a_bar())  # its last trade was at 0.5 s
    assert live.latency.quantiles(now.s).p50_ms == 12.0


def test_replays_and_late_corrections_are_no_latencies() -> None:
    now = Now()
    live = a_live(now)
    now.s = 30
    take(live, a_bar(0), fresh=False)
    take(live, a_bar(20), fresh=False)
    take(live, a_bar(20, trades=2))
    found = live.latency.quantiles(now.s)
    assert (found.count, found.left_out) == (0, 2)


def test_what_waited_until_somebody_listened_is_no_latency() -> None:
    now = Now()
    live = a_live(now)
    now.s = 3
    take(live, a_bar(2))  # from before the first record that is not a replay
    now.s = 3.6
    take(live, a_bar(3))
    found = live.latency.quantiles(now.s)
    assert (found.p99_ms, found.count, found.left_out) == (100.0, 1, 1)


def test_what_a_pipeline_catches_up_with_is_no_latency() -> None:
    now = Now()
    live = a_live(now)
    take(live, a_status(0))
    now.s = 100
    take(live, a_bar(30))
    take(live, a_bar(50))
    found = live.latency.quantiles(now.s)
    assert (found.count, found.left_out) == (1, 1)


def test_spark_is_stale_when_trades_flow_and_no_bar_comes() -> None:
    now = Now()
    live = a_live(now)
    assert spark_state(live.pulse, now.s) == "unknown"
    take(live, a_bar(0))
    for at in range(8):
        now.s = at
        take(live, a_status(at, trades_in_bars=at))
    assert spark_state(live.pulse, now.s) == "stale"
    take(live, a_bar(7))
    assert spark_state(live.pulse, now.s) == "ok"


def test_a_quiet_market_is_not_stale() -> None:
    now = Now()
    live = a_live(now)
    take(live, a_bar(0))
    for at in range(20):
        now.s = at
        take(live, a_status(at, trades_in_bars=5))
    assert spark_state(live.pulse, now.s) == "ok"


def test_trial_matches_alone_do_not_make_spark_stale() -> None:
    now = Now()
    live = a_live(now)
    take(live, a_bar(0))
    for at in range(20):
        now.s = at
        take(live, a_status(at, trades=at, trades_in_bars=5))
    assert spark_state(live.pulse, now.s) == "ok"


def test_between_two_heartbeats_a_quiet_feed_is_well() -> None:
    now = Now()
    live = a_live(now)
    for at, state in ((30, "ok"), (36, "stale")):
        now.s = at
        take(live, a_status(at, alive_through_us=a_status(0).alive_through_us))
        assert feed_state(live.pulse, live.age_us, now.s) == state


def test_the_feed_is_down_when_it_says_so_or_says_nothing() -> None:
    now = Now()
    live = a_live(now)
    assert feed_state(live.pulse, live.age_us, now.s) == "unknown"
    take(live, a_status(0))
    assert feed_state(live.pulse, live.age_us, now.s) == "ok"
    now.s = 5
    assert feed_state(live.pulse, live.age_us, now.s) == "stale"
    now.s = 11
    assert feed_state(live.pulse, live.age_us, now.s) == "down"
    take(live, a_status(11, connected=False))
    assert feed_state(live.pulse, live.age_us, now.s) == "down"


def test_the_newest_seconds_are_not_settled_while_trades_flow() -> None:
    now = Now()
    live = a_live(now)
    assert live.settled_before() == 0
    take(live, a_bar(10))
    assert live.settled_before() == TEN + 8


def test_all_proven_seconds_are_settled_when_the_market_is_quiet_and_its_bars_have_come() -> None:
    now = Now()
    live = a_live(now)
    take(live, a_status(0, trades_in_bars=0))
    now.s = 1
    take(live, a_status(1, trades_in_bars=5))
    take(live, a_bar(1))
    now.s = 10
    take(live, a_status(10, trades_in_bars=5))
    assert live.settled_before() == TEN + 10


def test_the_horizon_is_the_least_of_what_has_come_out_and_what_the_feed_has_proven() -> None:
    now = Now()
    live = a_live(now)
    assert live.horizon() is None
    take(live, a_bar(10))
    assert live.horizon() is None
    take(live, a_status(20))
    assert live.horizon() == TEN + 7  # bars of second 8 may still be on their way
    take(live, a_bar(40))
    assert live.horizon() == TEN + 19


def test_a_partition_that_lags_holds_the_horizon_back_and_one_that_rests_does_not() -> None:
    #  partition 0   30            31           32
    #  partition 1      12 (lags)     29 (came up)
    now = Now()
    live = a_live(now)
    take(live, a_status(60))
    for partition, at, horizon in ((0, 30, 27), (1, 12, 9), (0, 31, 10), (1, 29, 26), (0, 32, 27)):
        bar = a_bar(at, symbol=f"{partition}")
        live.take(bar, a_raw(bar, partition=partition), fresh=True)
        assert live.horizon() == TEN + horizon
    now.s = 6
    bar = a_bar(33, symbol="0")
    live.take(bar, a_raw(bar), fresh=True)
    assert live.horizon() == TEN + 30


def test_a_late_correction_is_no_lag() -> None:
    live = a_live(Now())
    take(live, a_status(60))
    take(live, a_bar(30))
    take(live, a_bar(2))
    assert live.horizon() == TEN + 27


def test_in_a_replay_ages_are_by_this_machines_clock() -> None:
    now = Now()
    live = Live(Hub(Memory()), now.us, now.tick, lambda: 10.0)
    take(live, a_status(0))
    now.s = 5  # half a second here, when the market's clock runs ten times as fast
    take(live, a_bar(4))  # its last trade was at 4.5 s
    assert live.latency.quantiles(now.s).p50_ms == 50.0
    assert feed_state(live.pulse, live.age_us, 0.5) == "ok"


def test_in_a_replay_disorder_is_as_much_longer_as_time_is_faster() -> None:
    for pace, settled in ((1.0, 98), (10.0, 80), (2.5, 95)):
        now = Now()
        live = Live(Hub(Memory()), now.us, now.tick, lambda pace=pace: pace)
        take(live, a_bar(100))
        assert live.settled_before() - a_bar(0).second == settled
