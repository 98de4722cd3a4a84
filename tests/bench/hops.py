"""What the path cannot do without: records over two Kafka hops (acks=all) and one socket, with nothing computed.

`python -m tests.bench.hops BOOTSTRAP SOURCE TARGET` hands on the records of one topic to another; with a port as the
target it hands them to whoever listens there. Our trades and bars take as many hops from the exchange to the browser.
"""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # which it documents

from market.settings import KafkaSettings

TOPICS = ("bench-trades", "bench-bars")
SIZE = 320  # bytes of a record, as a bar or a trade has
_PROMPT = {"socket_nagle_disable": True, "fetch_wait_max_ms": 100, "enable_auto_commit": False}
_LATE_S = 20.0


def producer(bootstrap: str) -> Producer:
    return Producer(KafkaSettings(bootstrap=bootstrap).client(acks="all", linger_ms=0, socket_nagle_disable=True))


def relay(bootstrap: str, source: str, target: str) -> None:
    consumer = Consumer(KafkaSettings(bootstrap=bootstrap).client(group_id="bench", **_PROMPT))
    consumer.assign([TopicPartition(source, 0, OFFSET_BEGINNING)])
    hand_on = _to_socket(int(target)) if target.isdecimal() else _to_topic(bootstrap, target)
    while True:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            hand_on(message.value() or b"")


def _to_socket(port: int) -> Callable[[bytes], object]:
    wire = socket.create_connection(("127.0.0.1", port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire.sendall


def _to_topic(bootstrap: str, topic: str) -> Callable[[bytes], object]:
    out = producer(bootstrap)

    def produce(value: bytes) -> None:
        out.produce(topic, value)
        out.poll(0)

    return produce


@dataclass
class Hops:
    """Both ends of the chain: what goes into the first topic and comes out of the socket."""

    wire: socket.socket
    out: Producer

    def measured(self, rate: float, seconds: float) -> list[float]:
        """How late, in ms, each record came that was sent in `seconds` at an even rate."""
        count, found = int(rate * seconds), list[float]()
        sender = threading.Thread(target=self._send, args=(rate, count), daemon=True)
        sender.start()
        rest = b""
        while len(found) < count:
            chunk = self.wire.recv(65_536)
            now_us = time.time_ns() // 1_000
            assert chunk, "a relay ended"
            rest += chunk
            whole = len(rest) // SIZE
            found += [(now_us - int(rest[at * SIZE : at * SIZE + 20])) / 1_000 for at in range(whole)]
            rest = rest[whole * SIZE :]
        sender.join()
        return found

    def _send(self, rate: float, count: int) -> None:
        due_s = time.monotonic()
        for _ in range(count):
            self.out.produce(TOPICS[0], f"{time.time_ns() // 1_000:020}".encode().ljust(SIZE))
            self.out.poll(0)
            due_s += 1 / rate
            if (early_s := due_s - time.monotonic()) > 0:
                time.sleep(early_s)


@contextmanager
def hops(bootstrap: str) -> Iterator[Hops]:
    """The chain on a broker that is there, its two relays running."""
    admin = AdminClient({"bootstrap.servers": bootstrap})  # kept by a name: gone, it would take its answers with it
    for each in admin.create_topics([NewTopic(name, 1, 1) for name in TOPICS]).values():
        each.result(_LATE_S)
    with contextlib.ExitStack() as ends:
        listener = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.settimeout(_LATE_S)
        for source, target in ((TOPICS[0], TOPICS[1]), (TOPICS[1], str(listener.getsockname()[1]))):
            command = [sys.executable, "-m", "tests.bench.hops", bootstrap, source, target]
            ends.callback(subprocess.Popen(command).terminate)
        wire, _ = listener.accept()
        ends.callback(wire.close)
        wire.settimeout(_LATE_S)
        chain = Hops(wire, producer(bootstrap))
        chain.measured(100, 1)  # the relays are there, and warm
        yield chain


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        relay(*sys.argv[1:])
