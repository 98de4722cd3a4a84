"""A real broker with the contract's topics, and all that stands in one of them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from infra.topics import TopicSettings, ensure
from market.topics import Topic
from tests.integration import containers

_READ_S = 10.0


@dataclass(frozen=True)
class Broker:
    """Where it listens, and its process."""

    bootstrap: str
    pid: int

    def records(self, topic: Topic, first: int = 0) -> list[Message]:
        """What the topic holds from offset `first` until now."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "test", "enable.auto.commit": False})
        _, end = consumer.get_watermark_offsets(TopicPartition(topic.name, 0), timeout=_READ_S)
        consumer.assign([TopicPartition(topic.name, 0, first)])
        found: list[Message] = []
        while len(found) < end - first:
            batch = consumer.consume(end - first - len(found), _READ_S)
            assert batch, f"{topic.name}: {len(found)} of {end - first} records within {_READ_S} s"
            found += batch
        consumer.close()
        return found


@contextmanager
def broker(data: Path, clock_offset_s: float = 0.0, port: int = 0) -> Iterator[Broker]:
    """A broker that takes records stamped by a clock as far ahead as said."""
    with containers.kafka(data, port) if containers.chosen.get() else _native(data, port) as (bootstrap, pid):
        ensure(AdminClient({"bootstrap.servers": bootstrap}), TopicSettings(), clock_offset_s)
        yield Broker(bootstrap, pid)


@contextmanager
def _native(data: Path, port: int) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "infra.local", "kafka", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            yield f"{ready['host']}:{ready['port']}", ready["pid"]
        finally:
            process.terminate()
            process.wait(30)
