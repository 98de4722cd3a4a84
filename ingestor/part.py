"""One file of a recording."""

import zlib
from datetime import date
from itertools import count
from pathlib import Path
from typing import BinaryIO

from market.recording import file_name


class Part:
    """One file. Each `write` reaches the operating system whole, so that it can be read although it is not closed."""

    def __init__(self, folder: Path, day: date) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.day = day
        self._packer = zlib.compressobj(wbits=31)
        self._file = _new(folder, day)

    @property
    def name(self) -> str:
        return str(self._file.name)

    def write(self, data: bytes) -> None:
        self._file.write(self._packer.compress(data) + self._packer.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self) -> None:
        with self._file:
            self._file.write(self._packer.flush())


def _new(folder: Path, day: date) -> BinaryIO:
    for number in count(1):
        try:
            return (folder / file_name(day, number)).open("xb")
        except FileExistsError:
            continue
    raise AssertionError
