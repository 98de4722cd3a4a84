"""Bars and averages over made-up histories: any order and repetition of trades gives the oracle's rows."""

import random
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_jobs import schema
from spark_jobs.averages import averages
from spark_jobs.bars import bars
from spark_jobs.kafka import encoded
from tests import oracle
from tests.builders import DAY, TEN, a_trade, by_key, published
from tests.spark.conftest import Records, rows

pytestmark = pytest.mark.spark


def made_bars(records: Records, trades: list[dict[str, Any]]) -> dict[Any, Any]:
    return by_key(rows(bars(schema.trades(records(map(published, trades)), DAY))))


def as_topic(values: DataFrame) -> DataFrame:
    """The other columns that Kafka gives."""
    where = {"key": "null", "topic": "'trades'", "partition": "0", "offset": "0L", "timestamp": "now()"}
    return values.selectExpr("cast(value as binary) value", *(f"{text} as {name}" for name, text in where.items()))


def a_history(seed: int, trades: int = 3_000) -> list[dict[str, Any]]:
    """Trades of 20 symbols over 90 seconds: sweeps at one microsecond, absent quotes and volumes, all kinds."""
    rnd = random.Random(seed)
    history, volumes = [], dict.fromkeys(range(20), 0)
    for serial in range(1, trades + 1):
        symbol, size = rnd.randrange(20), rnd.randrange(1, 500)
        volumes[symbol] += size
        flags = rnd.choices([{}, {"isOpen": True}, {"isClose": True}, {"isContinuous": True}], [1, 1, 1, 20])[0]
        cents = rnd.randrange(100_000, 999_999)
        quote = {} if rnd.random() < 0.2 else {"bid": f"{cents - 5}e-2", "ask": f"{cents + rnd.choice([-5, 0, 5])}e-2"}
        trade = a_trade(
            at=f"{rnd.randrange(90)}.{rnd.choice(['0', '5', '999999'])}",
            price=f"{cents}e-2",
            size=size,
            symbol=f"{1000 + symbol}",
        )
        del trade["isContinuous"]
        trade |= {"serial": serial, **flags, **{name: oracle.Decimal(text) for name, text in quote.items()}}
        history.append(trade if rnd.random() < 0.05 else trade | {"volume": volumes[symbol]})
    return history


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_repetition_gives_the_oracles_rows(seed: int, records: Records) -> None:
    history = a_history(seed)
    shuffled = random.Random(seed).choices(history, k=len(history)) + history
    random.Random(seed).shuffle(shuffled)

    made = bars(schema.trades(records(map(published, shuffled)), DAY))
    of_bars = oracle.bars(history)
    assert by_key(rows(made)) == of_bars
    assert by_key(rows(averages(schema.bars(encoded(made), DAY), each_record=False))) == oracle.averages(of_bars)


def test_vwap_and_average_round_half_to_even(records: Records) -> None:
    trades = [a_trade(at="0.0", price="10.0001", size=1), a_trade(at="0.1", price="10.0002", size=1)]
    assert made_bars(records, trades)["2330", TEN]["vwap"] == oracle.Decimal("10.0002")  # 10.00015 -> even
    trades = [a_trade(at="0.0", price="10.0002", size=1), a_trade(at="0.1", price="10.0003", size=1)]
    assert made_bars(records, trades)["2330", TEN]["vwap"] == oracle.Decimal("10.0002")  # 10.00025 -> even


def test_a_trade_belongs_to_the_second_it_began_in(records: Records) -> None:
    trades = [a_trade(at="3.999999"), a_trade(at="4.0")]
    assert sorted(made_bars(records, trades)) == [("2330", TEN + 3), ("2330", TEN + 4)]


def test_what_is_not_a_trade_of_the_day_makes_no_bar(records: Records) -> None:
    yesterday = a_trade(time=(TEN - 86_400) * 1_000_000)
    assert made_bars(records, [yesterday]) == {}
    bad = ["", "{", "[]", "null", '{"symbol":"2330"}', published(a_trade(price="0")), published(a_trade(size=0)), None]
    bad += [published(a_trade(size=size)) for size in (10**7, 10**18, 2**63)]  # a sum must never overflow
    bad += [published(a_trade(size=5, volume=4)), published(a_trade(), kind="unheard of")]
    assert rows(bars(schema.trades(records(bad), DAY))) == []
    assert schema.rejects(as_topic(records(bad))).count() == len(bad)


def test_a_repeated_key_in_a_record_means_its_last_value(records: Records) -> None:
    twice = published(a_trade(price="10")).replace('"price":10', '"price":10,"price":11')
    [bar] = rows(bars(schema.trades(records([twice]), DAY)))
    assert bar["open"] == 11


def test_windows_do_not_reach_across_midnight(records: Records) -> None:
    midnight = TEN + 14 * 3_600 - 86_400
    late = [a_trade(time=(midnight - 1) * 1_000_000, serial=1), a_trade(time=midnight * 1_000_000, serial=2)]
    values = list(map(published, late))
    both = [bars(schema.trades(records(values), day)) for day in (DAY.replace(month=11, day=30), DAY)]
    lines = [record.value for made in both for record in encoded(made).collect()]
    [row] = rows(averages(schema.bars(records(lines), DAY), each_record=False))
    assert (row["second"], row["count_15"]) == (midnight, 1)


def test_an_average_counts_the_last_fifteen_seconds_only(records: Records) -> None:
    #  second   0    1    …   14   15
    #  bar      x                   x
    #  15 s     [0            14]  [1 … 15]
    lines = [
        record.value
        for record in encoded(
            bars(schema.trades(records(map(published, [a_trade("0"), a_trade("15")])), DAY))
        ).collect()
    ]
    counted = {
        row["second"]: row["count_15"] for row in rows(averages(schema.bars(records(lines), DAY), each_record=False))
    }
    assert counted == {TEN: 1, TEN + 15: 1}


def test_of_two_versions_of_a_bar_the_one_with_more_trades_counts(records: Records) -> None:
    bar = '{{"symbol":"2330","second":{},"vwap":{},"trades":{}}}'
    lines = [bar.format(TEN, 11, 2), bar.format(TEN, 10, 1)]
    [row] = rows(averages(schema.bars(records(lines), DAY), each_record=False))
    assert (row["sma_5"], row["trades"]) == (11, 2)
