"""A standalone cluster on this machine: a master and workers as processes, as an operator starts them on many."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyspark

from infra.local import ports
from infra.local.java import java_home
from infra.local.process import Command
from infra.local.service import Service
from infra.local.settings import ROOT, LocalSettings

SPARK_HOME = Path(pyspark.__file__).parent
SHIPPED = ROOT / "infra" / "spark-defaults.conf"
_START_S = 60.0


@dataclass(frozen=True)
class Cluster:
    """Where its processes keep things, what they and the driver are told, and the master's port."""

    data: Path
    environment: Mapping[str, str]
    port: int

    @property
    def address(self) -> str:
        return f"spark://{ports.HOST}:{self.port}"

    def master(self) -> Service:
        told = ("--host", ports.HOST, "--port", str(self.port), "--webui-port", str(ports.free()))
        return self._daemon("master", "master.Master", told, "I have been elected leader")

    def worker(self, name: str, slots: int) -> Service:
        """Its slots are threads, however many processors the machine has."""
        room = ("--cores", str(slots), "--memory", "2g", "--work-dir", str(self.data / name))
        told = ("--host", ports.HOST, "--webui-port", str(ports.free()), *room, self.address)
        return self._daemon(name, "worker.Worker", told, "Successfully registered with master")

    def tasks(self, worker: str) -> int:
        """How many a worker has begun, as its executors' logs say."""
        logs = (self.data / worker).glob("app-*/*/stderr*")
        return sum(log.read_text("utf-8").count("Running task") for log in logs)

    def _daemon(self, name: str, kind: str, told: tuple[str, ...], ready: str) -> Service:
        own = {"SPARK_LOCAL_DIRS": str(self.data / f"{name}-scratch"), "SPARK_DAEMON_MEMORY": "256m"}
        argv = (str(SPARK_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *told)
        command = Command(name, argv, self.data / f"{name}.log", {**self.environment, **own})
        return Service(command, _says(command.log, ready), f"“{ready}”", _START_S)


def cluster(data: Path) -> Cluster:
    """One whose secret is known; nothing of it runs yet."""
    folder = data / "conf"
    folder.mkdir(parents=True)
    secret = f"spark.authenticate.secret {secrets.token_urlsafe()}\n"
    (folder / "spark-defaults.conf").write_text(SHIPPED.read_text("utf-8") + secret)
    environment = {
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_IP": ports.HOST,
        "JAVA_HOME": str(java_home(LocalSettings().cache_dir)),
    }
    return Cluster(data, environment, ports.free())


def _says(log: Path, text: str) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return text in await asyncio.to_thread(log.read_text, "utf-8")

    return said
