"""What is measured: this project's own application as it runs, and what people would pick instead."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local import services
from infra.local.process import Command
from infra.local.service import Service
from tests.bench import spark
from tests.bench.engines import connector, environments
from tests.bench.result import OURS

_HERE = Path(__file__).parent
_STOP_S = 10.0


@dataclass(frozen=True)
class Subject:
    """`key` names it on the command line, `name` in the report; `service(folder, bootstrap)` is how it is started."""

    key: str
    name: str
    service: Callable[[Path, str], Service]
    prepare: Callable[[], object] = lambda: None  # installs it; InstallError or PartError where that cannot be


def _ours(folder: Path, bootstrap: str) -> Service:
    """`python -m spark_jobs`, its trigger, memory and Java as in every local run."""
    return spark.application(services.Run(folder, {"KAFKA_BOOTSTRAP": bootstrap}))


def _micro_batch(folder: Path, bootstrap: str) -> Service:
    """The same queries on the same Spark, by the trigger that it has had for ten years."""
    own = {"JAVA_HOME": str(spark.java()), "SPARK_JARS": spark.jars(), "SPARK_LOCAL_DIRS": str(folder / "spark")}
    return _program("microbatch", Path(sys.executable), folder, own | {"KAFKA_BOOTSTRAP": bootstrap})


def _foreign(key: str) -> Callable[[Path, str], Service]:
    return lambda folder, bootstrap: _program(key, environments.python(key), folder, {"KAFKA_BOOTSTRAP": bootstrap})


def _program(key: str, python: Path, folder: Path, own: dict[str, str]) -> Service:
    state = folder / "state"
    state.mkdir(parents=True, exist_ok=True)
    search = os.pathsep.join([str(_HERE), *((str(_HERE.parents[2]),) if key == "microbatch" else ())])
    environment = {
        "STATE_DIR": str(state),
        "PYTHONPATH": search,
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
    }
    argv = (str(python), str(_HERE / key / "program.py"))
    command = Command(key, argv, folder / "engine.log", environment | own, stop_s=_STOP_S)
    return Service(command, _started, "its start")


def _flink(folder: Path, bootstrap: str) -> Service:
    own = {"KAFKA_BOOTSTRAP": bootstrap, "FLINK_CONNECTOR": str(connector.jar())}
    return _program("pyflink", environments.python("pyflink"), folder, own)


async def _started() -> bool:
    """Nobody asks it: the first row that comes of a trade tells that it works."""
    return True


def _foreigner(key: str, name: str) -> Subject:
    return Subject(key, name, _foreign(key), lambda: environments.python(key))


ALL = (
    Subject("ours", OURS, _ours),
    Subject("microbatch", "Spark micro-batch", _micro_batch),
    _foreigner("quix", "Quix Streams"),
    _foreigner("bytewax", "Bytewax"),
    _foreigner("faust", "Faust"),
    _foreigner("pathway", "Pathway"),
    Subject("pyflink", "PyFlink", _flink, lambda: (environments.python("pyflink"), connector.jar())),
)
BY_KEY = {subject.key: subject for subject in ALL}
