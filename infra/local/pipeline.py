"""The pipeline composed: which service is told what, and what is started after what."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient

from infra import migrate, topics
from infra.local import aot, database, kafka, ports, services, steps
from infra.local.account import Database
from infra.local.exchanges import Exchange
from infra.local.java import java_home
from infra.local.parts import Parts
from infra.local.service import Service
from infra.local.supervisor import Supervisor
from infra.migrations.files import read
from market.settings import MarketSettings, load


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the data folder, the cache, the page's port, and the exchange (None: the one in the environment)."""

    data: Path
    cache: Path
    page_port: int
    parts: Parts
    exchange: Exchange | None


# Stopped from the end: whoever writes before whoever keeps.
ORDER = ("kafka", "database", "api", "api.storage", "spark_jobs", "simulator", "ingestor")


class Pipeline:
    """Builds the services of a plan and brings them up under a supervisor, as early as each can start."""

    def __init__(self, plan: Plan, supervisor: Supervisor) -> None:
        self._plan = plan
        self._supervisor = supervisor
        self._kafka_port, self._database_port, self._exchange_port = ports.free(), ports.free(), ports.free()
        self._run = services.Run(plan.data, self._environment())
        self._database: Database | None = None

    def _environment(self) -> dict[str, str]:
        common = {"KAFKA_BOOTSTRAP": f"{ports.HOST}:{self._kafka_port}", "API_HOST": ports.HOST}
        return {**common, **(self._plan.exchange.environment(self._exchange_port) if self._plan.exchange else {})}

    def steps(self) -> list[steps.Step]:
        """All that is to be done. Spark's JVM takes longest to start, and waits for the topics by itself."""
        exchange = [steps.Step("exchange", self._exchange)] if self._plan.exchange else []
        return [
            steps.Step("kafka", self._kafka),
            steps.Step("database", self._mariadb),
            *exchange,
            steps.Step("topics", self._topics, after=("kafka",)),
            steps.Step("migrations", self._migrations, after=("database",)),
            steps.Step("spark", self._spark),
            steps.Step("api", self._api, after=("topics", "migrations")),
            steps.Step("storage", self._storage, after=("spark", "api")),
            steps.Step("ingestor", self._ingestor, after=("topics", *(step.name for step in exchange))),
            steps.Step("all", self._begin, after=("spark", "api", "ingestor")),
        ]

    async def _kafka(self) -> None:
        await self._up(await kafka.service(self._plan.data / "kafka", self._kafka_port, self._plan.cache))

    async def _mariadb(self) -> None:
        folder, cache = self._plan.data / "database", self._plan.cache
        service, self._database = await database.service(folder, self._database_port, cache)
        await self._up(service)

    async def _exchange(self) -> None:
        assert self._plan.exchange is not None  # noqa: S101 - else there is no such step
        await self._up(self._plan.exchange.service(self._run, self._exchange_port))

    async def _topics(self) -> None:
        admin = AdminClient({"bootstrap.servers": f"{ports.HOST}:{self._kafka_port}", "log_level": 0})
        exchange = self._plan.exchange
        ahead_s = exchange.ahead_s() if exchange else load(MarketSettings).clock_offset_s
        await asyncio.to_thread(topics.ensure, admin, topics.TopicSettings(), ahead_s)

    async def _migrations(self) -> None:
        await migrate.migrate(migrate.DatabaseSettings(**self._reached().settings()), read())

    async def _spark(self) -> None:
        home = java_home(self._plan.cache, aot.spark(self._plan.cache).use())
        await self._up(services.spark(self._run, home, self._plan.parts.spark_jars))

    async def _api(self) -> None:
        await self._up(services.api(self._run, self._plan.page_port, self._reached().environment()))

    async def _storage(self) -> None:
        await self._up(services.storage(self._run, self._reached().environment()))

    async def _ingestor(self) -> None:
        await self._up(services.ingestor(self._run))

    async def _begin(self) -> None:
        if self._plan.exchange:
            await self._plan.exchange.begin(self._exchange_port)

    def write_addresses(self) -> None:
        """`run.json` in the data folder, for tools and tests: where the run's parts listen, readable by its owner."""
        exchange = f"http://{ports.HOST}:{self._exchange_port}" if self._plan.exchange else None
        page = f"http://{ports.HOST}:{self._plan.page_port}"
        addresses = {"page": page, "kafka": self._run.environment["KAFKA_BOOTSTRAP"], "exchange": exchange}
        file = self._plan.data / "run.json"
        file.touch(0o600)
        file.write_text(json.dumps(addresses | {"database": self._reached().settings()}), "utf-8")

    def _reached(self) -> Database:
        assert self._database is not None  # noqa: S101 - its step comes first
        return self._database

    async def _up(self, service: Service) -> None:
        await self._supervisor.start(service)
