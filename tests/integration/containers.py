"""Kafka and MySQL from their official images, in the place of the native parts.

Their processes have to run on this machine, as they do under a local daemon: tests freeze and kill them.
"""

import asyncio
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import pytest
from docker.models.containers import Container
from testcontainers.community.mysql import MySqlContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from infra.local import kafka as native
from infra.local import ports
from infra.local.account import Database
from tests.waiting import until

KAFKA, MYSQL = "apache/kafka:4.3.1", "mysql:8.4"
_START_S = 120.0
_DATA = "/var/lib/kafka/data"
# As the image does it; one that was built from files that may only be read could not write its configuration.
_RUN = "chmod -f u+w /opt/kafka/config/*; exec /etc/kafka/docker/run"

chosen: ContextVar[bool] = ContextVar("chosen", default=False)
# Every `with` cleans up behind itself; the reaper would be one more image to fetch.
testcontainers_config.ryuk_disabled = True


@contextmanager
def instead() -> Iterator[None]:
    """What is started meanwhile is a container."""
    before = chosen.set(True)
    try:
        yield
    finally:
        chosen.reset(before)


def skip_without() -> None:
    """Skip the test where they cannot be started, with the reason."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    asked = subprocess.run(["docker", "image", "inspect", KAFKA, MYSQL], capture_output=True, check=False, timeout=60)
    if asked.returncode != 0:
        pytest.skip(f"no Docker daemon answers that has the images {KAFKA} and {MYSQL}")


@contextmanager
def kafka(data: Path, port: int) -> Iterator[tuple[str, int]]:
    """A broker whose topics survive it under `data`: where it listens, and its process."""
    skip_without()
    port = port or ports.free()
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o777)  # the image's own user writes there
    box = DockerContainer(KAFKA).with_bind_ports(9092, port).with_volume_mapping(data, _DATA, "rw")
    with _running(box.with_envs(**_properties(port)).with_command(["bash", "-c", _RUN])) as inside:
        until(lambda: asyncio.run(native._answers(port)) or _lives(inside), "the broker answers", _START_S)
        yield f"{ports.HOST}:{port}", inside.attrs["State"]["Pid"]


@contextmanager
def mysql() -> Iterator[tuple[dict[str, str], int]]:
    """A database: API_MYSQL_*, and its process."""
    skip_without()
    account = Database(ports.free(), secrets.token_urlsafe(24))
    box = MySqlContainer(MYSQL, username=account.user, password=account.password, dbname=account.database)
    box.with_bind_ports(box.port, account.port)
    with _running(box.with_command("--character-set-server=utf8mb4 --collation-server=utf8mb4_bin")) as inside:
        yield account.environment(), inside.attrs["State"]["Pid"]


@contextmanager
def _running(box: DockerContainer) -> Iterator[Container]:
    with box:
        inside = box.get_wrapped_container()
        inside.reload()
        yield inside


def _lives(inside: Container) -> bool:
    """False, as it has not answered yet; a container that has ended is shown with its last words."""
    inside.reload()
    assert inside.status == "running", inside.logs(tail=20).decode()
    return False


def _properties(port: int) -> dict[str, str]:
    """Those of the native broker; one by environment switches off all that the image has by itself."""
    return {
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_NODE_ID": "1",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{ports.HOST}:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_LOG_DIRS": f"{_DATA}/topics",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_HEAP_OPTS": "-Xms128m -Xmx384m",
    }
