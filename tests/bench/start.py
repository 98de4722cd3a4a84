"""P8: from the start of the demo in an empty folder to the first live price, beside the bare starts of Kafka and Spark.

Parts and Python packages are there; the check of the environment before the start (`make demo`) is not in it. The bare
ones start as they come, one after the other: a formatted broker until it answers, a session until it can take a job.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from infra.local import kafka, parts, ports
from infra.local.java import java_home
from infra.local.service import running as service_running
from infra.local.settings import LocalSettings
from tests.bench.result import OURS, Figure
from tests.e2e.stack import running
from tests.waiting import until

BARE = "bare Kafka + bare Spark"
PRICE = "start to first live price"
_READY = re.compile(r"([\d.]+) s  (\w+) ready")
_FIRST = re.compile(r"first live price: .*, ([\d.]+) s after the start")
_SESSION = """
from pyspark.sql import SparkSession
SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
print("ready", flush=True)
input()
"""


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    ours: list[dict[str, float]] = []
    bare: list[float] = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(first_price(Path(folder) / "data"))
            broker = asyncio.run(kafka_start(Path(folder) / "kafka"))
            bare.append(broker + spark_start())
        told = ", ".join(f"{name} {at:.1f} s" for name, at in ours[-1].items())
        say(f"P8 round {number + 1}: {told}; bare Kafka {broker:.1f} s, Spark {bare[-1] - broker:.1f} s")
    return [
        Figure("P8", PRICE, BARE, "s", tuple(bare)),
        *(Figure("P8", name, OURS, "s", tuple(each[name] for each in ours)) for name in ours[0]),
    ]


def first_price(data: Path) -> dict[str, float]:
    """Seconds from the start until each step was done and the price was there, as the demo itself says them."""
    log = data.with_name(f"{data.name}.log")
    with running(data) as up:
        found = until(lambda: _FIRST.search(log.read_text("utf-8")), "the first live price", 60)
        up.stop()
    assert found
    steps = {f"start to {name} ready": float(at) for at, name in _READY.findall(log.read_text("utf-8"))}
    return {PRICE: float(found[1]), **steps}


async def kafka_start(data: Path) -> float:
    """Seconds from the broker's start to its first answer, without a cache of ours."""
    made = await kafka.service(data, ports.free(), LocalSettings().cache_dir)
    bare = tuple(each for each in made.command.argv if not each.startswith("-XX:AOTCache"))
    began_s = time.perf_counter()
    async with service_running(replace(made, command=replace(made.command, argv=bare))):
        return time.perf_counter() - began_s


def spark_start() -> float:
    """Seconds from the program's start to its session."""
    cache = LocalSettings().cache_dir
    parts.all_parts(cache)
    environment = {"JAVA_HOME": str(java_home(cache)), "PATH": "/usr/bin:/bin"}
    began_s = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _SESSION], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n", "Spark did not start"
        took_s = time.perf_counter() - began_s
        process.terminate()
    return took_s
