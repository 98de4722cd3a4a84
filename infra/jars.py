"""`python -m infra.jars REPOSITORY FOLDER`: Spark's Kafka connector, as pinned in `parts.lock`, from Maven."""

import sys
import urllib.request
from pathlib import Path

from infra.local import pins

TIMEOUT_S = 120


def address(repository: str, pin: pins.Pin) -> str:
    """Where a Maven repository keeps a file."""
    group, artifact, version = pin.coordinate.split(":")
    return "/".join((repository, group.replace(".", "/"), artifact, version, pin.file))


def main(repository: str, folder: Path) -> None:
    """Fetch and verify; raises `PartError` when a file is not the pinned one."""
    wanted = pins.read()["spark-kafka"]
    for pin in wanted:
        with urllib.request.urlopen(address(repository, pin), timeout=TIMEOUT_S) as answer:  # noqa: S310 - as the builder names it
            (folder / pin.file).write_bytes(answer.read())
    pins.verify(wanted, folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
