"""Hosts B and C on this machine, their links as between hosts, and the project's own commands run against them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient

from infra import acls
from infra.local import ports
from infra.local.process import Child
from infra.local.service import Service, running
from infra.secrets.__main__ import main as make_secrets
from market.settings import KafkaSettings
from tests.security import broker, database
from tests.security.broker import Secrets


@dataclass(frozen=True)
class Hosts:
    """What runs, where it listens, and how each user gets in."""

    data: Path
    secrets: Secrets
    kafka: int
    mysql: int
    runner: asyncio.Runner
    stack: AsyncExitStack
    admins: dict[str, AdminClient] = field(default_factory=dict)

    def up(self, service: Service) -> Child:
        """Start it, until the hosts end."""
        return self.runner.run(self.stack.enter_async_context(running(service)))

    def kafka_client(self, user: str, **options: Any) -> dict[str, Any]:
        """librdkafka's configuration for a user."""
        ca = self.secrets.folder / "ca.crt"
        settings = KafkaSettings(
            bootstrap=f"{ports.HOST}:{self.kafka}",
            security_protocol="SASL_SSL",
            security_ca=ca,
            security_user=user,
            security_password=self.secrets[f"kafka-{user}-password"],
        )
        return settings.client(**options) | {"log_level": 0}

    def admin(self, user: str = "admin") -> AdminClient:
        """One for each user, kept: an answer does not come any more to a client that is gone."""
        return self.admins.setdefault(user, AdminClient(self.kafka_client(user)))

    def consumer(self, user: str, group: str) -> Consumer:
        options = {"group_id": group, "enable_auto_commit": False, "auto_offset_reset": "earliest"}
        return Consumer(self.kafka_client(user, **options))

    def kafka_environment(self, user: str) -> dict[str, str]:
        return self.secrets.client(user, self.kafka)

    def mysql_environment(self, user: str) -> dict[str, str]:
        """API_MYSQL_* for one user, its password in the file."""
        folder = self.secrets.folder
        return {
            "API_MYSQL_HOST": ports.HOST,
            "API_MYSQL_PORT": str(self.mysql),
            "API_MYSQL_USER": user,
            "API_MYSQL_PASSWORD_FILE": str(folder / f"mysql-{user}-password"),
            "API_MYSQL_DATABASE": "stock_insights",
            "API_MYSQL_SSL_CA": str(folder / "ca.crt"),
        }

    def api_environment(self) -> dict[str, str]:
        """Both links of the API: it stores as one user and reads as another."""
        reader = {
            "API_MYSQL_READER_USER": "reader",
            "API_MYSQL_READER_PASSWORD_FILE": str(self.secrets.folder / "mysql-reader-password"),
        }
        return {**self.kafka_environment("api"), **self.mysql_environment("writer"), **reader}

    def links_environment(self) -> dict[str, str]:
        users = {
            f"USERS_{user.upper()}_FILE": str(self.secrets.folder / f"kafka-{user}-password") for user in acls.USERS
        }
        return {**self.kafka_environment("admin"), **users}


def run(module: str, environment: Mapping[str, str], within_s: float = 60) -> subprocess.CompletedProcess[str]:
    """`python -m module` to its end, with nothing in its environment but this."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    command = [sys.executable, "-m", module]
    return subprocess.run(
        command, env={**clean, **environment}, capture_output=True, text=True, timeout=within_s, check=False
    )


@contextmanager
def hosts(data: Path, **links: str) -> Iterator[Hosts]:
    """Broker and database up, with users, topics, rules and tables. `links`: more environment for `infra.links`."""
    folder = data / "secrets"
    assert make_secrets(["--out", str(folder)]) == 0
    for part in ("kafka", "database"):
        (data / part).mkdir()
    with asyncio.Runner() as runner:
        up = Hosts(data, Secrets(folder), ports.free(), ports.free(), runner, AsyncExitStack())
        try:
            up.up(runner.run(broker.service(data / "kafka", up.kafka, up.secrets)))
            up.up(runner.run(database.service(data / "database", up.mysql, up.secrets)))
            for module, environment in (
                ("infra.links", up.links_environment() | links),
                ("infra.migrate", up.mysql_environment("migrate")),
            ):
                done = run(module, environment)
                assert done.returncode == 0, done.stderr
            yield up
        finally:
            runner.run(up.stack.aclose())
