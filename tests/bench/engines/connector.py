"""Flink's Kafka connector, which no Python package brings: one pinned jar in the project's cache."""

import shutil
import tempfile
from pathlib import Path

from infra.local import ivy, pins
from infra.local.settings import LocalSettings

PIN = pins.Pin(
    coordinate="org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2",
    file="flink-sql-connector-kafka-5.0.0-2.2.jar",
    size=10666527,
    sha256="5605c691d11a501382c383fecba37a7a552467da5ab7ba904ef5d6f3d62c5616",
)


def jar() -> Path:
    """The jar, fetched now if it is not there; `PartError` where it cannot be had."""
    cache = LocalSettings().cache_dir
    place = cache / "engines" / PIN.file
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="connector-", dir=cache) as work:
            files = ivy.fetch([PIN.coordinate], Path(work), cache)
            pins.verify((PIN,), files)
            shutil.move(files / PIN.file, place)
    return place
