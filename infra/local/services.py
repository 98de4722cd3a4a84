"""The project's own processes as services: the environment each is given and the question that tells it is ready."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.local import ports
from infra.local.process import Command
from infra.local.service import Service

_ASK_S = 2.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the pipeline: where it keeps things, and what every one of its services is told."""

    data: Path
    environment: Mapping[str, str]

    def python(self, module: str, **environment: str) -> Command:
        """`python -m module`, its log in the run's folder."""
        argv = (sys.executable, "-m", module)
        return Command(module, argv, self.data / "logs" / f"{module}.log", {**self.environment, **environment})


def simulator(run: Run, port: int, start_s: float = 60) -> Service:
    """The simulated exchange; its ledger lets it go on with the day where an earlier run stopped."""
    ledger = run.data / "exchange.ndjson"
    command = run.python("simulator", SIMULATOR_PORT=str(port), SIMULATOR_LEDGER=str(ledger))
    return Service(command, lambda: _ok(port, "/healthz"), "200 from its /healthz", start_s)


def spark(run: Run, java_home: Path, jars: str) -> Service:
    """Both streaming queries in one application; it says by a file that they run."""
    ready = run.data / "spark.ready"
    command = run.python(
        "spark_jobs",
        JAVA_HOME=str(java_home),
        SPARK_JARS=jars,
        SPARK_CHECKPOINTS=str(run.data / "checkpoints"),
        SPARK_READY_FILE=str(ready),
        SPARK_LOCAL_DIRS=str(run.data / "spark"),
    )
    return Service(command, _appears(ready), "both queries running", 120, before=lambda: ready.unlink(missing_ok=True))


def api(run: Run, port: int, database: Mapping[str, str]) -> Service:
    """History, live rows and the page."""
    command = run.python("api", API_PORT=str(port), **database)
    return Service(command, lambda: _ok(port, "/readyz"), "200 from its /readyz", 60)


def storage(run: Run, database: Mapping[str, str]) -> Service:
    """Looks after the days of the big tables, hourly; nobody waits for it."""
    return Service(run.python("api.storage", STORAGE_EVERY_S="3600", **database), _at_once, "its start", 10)


def ingestor(run: Run) -> Service:
    """The feed's reader. It is up when it runs: whether the exchange lets it in is the page's to show."""
    return Service(run.python("ingestor"), _at_once, "its start", 10)


def simulated_feed(port: int, key: str, symbols: list[str]) -> dict[str, str]:
    """INGESTOR_*: the simulated exchange in the real one's place."""
    base = f"{ports.HOST}:{port}/marketdata/v1.0/stock"
    return {
        "INGESTOR_FUGLE_WS_URL": f"ws://{base}/streaming",
        "INGESTOR_FUGLE_REST_URL": f"http://{base}",
        "INGESTOR_FUGLE_API_KEY": key,
        "INGESTOR_SYMBOLS": ",".join(symbols),
        "INGESTOR_PLAN": "advanced",
    }


async def _ok(port: int, path: str) -> bool:
    async with httpx.AsyncClient(base_url=f"http://{ports.HOST}:{port}", timeout=_ASK_S, trust_env=False) as client:
        try:
            return (await client.get(path)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def _appears(file: Path) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        return await asyncio.to_thread(file.exists)

    return there


async def _at_once() -> bool:
    return True
