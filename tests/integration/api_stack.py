"""A real broker, a real database and the API as a process, for the API's tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pymysql
from confluent_kafka import Producer

from market.messages import encode
from market.topics import FEED
from tests.api_builders import a_raw
from tests.integration import containers
from tests.integration.ingestor_broker import Broker, broker
from tests.waiting import until

_START_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Database:
    """How to reach it, as the settings want it; its process."""

    environment: dict[str, str] = field(repr=False)
    pid: int

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The server stands still meanwhile: connections hang, nothing answers."""
        server = psutil.Process(self.pid)
        server.suspend()
        try:
            until(lambda: server.status() == psutil.STATUS_STOPPED, "the database stands still")
            yield
        finally:
            server.resume()

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        found = self.connect()
        try:
            with found.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall())
        finally:
            found.close()

    def connect(self) -> Any:
        given = self.environment
        return pymysql.connect(
            host=given["API_MYSQL_HOST"],
            port=int(given["API_MYSQL_PORT"]),
            user=given["API_MYSQL_USER"],
            password=given["API_MYSQL_PASSWORD"],
            database=given["API_MYSQL_DATABASE"],
            autocommit=True,
        )

    def clear(self) -> None:
        for table in ("bars", "averages", "gaps", "consumer_offsets", "days", "minutes", "sessions"):
            self.query(f"TRUNCATE TABLE {table}")


@contextmanager
def database(data: Path) -> Iterator[Database]:
    """A database with the tables in it."""
    with containers.mysql() if containers.chosen.get() else _native(data) as (environment, pid):
        subprocess.run([sys.executable, "-m", "infra.migrate"], env=os.environ | environment, check=True, timeout=60)
        yield Database(environment, pid)


@contextmanager
def _native(data: Path) -> Iterator[tuple[dict[str, str], int]]:
    command = [sys.executable, "-m", "infra.local", "database", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            (server,) = psutil.Process(process.pid).children()
            yield {f"API_MYSQL_{name.upper()}": str(value) for name, value in ready.items()}, server.pid
        finally:
            process.terminate()
            process.wait(30)


@dataclass
class Api:
    """One API process: started, killed, stopped."""

    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Api":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api"],
                env={**os.environ, **self.environment, "API_PORT": str(self.port)},
                stderr=log,
            )
        until(self.is_ready, f"the API is ready (log: {self.log})", _START_S)
        return self

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2_000:]
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def get(self, path: str) -> Any:
        answer = httpx.get(f"{self.url}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(10)


@dataclass
class Stack:
    """What the API stands on."""

    broker: Broker
    database: Database
    folder: Path
    clock_offset_s: int  # the market's clock, before the machine's
    producer: Producer = field(init=False)

    def __post_init__(self) -> None:
        self.producer = Producer({"bootstrap.servers": self.broker.bootstrap, "acks": "all", "linger.ms": 0})

    def send(self, *records: Any) -> None:
        for record in records:
            raw = a_raw(record)
            self.put(raw.topic, raw.key, encode(record))
        assert self.producer.flush(10) == 0

    def put(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        # Their writers stamp rows by the machine's clock, what they say of the feed by the market's.
        ahead_s = self.clock_offset_s if topic == FEED.name else 0
        self.producer.produce(topic, value, key, timestamp=int((time.time() + ahead_s) * 1_000))
        self.producer.poll(0)

    @contextmanager
    def frozen_broker(self) -> Iterator[None]:
        """The broker stands still meanwhile."""
        server = psutil.Process(self.broker.pid)
        server.suspend()
        try:
            yield
        finally:
            server.resume()

    @contextmanager
    def api(self, **settings: str) -> Iterator[Api]:
        environment = {
            **self.database.environment,
            "KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "MARKET_CALENDAR": "always",
            "CLOCK_OFFSET_S": str(self.clock_offset_s),
            **settings,
        }
        api = Api(environment, self.folder / "api.log")
        try:
            yield api.start()
        finally:
            if api.process is not None and api.process.poll() is None:
                api.end()


@contextmanager
def stack(folder: Path, now_s: int) -> Iterator[Stack]:
    """A broker and a database, and the second that the market's clock shows as they start."""
    offset_s = now_s - int(time.time())
    with broker(folder / "kafka", offset_s) as kafka, database(folder / "database") as tables:
        yield Stack(kafka, tables, folder, offset_s)
