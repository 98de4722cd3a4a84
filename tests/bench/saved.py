"""A run of the bench as a file: by measure when and where it was made, and its figures."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.result import Figure


@dataclass(frozen=True)
class Part:
    """One measure of a run."""

    made: str  # ISO, UTC
    machine: str
    figures: tuple[Figure, ...]

    @property
    def rounds(self) -> int:
        """Of the figure that has most: a measure may make fewer than it was asked for."""
        return max(len(figure.values) for figure in self.figures)


Run = dict[str, Part]


def made(figures: Iterable[Figure]) -> Run:
    """Figures just measured on this machine."""
    now, where = datetime.now(UTC).isoformat(timespec="seconds"), machine()
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.measure, []).append(figure)
    return {name: Part(now, where, tuple(each)) for name, each in found.items()}


def machine() -> str:
    """What a reader has to know of it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def write(file: Path, run: Run) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: asdict(part) for name, part in sorted(run.items(), key=_number)}, indent=1)
    file.write_text(f"{text}\n", "utf-8")


def read(file: Path) -> Run:
    return {name: _part(given) for name, given in json.loads(file.read_text("utf-8")).items()}


def _part(given: dict[str, Any]) -> Part:
    figures = tuple(Figure(**each | {"values": tuple(each["values"])}) for each in given["figures"])
    return Part(given["made"], given["machine"], figures)


def _number(named: tuple[str, Part]) -> int:
    return int(named[0].removeprefix("P"))
