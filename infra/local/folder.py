"""A run's data folder belongs to one run at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUseError(RuntimeError):
    """Another run holds the folder; the message says which process."""


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """The folder, ours until left. The lock ends with this process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use").open("a+") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            mark.seek(0)
            message = (
                f"{folder} is in use by process {mark.read().strip() or 'unknown'}; "
                "stop it (Ctrl-C there), or name another folder in STOCK_INSIGHTS_DATA"
            )
            raise FolderInUseError(message) from error
        mark.truncate(0)
        mark.write(f"{os.getpid()}\n")
        mark.flush()
        yield folder
