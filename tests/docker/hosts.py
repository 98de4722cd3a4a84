"""The three hosts and the exchange: four compose projects, each on a network of its own, joined by published ports."""

import json
import os
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pymysql

from infra.local import ports
from infra.secrets.__main__ import prepare
from infra.secrets.items import Hosts as Names
from tests.builders import TEN, golden_tape
from tests.docker.compose import ROOT, Project, gateway
from tests.docker.containers import run
from tests.e2e.exact import exact_json
from tests.waiting import until

KEY = "canary-of-the-exchange"
SYMBOL = "2330"
REPLICAS = 2  # of the API


@dataclass(frozen=True)
class Ports:
    """Published ports on this machine."""

    kafka: int
    exchange: int
    page: int


@dataclass(frozen=True)
class Hosts:
    """Running hosts, as a reader outside sees them."""

    a: Project
    b: Project
    c: Project
    exchange: Project
    ports: Ports
    folder: Path

    @property
    def projects(self) -> tuple[Project, ...]:
        return (self.exchange, self.b, self.c, self.a)

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def page(self) -> str:
        """The page's address with its login."""
        return f"https://viewer:{(self.secrets / 'page-login-password').read_text()}@127.0.0.1:{self.ports.page}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.secrets / "ca.crt")

    def get(self, path: str, **query: Any) -> Any:
        """JSON of an API route through the proxy, numbers exact; waits while the proxy finds us too eager."""
        answer = until(lambda: self._asked(path, query), f"{path} is let through", 10)
        return told(answer)

    def _asked(self, path: str, query: dict[str, Any]) -> httpx.Response | None:
        answer = httpx.get(self.page + path, params=query, verify=self.trust, timeout=30, trust_env=False)
        return None if answer.status_code == httpx.codes.TOO_MANY_REQUESTS else answer

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, as the user who may only read, without the trading day."""
        database = self.c.running()["mysql"]
        password = (self.secrets / "mysql-reader-password").read_text()
        trust = self.trust
        trust.check_hostname = False  # it is reached by its address, which no certificate can know
        login = {"host": database.address, "user": "reader", "password": password, "database": "stock_insights"}
        connection = pymysql.connect(**login, ssl=trust, cursorclass=pymysql.cursors.DictCursor)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name from the test
            return [{name: value for name, value in row.items() if name != "trading_day"} for row in cursor.fetchall()]

    def play(self) -> dict[str, Any]:
        """The exchange sends the tape's next step."""
        address = f"http://{gateway()}:{self.ports.exchange}/control/next"
        sent: dict[str, Any] = httpx.get(address, timeout=30, trust_env=False).json()
        assert sent["step"] is not None, "the tape is at its end"
        return sent

    @property
    def ledger(self) -> Path:
        """Everything that the exchange printed until now."""
        exchange = self.exchange.running()["simulator"].identity
        file = self.folder / "ledger.ndjson"
        file.write_text(run("docker", "exec", exchange, "cat", "/var/lib/exchange/ledger.ndjson"), "utf-8")
        return file


def told(answer: httpx.Response) -> Any:
    """The JSON of an answer, numbers exact; fails with what went wrong instead."""
    assert answer.status_code == httpx.codes.OK, f"{answer.url.path}: {answer.status_code} {answer.text[:500]}"
    return exact_json(answer.content)


@contextmanager
def three_hosts(folder: Path, further: int) -> Iterator[Hosts]:
    """Up and connected, with the golden tape and `further` steps of one trade each; nothing is left afterwards.

    All start at once, so each waits for the others.
    """
    hosts = _planned(folder, further)
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Project.up, hosts.projects))
        until(lambda: hosts.get("/api/v1/status")["feed"]["state"] == "ok", "the feed is connected", 60)
        yield hosts
    finally:
        for project in reversed(hosts.projects):
            project.down()


def _planned(folder: Path, further: int) -> Hosts:
    secrets, tape, here = folder / "secrets", folder / "tape.json", gateway()
    list(prepare(secrets, Names(b=(here,), c=(here,)), frozenset(), datetime.now(UTC)))
    (secrets / "fugle-api-key").write_text(KEY)
    (secrets / "fugle-api-key").chmod(0o444)
    tape.write_text(json.dumps({"steps": [*_golden(), *_further(further)]}))
    found = Ports(ports.free(), ports.free(), ports.free())
    environment = {
        "SECRETS_DIR": str(secrets),
        "CLOCK_OFFSET_S": str(TEN + 30 - int(datetime.now(UTC).timestamp())),
        "MARKET_CALENDAR": "always",
        "SIMULATOR_BIND": here,
        "SIMULATOR_PORT": str(found.exchange),
        "TAPE": str(tape),
        "INGESTOR_FUGLE_WS_URL": f"ws://{here}:{found.exchange}/marketdata/v1.0/stock/streaming",
        "INGESTOR_FUGLE_REST_URL": f"http://{here}:{found.exchange}/marketdata/v1.0/stock",
        "INGESTOR_SYMBOLS": SYMBOL,
        "KAFKA_ADVERTISED_HOST": here,
        "KAFKA_BIND": here,
        "KAFKA_PORT": str(found.kafka),
        "KAFKA_BOOTSTRAP": f"{here}:{found.kafka}",
        "SPARK_TRIGGER": "realtime 10 seconds",
        "PAGE_BIND": "127.0.0.1",
        "PAGE_PORT": str(found.page),
        "API_REPLICAS": str(REPLICAS),
        "API_ALLOWED_ORIGINS": f"https://127.0.0.1:{found.page}",
    }
    of = {name: Project(f"test-{name}-{os.getpid()}", files, environment) for name, files in _FILES.items()}
    return Hosts(of["a"], of["b"], of["c"], of["exchange"], found, folder)


_FILES = {
    "a": ("docker-compose.ec2-a.yml",),
    "b": ("docker-compose.ec2-b.yml",),
    "c": ("docker-compose.ec2-c.yml",),
    "exchange": ("docker/exchange.yml", "tests/docker/tape.yml"),
}


def _golden() -> list[dict[str, Any]]:
    tape = json.loads((ROOT / "tests" / "golden-tape.json").read_text("utf-8"))
    return [{"name": step["name"], "send": step["send"]} for step in tape["steps"]]


def _further(count: int) -> Iterator[dict[str, Any]]:
    """Steps of one trade each, two seconds apart; the running total goes on from the tape's."""
    last, volume = golden_tape()[0]["send"][-1], 1_025
    for number in range(count):
        volume += number + 1
        at_us = (TEN + 30 + 2 * number) * 1_000_000 + 250_000
        own = {"time": at_us, "serial": 2_000 + number, "size": number + 1, "volume": volume}
        trade = {**last, **own, "price": 1085 + number / 2, "bid": 1084, "ask": 1100}
        yield {"name": f"one more, {number + 1}", "send": [trade]}
