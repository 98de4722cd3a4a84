"""One child process: its own group, its log in a bounded file, its end certain."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.settings import ROOT

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 5_000_000
_TAIL_LINES = 15
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Command:
    """What to run and how: `stop_s` is its grace after SIGTERM, `nice` how far it stands back (0 to 19)."""

    name: str
    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_s: float = 10.0
    nice: int = 0


class Child:
    """A running `Command`. Its group dies with it, and it dies with us."""

    def __init__(self, command: Command, process: asyncio.subprocess.Process) -> None:
        self.command = command
        self._process = process

    @classmethod
    async def start(cls, command: Command) -> "Child":
        rotate(command.log)
        with command.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **command.environment},
                process_group=0,
                preexec_fn=_before(os.getpid(), command.nice),
            )
        return cls(command, process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    async def wait(self) -> int:
        return await self._process.wait()

    async def stop_family(self, deadline_s: float) -> None:
        """SIGTERM, and let all it started end by themselves, killing only who is left at the deadline."""
        self._process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._end_of_family(), deadline_s)
        await self.stop(at_once=True)

    async def _end_of_family(self) -> None:
        """Grandchildren cannot be waited for, only asked after."""
        await self.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            while True:
                os.killpg(self.pid, 0)
                await asyncio.sleep(0.1)

    async def stop(self, *, at_once: bool = False) -> None:
        """SIGTERM to itself alone, which ends what it started; SIGKILL for whatever its group holds after `stop_s`."""
        if self.returncode is None and not at_once:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), self.command.stop_s)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await self.wait()

    def tail(self) -> str:
        """The last lines of its log, to be shown when it fails."""
        return tail(self.command.log)


def _before(parent: int, nice: int) -> Callable[[], None]:
    """Run in the child before the program: on Linux the kernel sends it SIGTERM when its starter is gone."""

    def prepare() -> None:
        os.nice(nice)
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was gone before we could ask
            os._exit(1)

    return prepare


def rotate(log: Path) -> None:
    """A log over its size starts anew; one older copy is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def tail(log: Path) -> str:
    """The last lines of a log file, indented."""
    if not log.exists():
        return "  (no log)"
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 8_000))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    return "\n".join(f"  | {line}" for line in lines[-_TAIL_LINES:]) or "  (its log is empty)"
