"""P7: memory of every process of the pipeline, and what it costs while nothing is traded."""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench.processes import family
from tests.bench.result import OURS, Figure
from tests.bench.stacks import stack
from tests.bench.table import IDLE, RESIDENT
from tests.e2e.stack import Stack

RATE, SYMBOLS = 500, 200
TRADING_S, QUIET_S, WINDOW_S = 40.0, 15.0, 6.0
_GIB, _MIB = 2**30, 2**20
Usage = Mapping[str, tuple[float, float]]  # by process: bytes resident, seconds of processor time so far


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    resident: list[dict[str, float]] = []
    cores: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder), RATE, SYMBOLS) as up:
        up.exchange("/control/begin")
        time.sleep(TRADING_S)
        up.exchange("/control/end")
        time.sleep(QUIET_S)
        for number in range(rounds):
            before = usage(up)
            time.sleep(WINDOW_S)
            after = usage(up)
            resident.append({name: held for name, (held, _) in after.items()})
            cores.append({name: (spent - before[name][1]) / WINDOW_S for name, (_, spent) in after.items()})
            held, used = sum(resident[-1].values()) / _GIB, sum(cores[-1].values())
            say(f"P7 round {number + 1}: {held:.2f} GiB resident, {used:.2f} cores idle")
    return [
        _figure("resident", "GiB", [sum(each.values()) / _GIB for each in resident]),
        _figure("cores, idle", "", [sum(each.values()) for each in cores]),
        *(_figure(f"{RESIDENT}{name}", "MiB", [each[name] / _MIB for each in resident]) for name in resident[-1]),
        *(_figure(f"{IDLE}{name}", "", [each[name] for each in cores]) for name in resident[-1]),
    ]


def _figure(what: str, unit: str, values: list[float]) -> Figure:
    return Figure("P7", what, OURS, unit, tuple(values))


def usage(up: Stack) -> Usage:
    """Of the supervisor and all that it started, by name; pages that processes share are counted in each."""
    found: dict[str, tuple[float, float]] = {}
    for each in family(up.process.pid):
        called = name(each.cmdline())
        held, spent = found.get(called, (0.0, 0.0))
        with each.oneshot():
            times = each.cpu_times()
            found[called] = (held + each.memory_info().rss, spent + times.user + times.system)
    return found


def name(command: list[str]) -> str:
    """What a process is, from its command line."""
    if "kafka.Kafka" in command:
        return "kafka"
    if command and Path(command[0]).name == "java":
        return "spark's JVM"
    if "-m" in command:
        return command[command.index("-m") + 1]
    return Path(command[0]).name if command else "-"
