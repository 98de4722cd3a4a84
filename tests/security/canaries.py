"""Where a secret may not be: files, arguments and environments of processes."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

Canaries = Mapping[str, str]  # secret -> its name


def in_files(canaries: Canaries, folder: Path, but: Path) -> set[tuple[str, str]]:
    """(secret's name, file) for each file under `folder`, and not under `but`, that holds one."""
    found = set()
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # it was there for a moment
            if file.is_file() and but not in file.parents:
                found |= _in(canaries, file.read_bytes(), str(file))
    return found


def in_processes(canaries: Canaries, processes: Iterable[psutil.Process]) -> set[tuple[str, str]]:
    """(secret's name, process) for arguments and environments."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            said = [*process.cmdline(), *(f"{name}={value}" for name, value in process.environ().items())]
            found |= _in(canaries, "\0".join(said).encode(), f"{process.pid} {process.name()}")
    return found


def arguments(processes: Iterable[psutil.Process]) -> set[str]:
    """All arguments of those that still run."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found.update(process.cmdline())
    return found


def _in(canaries: Canaries, content: bytes, where: str) -> set[tuple[str, str]]:
    return {(name, where) for secret, name in canaries.items() if secret.encode() in content}
