"""Where the time goes: each hop between its two stamps, and nothing where two clocks contradict each other."""

from typing import Any

from api.hub import Hub
from api.live import Live
from api.memory import Memory
from api.path import Hops, Path
from market.latency import Latency, Quantiles
from tests.api_builders import TEN, a_bar, a_raw, a_status, an_average


class Machine:
    """This machine's clock and the market's, seconds after ten; `raw_after`: a record on its way through them."""

    def __init__(self, pace: float = 1.0) -> None:
        self.s = 0.0
        self.path = Path(self.us)
        market_us = lambda: int((TEN + self.s * pace) * 1_000_000)  # noqa: E731
        self.live = Live(Hub(Memory()), market_us, lambda: self.s, lambda: pace, path=self.path)
        self.take(a_status())

    def us(self) -> int:
        return int((TEN + self.s) * 1_000_000)

    def take(self, record: Any, emitted_s: float = 0.0, read_s: float | None = None, *, fresh: bool = True) -> None:
        read_us = self.us() if read_s is None else round((TEN + read_s) * 1_000_000)
        raw = a_raw(record, timestamp_ms=round((TEN + emitted_s) * 1_000), read_us=read_us)
        self.live.take(record, raw, fresh=fresh)

    def hops(self) -> Hops:
        return self.path.hops(None, self.s)


def middle(found: Quantiles | None) -> float | None:
    assert found is not None
    return found.p50_ms


def test_each_hop_is_the_time_between_its_two_stamps() -> None:
    #  exchange   bar     read    pushed
    #  0.500      0.504   0.510   0.512        the average: emitted 0.507, read 0.511
    machine = Machine()
    machine.s = 0.512
    machine.take(a_bar(), emitted_s=0.504, read_s=0.510)
    hops = machine.hops()
    assert [middle(each) for each in (hops.bar_emitted, hops.consumed, hops.pushed)] == [4.0, 6.0, 2.0]
    assert hops.average_emitted.count == 0
    machine.take(an_average(), emitted_s=0.507, read_s=0.511)
    hops = machine.hops()
    assert (middle(hops.average_emitted), hops.consumed.count, hops.pushed.count) == (3.0, 2, 2)


def test_an_average_is_measured_from_the_first_bar_of_its_second_whichever_comes_first() -> None:
    rows = [
        (an_average(1), 1.509),  # before its bar: another topic
        (a_bar(1), 1.502),
        (a_bar(1, trades=2), 1.6),  # later versions are no first ones
        (an_average(1, trades=2), 1.9),
        (a_bar(0), 1.95),  # a second that is over
        (an_average(0), 1.99),
    ]
    machine = Machine()
    machine.s = 2.0
    for record, emitted_s in rows:
        machine.take(record, emitted_s)
    found = machine.hops().average_emitted
    assert (found.count, found.p50_ms) == (1, 7.0)


def test_symbols_have_seconds_of_their_own() -> None:
    machine = Machine()
    machine.s = 1.0
    machine.take(a_bar(symbol="2330"), 0.6)
    machine.take(a_bar(symbol="0050"), 0.7)
    machine.take(an_average(symbol="0050"), 0.705)
    machine.take(an_average(symbol="2330"), 0.602)
    found = machine.hops().average_emitted
    assert (found.count, found.p50_ms, found.p99_ms) == (2, 2.0, 5.0)


def test_clocks_that_contradict_each_other_are_told_as_such() -> None:
    machine = Machine()
    machine.s = 0.512
    machine.take(a_bar(), emitted_s=0.530, read_s=0.510)  # Spark's clock is ahead of this one
    consumed = machine.hops().consumed
    assert (consumed.p50_ms, consumed.impossible) == (None, 1)
    machine.s = 0.4
    machine.take(a_bar(symbol="0050"), emitted_s=0.39)  # the exchange's, too
    assert machine.live.latency.quantiles(machine.s).impossible == 1
    assert machine.live.pulse.spark_lag_ms is None


def test_a_lag_below_nothing_is_unknown_and_not_zero() -> None:
    machine = Machine()
    machine.take(a_status(0.5))  # stamped half a second from now
    assert machine.live.pulse.kafka_lag_ms is None
    machine.s = 1.0
    machine.take(a_status(0.75))
    assert machine.live.pulse.kafka_lag_ms == 250.0


def test_a_replay_of_the_past_says_nothing_of_the_path() -> None:
    machine = Machine()
    machine.take(a_bar(), emitted_s=0.5, fresh=False)
    machine.take(an_average(), emitted_s=0.5, fresh=False)
    hops = machine.hops()
    assert [each.count + each.left_out for each in (hops.average_emitted, hops.consumed, hops.pushed)] == [0, 0, 0]


def test_in_a_replayed_session_hops_are_by_this_machines_clock() -> None:
    machine = Machine(pace=10.0)
    machine.s = 0.06  # 0.6 s of the market, and the bar's last trade was at 0.5 s
    machine.take(a_bar(), emitted_s=0.054, read_s=0.058)
    hops = machine.hops()
    assert [middle(each) for each in (hops.bar_emitted, hops.consumed, hops.pushed)] == [4.0, 4.0, 2.0]


def test_what_the_ingestor_says_is_passed_on_while_it_speaks() -> None:
    received, produced = Latency(), Latency()
    received.add(4, 0)
    produced.add(2, 0)
    machine = Machine()
    status = a_status(received=received.took(0), produced=produced.took(0))
    hops = machine.path.hops(status, 0)
    assert (middle(hops.received), middle(hops.produced)) == (4.0, 2.0)
    assert machine.path.hops(None, 0).received is None
    assert set(machine.path.took(status, 0)) == set(Hops.__struct_fields__)
