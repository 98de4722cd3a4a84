"""A Kafka broker of our own: one process in both roles, its data in one folder that survives it."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.local import aot, parts, ports
from infra.local.java import java
from infra.local.process import Command
from infra.local.service import Service, running
from infra.local.settings import LocalSettings, absolute
from infra.local.waiting import finish, port_open

_START_S = 90.0
_LOGGING = Path(__file__).with_name("kafka-log4j2.properties")
_JVM = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-Xlog:disable",
    f"-Dlog4j2.configurationFile={_LOGGING}",
)
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={topics}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.segment.bytes=134217728
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker ready for clients."""

    host: str
    port: int
    pid: int

    @property
    def bootstrap(self) -> str:
        return f"{self.host}:{self.port}"


@asynccontextmanager
async def broker(data: Path, port: int = 0, cache: Path | None = None) -> AsyncIterator[Broker]:
    """A broker on `port` (0: a free one) with its data under `data`, stopped at the end."""
    port = ports.take(port, "Kafka")
    async with running(await service(absolute(data), port, cache or LocalSettings().cache_dir)) as child:
        yield Broker(ports.HOST, port, child.pid)


async def service(data: Path, port: int, cache: Path, *, train: bool = False) -> Service:
    """The broker as a service: its configuration written, its folder formatted the first time."""
    cached = aot.kafka(cache)
    (libraries,) = await asyncio.to_thread(parts.ensure, ["kafka"], cache)
    topics, properties = data / "topics", data / "server.properties"
    _configure(topics, properties, port)
    jvm = (str(java()), *_JVM, "-cp", f"{libraries}/*")
    if not (topics / "meta.properties").exists():
        # 16 bytes in base64, as Kafka wants it; of hex digits, as one that begins with "-" is taken for an option.
        cluster = base64.urlsafe_b64encode(secrets.token_hex(8).encode()).decode().rstrip("=")
        arguments = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties))
        await finish(Command("kafka-format", (*jvm, *arguments), data / "format.log"), _START_S)
    argv = (*jvm, *(cached.make() if train else cached.use()), "kafka.Kafka", str(properties))
    command = Command("kafka", argv, data / "kafka.log", stop_s=60 if train else 20)
    return Service(command, lambda: _answers(port), "an answer to a metadata request", _START_S)


def _configure(topics: Path, properties: Path, port: int) -> None:
    topics.mkdir(parents=True, exist_ok=True)
    text = _PROPERTIES.format(host=ports.HOST, port=port, controller=ports.free(), topics=topics)
    properties.write_text(text, "utf-8")


async def _answers(port: int) -> bool:
    """A broker that accepts connections may still be fenced by its controller: only metadata tells."""
    if not await port_open(ports.HOST, port):
        return False
    admin = AdminClient({"bootstrap.servers": f"{ports.HOST}:{port}", "log_level": 0, "reconnect.backoff.ms": 20})
    try:
        metadata = await asyncio.to_thread(admin.list_topics, timeout=5.0)
    except KafkaException:
        return False
    return bool(metadata.brokers)
