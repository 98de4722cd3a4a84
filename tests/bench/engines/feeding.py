"""Records into the topic `trades`, as the ingestor sends: each by itself, confirmed; at a rate or all at once."""

import time
from array import array
from collections.abc import Sequence
from threading import Thread

from confluent_kafka import Producer

from ingestor.publisher import OPTIONS
from market.topics import TRADES

_FLUSH_S = 30.0
_NS = 1_000_000_000
_LONGEST = 100_000  # records of a backlog, all there at once


def producer(bootstrap: str) -> Producer:
    """As the ingestor's. One for all that an engine is fed: a new one may wait half a second for its number."""
    whole = {"queue.buffering.max.messages": _LONGEST}
    return Producer({"bootstrap.servers": bootstrap, **OPTIONS, **whole})


class Feed(Thread):
    """Sends in the background; `sent_ns[n]`: when record n was handed to the producer, by `time.perf_counter_ns`."""

    def __init__(self, to: Producer, records: Sequence[tuple[str, bytes]], rate: int | None = None) -> None:
        super().__init__(name="feed", daemon=True)
        self.sent_ns = array("q")
        self._records = records
        self._pause_ns = _NS / rate if rate else 0.0
        self._to = to

    def run(self) -> None:
        start = time.perf_counter_ns()
        for n, (symbol, value) in enumerate(self._records):
            while (ahead := start + n * self._pause_ns - time.perf_counter_ns()) > 0:
                time.sleep(ahead / _NS)
            self.sent_ns.append(time.perf_counter_ns())
            self._to.produce(TRADES.name, value, symbol)
            self._to.poll(0)
        self._to.flush(_FLUSH_S)
