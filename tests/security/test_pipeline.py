"""The whole pipeline over the links between hosts: the golden tape, equal to the last digit, and no secret in sight."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from confluent_kafka import Producer

from infra.local import parts, ports, services
from infra.local.java import java_home
from infra.local.services import Run
from infra.local.settings import LocalSettings
from tests.builders import TEN
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack
from tests.e2e.test_golden_tape import TAPE, test_every_reader_sees_the_rows_of_the_tape
from tests.security import canaries
from tests.security.hosts import Hosts, hosts
from tests.waiting import until

__all__ = ["test_every_reader_sees_the_rows_of_the_tape"]  # run here over this module's stack

pytestmark = pytest.mark.stack

KEY = "c0ffee-key-of-the-exchange-c0ffee"


@pytest.fixture(scope="module")
def clock() -> dict[str, str]:
    """One for all services, at the tape's time."""
    return {"CLOCK_OFFSET_S": str(TEN + 30 - int(time.time())), "MARKET_CALENDAR": "always"}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, clock: dict[str, str]) -> Iterator[Hosts]:
    """Hosts whose broker takes records of the tape's day."""
    with hosts(tmp_path_factory.mktemp("apart"), **clock) as up:
        yield up


@pytest.fixture(scope="module")
def stack(apart: Hosts, clock: dict[str, str]) -> Stack:
    """Every service, each with its own user and with its secrets in files."""
    exchange, page = ports.free(), ports.free()
    key = apart.secrets.folder / "fugle-api-key"
    key.write_text(KEY)
    feed = services.simulated_feed(exchange, "", ["2330"]) | {"INGESTOR_FUGLE_API_KEY_FILE": str(key)}
    del feed["INGESTOR_FUGLE_API_KEY"]
    tape = {"SIMULATOR_MODE": "tape", "SIMULATOR_TAPE": str(TAPE), "SIMULATOR_API_KEY_FILE": str(key)}

    def told(**environment: str) -> Run:
        return Run(apart.data, {**clock, "SPARK_TRIGGER": "realtime 10 seconds", **environment})

    cache = LocalSettings().cache_dir
    home, jars = java_home(cache), parts.all_parts(cache).spark_jars
    apart.up(services.simulator(told(**tape), exchange))
    apart.up(services.spark(told(**apart.kafka_environment("spark")), home, jars))
    apart.up(services.api(told(**apart.api_environment()), page, {}))
    apart.up(services.ingestor(told(**apart.kafka_environment("ingestor"), **feed)))
    database = {
        "host": ports.HOST, "port": apart.mysql, "user": "reader", "database": "stock_insights",
        "password": apart.secrets["mysql-reader-password"], "ssl": {"ca": str(apart.secrets.folder / "ca.crt")},
    }  # fmt: skip
    addresses = {"page": f"http://{ports.HOST}:{page}", "exchange": f"http://{ports.HOST}:{exchange}"}
    up = Stack(None, apart.data, addresses | {"database": database})  # type: ignore[arg-type]  # stopped with the hosts
    until(lambda: up.get("/api/v1/status")["feed"]["state"] == "ok", "the feed is connected")
    return up


@pytest.fixture(scope="module")
def screen(stack: Stack) -> Iterator[Screen]:
    with Screen(stack.addresses["page"], ["2330"]) as screen:
        yield screen


def test_a_bar_is_explained_from_its_trades(stack: Stack) -> None:
    """`explain` is the API's one use of `trades`."""
    found = stack.get(f"/api/v1/explain/2330/{TEN}")
    assert found["explained"]
    assert found["trades"]


def test_what_is_no_trade_is_buried_by_spark_and_what_is_no_bar_by_the_api(apart: Hosts, stack: Stack) -> None:
    producer = Producer(apart.kafka_client("admin", message_max_bytes=2_000_000))
    for topic in ("trades", "bars"):
        producer.produce(topic, b"no record" + b"x" * 1_047_000, b"2330")
    assert producer.flush(10) == 0
    consumer = apart.consumer("admin", "letters")
    consumer.subscribe(["dead-letters"])
    sources: set[str] = set()
    deadline = time.monotonic() + 60
    while len(sources) < 2:
        assert time.monotonic() < deadline, f"letters only from {sources}"
        message = consumer.poll(1.0)
        if message is not None and message.error() is None:
            source = dict(message.headers() or ())["source"]
            assert isinstance(source, bytes)
            sources.add(source.decode().partition("/")[0])
    consumer.close()
    assert sources == {"trades", "bars"}


def test_no_secret_is_in_a_log_a_file_an_argument_or_an_environment(apart: Hosts, stack: Stack, screen: Screen) -> None:
    folder = apart.secrets.folder
    secrets = {file.read_text().strip(): file.name for file in folder.glob("*-password")} | {KEY: "fugle-api-key"}
    keys = {(folder / name).read_text().splitlines()[1]: name for name in ("ca.key", "mysql-server.key", "proxy.key")}
    family = psutil.Process(os.getpid()).children(recursive=True)
    assert {"ingestor", "api", "spark_jobs"} <= canaries.arguments(family)
    assert canaries.in_processes(secrets | keys, family) == set()
    assert canaries.in_files(secrets | keys, apart.data, but=folder) == set()
    answered = [httpx.get(stack.addresses["page"] + path, trust_env=False) for path in ("/api/v1/status", "/readyz")]
    assert not [secret for secret in secrets for answer in answered if secret in answer.text]


def test_the_search_for_secrets_finds_one(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "password").write_text("hunter2")
    (tmp_path / "log").write_bytes(b"\xff login hunter2\n")
    assert canaries.in_files({"hunter2": "it"}, tmp_path, but=tmp_path / "kept") == {("it", str(tmp_path / "log"))}
    with psutil.Popen(["sleep", "30"], env=os.environ | {"CANARY_OF_THE_TEST": "hunter2"}) as child:
        until(lambda: child.cmdline() == ["sleep", "30"], "the program runs")
        found = canaries.in_processes({"hunter2": "it"}, [psutil.Process(child.pid)])
        child.kill()
    assert {name for name, _ in found} == {"it"}
