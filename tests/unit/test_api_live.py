from typing import Any

from api.hub import Hub
from api.latency import Latency
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
    assert live.latency.quantiles(now.s).count == 0


def test_quantiles_of_the_last_minute() -> None:
    latency = Latency()
    latency.add(1_000, 0)
    for value in range(1, 101):
        latency.add(value, 61)
    found = latency.quantiles(61)
    assert (found.p50_ms, found.p99_ms, found.count) == (50.0, 99.0, 100)
    assert latency.quantiles(200).p50_ms is None


def test_spark_is_stale_when_trades_flow_and_no_bar_comes() -> None:
    now = Now()
    live = a_live(now)
    assert spark_state(live.pulse, now.s) == "unknown"
    take(live, a_bar(0))
    for at in range(8):
        now.s = at
        take(live, a_status(at, trades=at))
    assert spark_state(live.pulse, now.s) == "stale"
    take(live, a_bar(7))
    assert spark_state(live.pulse, now.s) == "ok"


def test_a_quiet_market_is_not_stale() -> None:
    now = Now()
    live = a_live(now)
    take(live, a_bar(0))
    for at in range(20):
        now.s = at
        take(live, a_status(at, trades=5))
    assert spark_state(live.pulse, now.s) == "ok"


def test_the_feed_is_down_when_it_says_so_or_says_nothing() -> None:
    now = Now()
    live = a_live(now)
    assert feed_state(live.pulse, now.us(), now.s) == "unknown"
    take(live, a_status(0))
    assert feed_state(live.pulse, now.us(), now.s) == "ok"
    now.s = 5
    assert feed_state(live.pulse, now.us(), now.s) == "stale"
    now.s = 11
    assert feed_state(live.pulse, now.us(), now.s) == "down"
    take(live, a_status(11, connected=False))
    assert feed_state(live.pulse, now.us(), now.s) == "down"


def test_the_newest_seconds_are_not_settled_while_trades_flow() -> None:
    now = Now()
    live = a_live(now)
    assert live.settled_before() == 0
    take(live, a_bar(10))
    assert live.settled_before() == TEN + 8


def test_all_proven_seconds_are_settled_when_the_market_is_quiet_and_its_bars_have_come() -> None:
    now = Now()
    live = a_live(now)
    take(live, a_status(0, trades=0))
    now.s = 1
    take(live, a_status(1, trades=5))
    take(live, a_bar(1))
    now.s = 10
    take(live, a_status(10, trades=5))
    assert live.settled_before() == TEN + 10
