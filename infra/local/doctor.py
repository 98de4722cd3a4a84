"""What this machine has and lacks, a line each, with the mend."""

import asyncio
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.local import parts, pins, ports, trust
from infra.local.java import java
from infra.local.settings import LocalSettings, TrustSettings

_DISK_BYTES = 2_000_000_000
_ANSWER_S = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and what to do where it is not."""

    what: str
    well: bool
    seen: str
    mend: str = ""

    def __str__(self) -> str:
        line = f"{'✓' if self.well else '✗'} {self.what}: {self.seen}"
        return line if self.well or not self.mend else f"{line}\n    mend: {self.mend}"


async def run(settings: LocalSettings) -> int:
    """Print every finding; 1 when one of them keeps the demo from running."""
    unwell = 0
    async for finding in _all(settings):
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        unwell += not finding.well
    return min(unwell, 1)


async def _all(settings: LocalSettings) -> AsyncIterator[Finding]:
    for look in (_python, _disk, _certificates, _page):
        yield look(settings)
    yield await _java()
    for finding in _parts(settings.cache_dir):
        yield finding
    yield await asyncio.to_thread(_address, "api.fugle.tw", "needed by `make local` only")


def _python(_: LocalSettings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "Python", sys.version_info >= (3, 11), f"{version} ({sys.executable})", "install Python 3.11 or newer"
    )


def _disk(settings: LocalSettings) -> Finding:
    existing = next(folder for folder in (settings.cache_dir, *settings.cache_dir.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    return Finding(
        "disk", free > _DISK_BYTES, f"{free / 1e9:.0f} GB free for {settings.cache_dir}",
        "free 2 GB, or name another folder in STOCK_INSIGHTS_CACHE",
    )  # fmt: skip


def _certificates(settings: LocalSettings) -> Finding:
    bundle = TrustSettings().bundle
    if bundle is None:
        return Finding("certificates", True, "the defaults of Python and Java")
    there = bundle.is_file() and bool(trust.asked_for(settings.cache_dir))
    return Finding(
        "certificates", there, str(bundle), "SSL_CERT_FILE (or REQUESTS_CA_BUNDLE) names no PEM file: unset or mend it"
    )


def _page(settings: LocalSettings) -> Finding:
    wanted = settings.page_port
    if wanted == 0:
        return Finding("page", True, f"port {ports.first_free(8_000)} is free")
    return Finding(
        "page", ports.is_free(wanted), f"port {wanted}", "choose another in STOCK_INSIGHTS_PAGE_PORT, or unset it"
    )


async def _java() -> Finding:
    process = await asyncio.create_subprocess_exec(
        str(java()), "-version", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), _ANSWER_S)
    first = (said.decode("utf-8", "replace").splitlines() or ["nothing"])[0]
    return Finding("Java", process.returncode == 0, first, "delete .venv and run `make demo` again")


def _parts(cache: Path) -> Iterator[Finding]:
    for name in ("kafka", "spark-kafka"):
        yield _part(name, cache)
    try:
        yield _part(pins.database_part(), cache)
    except pins.PartError as error:
        yield Finding("database", False, "none for this platform", str(error))


def _part(name: str, cache: Path) -> Finding:
    wanted = pins.read()[name]
    folder = parts.place(name, cache)
    if not folder.is_dir():
        size = sum(pin.size for pin in wanted) / 1e6
        return Finding(name, True, f"not fetched yet ({size:.0f} MB); `make demo` does it")
    if name.startswith("database-"):
        there = (folder / "bin" / "mariadbd").is_file()
        return Finding(name, there, str(folder), f"delete {folder}; it is fetched again")
    try:
        pins.verify(wanted, folder)
    except pins.PartError as error:
        return Finding(name, False, str(error), f"delete {folder}; it is fetched again")
    return Finding(name, True, f"{len(wanted)} files, each as pinned, in {folder}")


def _address(host: str, why: str) -> Finding:
    try:
        socket.create_connection((host, 443), timeout=5).close()
    except OSError as error:
        return Finding(host, True, f"not reached ({error}); {why}")
    return Finding(host, True, "reached")
