"""Bars and averages by Faust: an agent on `trades`, tables in memory with their changelogs in Kafka, as by default."""

import os
from collections.abc import AsyncIterator
from typing import Any

import faust
import plain

app = faust.App(
    "bench",
    broker=f"kafka://{os.environ['KAFKA_BOOTSTRAP']}",
    datadir=os.environ["STATE_DIR"],
    topic_partitions=1,
    topic_replication_factor=1,
    producer_linger=0.0,
    web_enabled=False,
)
text = {"key_type": str, "key_serializer": "raw", "value_serializer": "json"}
trades = app.topic("trades", **text)
bars = app.topic("bars", **text)
averages = app.topic("averages", **text)

seen = app.Table("seen", default=int)
seconds = app.Table("seconds", default=dict)
slots = app.Table("slots", default=dict)  # by symbol and quarter of a minute: second -> trades and vwap


def near(symbol: str, second: int) -> dict[int, plain.Slot]:
    """Slots of the seconds that a bar shares an average with."""
    bucket = second // plain.WIDEST
    found = (slots[f"{symbol}/{near}"] for near in (bucket - 1, bucket, bucket + 1))
    return {int(at): slot for kept in found for at, slot in kept.items()}


@app.agent(trades)
async def on_trade(stream: AsyncIterator[dict[str, Any]]) -> None:
    async for trade in stream:
        identity = f"{trade['symbol']}/{trade['serial']}"
        if not plain.counts(trade) or identity in seen:
            continue
        seen[identity] = 1
        symbol, second = trade["symbol"], plain.second_of(trade)
        of_second = plain.with_trade(seconds[f"{symbol}/{second}"] or None, trade)
        seconds[f"{symbol}/{second}"] = of_second
        await bars.send(key=symbol, value=plain.bar_row(symbol, second, of_second))
        bucket = f"{symbol}/{second // plain.WIDEST}"
        slots[bucket] = slots[bucket] | {str(second): (of_second["trades"], plain.vwap(of_second))}
        for row in plain.average_rows(symbol, second, near(symbol, second)):
            await averages.send(key=symbol, value=row)


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARNING").execute_from_commandline()
