"""The API's two paths fed with topics: what the database holds in the end, and what a page shows."""

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from api.batches import Batch
from api.hub import Hub
from api.live import Live
from api.memory import Memory, merged
from api.records import Bad, Raw, Row, parse
from market.messages import Average, Bar, decode_average, decode_bar
from tests.api_builders import FakeWire, a_client
from tests.e2e.exact import exact_json
from tests.property.mysql import Tables
from tests.property.streams import Topic

Rows = dict[tuple[str, int], dict[str, Any]]
_CHANNEL = {"bar": "bars", "average": "averages"}


def partition(name: str, topic: Topic, chance: random.Random) -> list[Raw]:
    """One partition: each key's records in their order, the keys mixed at random."""
    keys = [key for key, values in topic.items() for _ in values]
    chance.shuffle(keys)
    left = {key: iter(values) for key, values in topic.items()}
    return [Raw(name, 0, at, key.encode(), next(left[key]).encode(), at) for at, key in enumerate(keys)]


def deliveries(records: list[Raw], chance: random.Random) -> Iterator[list[Raw]]:
    """Batches of any size; now and then the reader goes back to an earlier offset, as after a crash."""
    cuts = sorted({0, len(records), *(chance.randint(0, len(records)) for _ in range(30))})
    for start, end in pairwise(cuts):
        yield records[start if chance.random() < 0.7 else chance.randint(0, start) : end]


def recorded(topics: list[list[Raw]], chance: random.Random) -> Tables:
    """The durable path."""
    tables = Tables()
    for records in topics:
        for delivered in deliveries(records, chance):
            batch = Batch(opened_s=0)
            for raw in delivered:
                batch.add(raw)
            assert batch.bad == []
            tables.upsert(batch)
    return tables


class Page:
    """A connected client that merges by `trades`, as the page does."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {"bars": {}, "averages": {}}

    def take(self, frame: bytes) -> None:
        message = exact_json(frame[frame.index(b"{") :])
        rows, row = self.rows[_CHANNEL[message["type"]]], message["data"]
        held = rows.get((row["symbol"], row["second"]))
        if held is None or row["trades"] > held["trades"]:
            rows[row["symbol"], row["second"]] = row


def broadcast(topics: list[list[Raw]], chance: random.Random) -> tuple[Page, Memory]:
    """The live path: a page that listens from the first record on, and what is left in memory for the next one."""
    wire, memory = FakeWire(), Memory()
    live, page = Live(Hub(memory), now_us=lambda: 0, tick_s=lambda: 0.0), Page()
    live.hub.join(client := a_client(wire))
    live.hub.subscribe(client, ["bars", "averages"], "*")
    for records in topics:
        for raw in (raw for delivered in deliveries(records, chance) for raw in delivered):
            record = parse(raw)
            assert not isinstance(record, Bad), record.reason
            live.take(record, raw, fresh=True)
    for frame in wire.written:
        page.take(frame)
    return page, memory


def remembered(memory: Memory, kind: str, symbols: set[str]) -> Rows:
    """What a snapshot of memory alone would give."""
    decode = decode_bar if kind == "bar" else decode_average
    rows: list[Row] = [row for symbol in symbols for row in merged((), memory.rows(kind, symbol))]  # type: ignore[arg-type]
    return {(row.symbol, row.second): fields(decode(row.value)) for row in rows}


def fields(record: Bar | Average) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}
