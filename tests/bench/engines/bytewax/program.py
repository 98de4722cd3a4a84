"""Bars and averages by Bytewax: two stateful steps on trades keyed by symbol, state in memory as it is by default."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import bytewax.operators as op
import orjson
import plain
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.run import cli_main

Row = dict[str, Any]


@dataclass
class Symbol:
    """What is known of one symbol."""

    seen: set[int] = field(default_factory=set)
    bars: dict[int, plain.State] = field(default_factory=dict)


def keyed(message: KafkaSourceMessage) -> tuple[str, Row]:
    trade = orjson.loads(message.value)
    return trade["symbol"], trade


def bar(state: Symbol | None, trade: Row) -> tuple[Symbol, Iterable[Row]]:
    """The bar with one more trade, nothing for a trade that was known."""
    state = state or Symbol()
    if trade["serial"] in state.seen:
        return state, ()
    state.seen.add(trade["serial"])
    second = plain.second_of(trade)
    of_second = state.bars[second] = plain.with_trade(state.bars.get(second), trade)
    return state, (plain.bar_row(trade["symbol"], second, of_second),)


def averages(slots: dict[int, plain.Slot] | None, row: Row) -> tuple[dict[int, plain.Slot], Iterable[Row]]:
    """The averages that the bar has a part in."""
    slots = {} if slots is None else slots
    slots[row["second"]] = (row["trades"], round(row["vwap"] * plain.UNITS))
    return slots, list(plain.average_rows(row["symbol"], row["second"], slots))


def message(row: tuple[str, Row]) -> KafkaSinkMessage[bytes, bytes]:
    return KafkaSinkMessage(row[0].encode(), orjson.dumps(row[1]))


brokers = [os.environ["KAFKA_BOOTSTRAP"]]
linger = {"linger.ms": "0"}
flow = Dataflow("bars")
records = kop.input("trades", flow, brokers=brokers, topics=["trades"])
counted = op.filter("counted", op.map("keyed", records.oks, keyed), lambda one: plain.counts(one[1]))
bars = op.stateful_flat_map("bar", counted, bar)
kop.output("bars", op.map("bar-message", bars, message), brokers=brokers, topic="bars", add_config=linger)
rows = op.stateful_flat_map("averages", bars, averages)
kop.output(
    "averages-out", op.map("average-message", rows, message), brokers=brokers, topic="averages", add_config=linger
)

if __name__ == "__main__":
    cli_main(flow)
