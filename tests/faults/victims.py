"""The processes of a running pipeline, and how each is killed."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.e2e.stack import Stack, until

DIES_WITHIN_S = 5.0
BACK_WITHIN_S = 120.0


def _runs(*words: str) -> Callable[[list[str]], bool]:
    return lambda command: all(any(word in part for part in command) for word in words)


ROLES: dict[str, Callable[[list[str]], bool]] = {
    "ingestor": lambda command: command[1:3] == ["-m", "ingestor"],
    "broker": _runs("kafka.Kafka"),
    "Spark's JVM": _runs("org.apache.spark.deploy.SparkSubmit"),
    "Spark's driver": lambda command: command[1:3] == ["-m", "spark_jobs"],
    "API": lambda command: command[1:3] == ["-m", "api"],
    "database": _runs("mariadbd"),
    "exchange": lambda command: command[1:3] == ["-m", "simulator"],
}


@dataclass(frozen=True)
class Kill:
    """A kill -9 that landed: who, when, and where it was aimed ("" at random)."""

    role: str
    process: psutil.Process
    at_us: int
    aim: str = ""


class Victims:
    """Finds the processes of a pipeline by what they run; those that it trains its next start with are not of it."""

    def __init__(self, stack: Stack) -> None:
        self._root = psutil.Process(stack.process.pid)
        self._data, self._kafka = str(stack.data), stack.addresses["kafka"]

    def find(self, role: str) -> psutil.Process | None:
        """The running process of a role, if there is one now."""
        for process in self._root.children(recursive=True):
            try:
                command = process.cmdline()  # empty, if it is dead already
                if command and ROLES[role](command) and self._is_ours(process, command):
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    def _is_ours(self, process: psutil.Process, command: list[str]) -> bool:
        return any(self._data in part for part in command) or process.environ().get("KAFKA_BOOTSTRAP") == self._kafka

    def get(self, role: str, seconds: float = BACK_WITHIN_S) -> psutil.Process:
        """The running process of a role, waited for."""
        return until(lambda: self.find(role), f"a process of the {role}", seconds)

    def kill(self, role: str, aim: str = "") -> Kill:
        """kill -9; it has landed when that very process is gone, by SIGKILL and nothing else."""
        process = self.get(role)
        at_us = time.time_ns() // 1_000
        process.send_signal(signal.SIGKILL)  # psutil looks at the start time first: never a namesake
        until(lambda: _is_gone(process), f"the {role} is dead", DIES_WITHIN_S)
        return Kill(role, process, at_us, aim)

    def successor(self, kill: Kill) -> psutil.Process:
        """The process that took the place of a killed one."""
        after = self.get(kill.role)
        assert after != kill.process, f"the {kill.role} was not killed"
        assert after.create_time() >= kill.process.create_time()
        return after


def _is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
