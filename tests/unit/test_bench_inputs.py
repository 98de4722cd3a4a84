import socket

import msgspec
import pytest

from market.messages import Bar, Trade
from tests import oracle
from tests.api_builders import a_raw
from tests.bench.footprint import name
from tests.bench.growth import curve
from tests.bench.hops import Hops
from tests.bench.stacks import quantile
from tests.bench.tables import rows
from tests.bench.tape import Tape, sums
from tests.integration.storing import a_batch

TAPE = Tape(rate=500, symbols=3, seconds=2, begin_s=1_796_090_400)


def test_the_tape_is_the_same_trades_as_records_and_for_the_oracle() -> None:
    for each in TAPE.prints():
        trade, data = msgspec.json.decode(each.record(), type=Trade), each.data()
        assert (trade.symbol, trade.time, trade.serial, trade.price) == tuple(
            data[name] for name in ("symbol", "time", "serial", "price")
        )
        assert (trade.size, trade.volume, trade.bid, trade.kind) == (
            data["size"],
            data["volume"],
            data["bid"],
            "continuous",
        )


def test_the_tape_has_its_rate_in_every_second_and_volumes_that_prove_it_whole() -> None:
    bars = oracle.bars(each.data() for each in TAPE.prints())
    assert sum(bar["trades"] for bar in bars.values()) == 1_000
    for symbol, second in bars:
        if (before := bars.get((symbol, second - 1))) is not None:
            assert bars[symbol, second]["prior_volume"] == before["day_volume"]


def test_the_sums_are_those_of_the_oracles_rows() -> None:
    bars = oracle.bars(each.data() for each in Tape(rate=20, symbols=9, seconds=40, begin_s=TAPE.begin_s).prints())
    found = sums({key: bar["trades"] for key, bar in bars.items()}, lots=7)
    averages = oracle.averages(bars).values()
    assert (found.rows, found.trades, found.lots) == (len(averages), 800, 7)
    assert found.in_windows == sum(each["trades"] for each in averages)


def test_the_rows_to_store_are_good_ones() -> None:
    raws = [a_raw(each, offset) for offset, each in enumerate(rows(symbols=5, seconds=3))]
    batch = a_batch(*raws)
    assert (len(batch.bars), len(batch.averages)) == (15, 15)
    assert len({bar.vwap for bar in batch.bars.values() if isinstance(bar, Bar)}) > 5


def test_processes_are_known_by_their_command() -> None:
    assert name(["/opt/java", "-cp", "x", "kafka.Kafka", "server.properties"]) == "kafka"
    assert name(["/opt/bin/java", "-cp", "x", "SparkSubmit"]) == "spark's JVM"
    assert name(["/usr/bin/python3", "-m", "api.storage"]) == "api.storage"
    assert name(["/opt/bin/mariadbd", "--no-defaults"]) == "mariadbd"
    assert name([]) == "-"


def test_a_quantile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (51, 100, 7)


def test_growth_is_what_one_of_the_most_costs_beside_the_cheapest() -> None:
    costs = {1: 8.0, 10: 2.0, 100: 3.0}
    *points, told = curve("browsers", costs, lambda count: {"processor time of one": costs[count]}, lambda _: None)
    assert [(each.at, each.values) for each in points] == [(1, (8.0,)), (10, (2.0,)), (100, (3.0,))]
    assert (told.what, told.values) == ("browsers: cost of one, at most / at least", (1.5,))


def test_a_point_that_falls_behind_is_left_out_and_named() -> None:
    late_ms = {100: 4.0, 500: 1_000.0, 5_000: 1_001.0, 20_000: 9_000.0}
    said: list[str] = []
    *points, told = curve(
        "trades a second",
        late_ms,
        lambda rate: {"p50": late_ms[rate], "processor time of one": 400 / rate},
        said.append,
    )
    assert {each.at for each in points} == {100, 500}
    assert (told.values, told.note) == ((1.0,), "left out, p50 over 1,000 ms: 5,000; 20,000")
    assert ["falls behind" in each for each in said] == [False, False, True, True]


def test_one_point_alone_is_no_growth() -> None:
    late_ms = {100: 4.0, 500: 2_000.0}
    found = curve("r", late_ms, lambda rate: {"p50": late_ms[rate], "processor time of one": 1.0}, lambda _: None)
    assert [(each.what, each.at) for each in found] == [("r: p50", 100), ("r: processor time of one", 100)]


class Broker:
    """Takes records and hands none on."""

    def produce(self, *_: object) -> None: ...

    def poll(self, _: float) -> None: ...


def test_bare_hops_fail_when_a_relay_ends() -> None:
    ours, relays = socket.socketpair()
    relays.close()
    with ours, pytest.raises(AssertionError, match="a relay ended"):
        Hops(ours, Broker()).measured(rate=100, seconds=0.1)  # type: ignore[arg-type]
