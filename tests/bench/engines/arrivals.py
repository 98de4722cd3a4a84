"""What comes out of an engine: of each row when each newer version was first there, and what the newest says."""

import time
from bisect import bisect_left
from collections import defaultdict

import msgspec
from confluent_kafka import Consumer, KafkaException, TopicPartition

from tests.bench.engines.tape import KINDS, Row, Tape

_AT_ONCE = 2_000
_LOOK_S = 0.05
_NEVER = 2**63


class Head(msgspec.Struct):
    """The part of a row by which rows merge; `diff` −1 is how Pathway takes an older version back."""

    symbol: str
    second: int
    trades: int
    diff: int = 1


_head = msgspec.json.Decoder(Head).decode


class Versions:
    """Of one topic: by row, (trades, when) of each version that was newer than all before; and the newest value."""

    def __init__(self) -> None:
        self.seen: defaultdict[Row, list[tuple[int, int]]] = defaultdict(list)
        self.newest: dict[Row, bytes] = {}

    def add(self, value: bytes | None, at_ns: int) -> Row | None:
        """The row that it is a version of; None where it takes one back, as Flink does by no value at all."""
        if value is None:
            return None
        head = _head(value)
        if head.diff < 0:
            return None
        row = (head.symbol, head.second)
        seen = self.seen[row]
        if not seen or head.trades > seen[-1][0]:
            seen.append((head.trades, at_ns))
        if head.trades >= seen[-1][0]:
            self.newest[row] = value
        return row

    def counts(self, row: Row) -> int:
        """Trades that the newest version counts."""
        seen = self.seen.get(row)
        return seen[-1][0] if seen else 0

    def reached_ns(self, row: Row, trades: int) -> int | None:
        """When a version that counts as many trades was there."""
        seen = self.seen.get(row, [])
        first = bisect_left(seen, trades, key=lambda version: version[0])
        return seen[first][1] if first < len(seen) else None


class Arrivals:
    """The one consumer of `bars` and `averages`, from their first records on."""

    def __init__(self, bootstrap: str) -> None:
        self.of = {kind: Versions() for kind in KINDS}
        options = {"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False, "log_level": 0}
        # By default a client that has much to read would rest for a second.
        self._consumer = Consumer(options | {"fetch.queue.backoff.ms": 1, "fetch.wait.max.ms": 100})
        self._consumer.assign([TopicPartition(kind, 0, 0) for kind in KINDS])

    def wait(self, tape: Tape, within_s: float) -> bool:
        """Until every row of the tape has its last version; False when the time is over first."""
        due = {(kind, row): of["trades"] for kind in KINDS for row, of in tape.rows[kind].items()}
        due = {key: trades for key, trades in due.items() if self.of[key[0]].counts(key[1]) < trades}
        deadline = time.monotonic() + within_s
        while due and time.monotonic() < deadline:
            for key in self._take():
                if self.of[key[0]].counts(key[1]) >= due.get(key, _NEVER):
                    del due[key]
        return not due

    def _take(self) -> list[tuple[str, Row]]:
        """Rows of what has come, waiting for the first record only: a record's time is when it could be had."""
        first = self._consumer.poll(_LOOK_S)
        if first is None:
            return []
        messages, at_ns = [first, *self._consumer.consume(_AT_ONCE, 0)], time.perf_counter_ns()
        for message in messages:
            if message.error():
                raise KafkaException(message.error())
        rows = [(kind, self.of[kind].add(message.value(), at_ns)) for message in messages if (kind := message.topic())]
        return [(kind, row) for kind, row in rows if row]

    def close(self) -> None:
        self._consumer.close()
