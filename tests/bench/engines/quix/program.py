"""Bars and averages by Quix Streams: stateful functions on the trades of a key, state in RocksDB with a changelog."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import plain
from quixstreams import Application, State

APART = plain.WIDEST  # seconds that are kept in one value of the state


def bar(trade: Mapping[str, Any], state: State) -> dict[str, Any] | None:
    """The bar with one more trade; None for a trade that was known."""
    seen, second = f"seen/{trade['serial']}", plain.second_of(trade)
    if state.exists(seen):
        return None
    state.set(seen, 1)
    of_second = plain.with_trade(state.get(f"bar/{second}"), trade)
    state.set(f"bar/{second}", of_second)
    return plain.bar_row(trade["symbol"], second, of_second)


def averages(row: Mapping[str, Any], state: State) -> Iterable[dict[str, Any]]:
    """The averages that the bar has a part in."""
    second, bucket = row["second"], row["second"] // APART
    slots: dict[str, plain.Slot] = {}
    for near in (bucket - 1, bucket + 1, bucket):
        kept = state.get(f"slots/{near}", {})
        slots |= kept
    kept[str(second)] = slots[str(second)] = (row["trades"], round(row["vwap"] * plain.UNITS))
    state.set(f"slots/{bucket}", kept)
    return list(plain.average_rows(row["symbol"], second, {int(at): slot for at, slot in slots.items()}))


def main() -> None:
    app = Application(
        broker_address=os.environ["KAFKA_BOOTSTRAP"],
        consumer_group="bench",
        auto_offset_reset="earliest",
        state_dir=os.environ["STATE_DIR"],
        producer_extra_config={"linger.ms": 0},
        loglevel="WARNING",
    )
    trades = app.topic("trades", key_deserializer="str", value_deserializer="json")
    bars_topic = app.topic("bars", key_serializer="str", value_serializer="json")
    averages_topic = app.topic("averages", key_serializer="str", value_serializer="json")
    bars = app.dataframe(trades).filter(plain.counts).apply(bar, stateful=True).filter(lambda row: row is not None)
    bars.to_topic(bars_topic)
    bars.apply(averages, stateful=True, expand=True).to_topic(averages_topic)
    app.run()


if __name__ == "__main__":
    main()
