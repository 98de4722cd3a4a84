"""The pinned files of each part: `parts.lock`, written by `python -m infra.local lock`."""

import hashlib
import platform
import sys
from pathlib import Path

import msgspec

LOCK = Path(__file__).with_name("parts.lock")
_CHUNK = 1 << 20


class PartError(RuntimeError):
    """A part cannot be had: the message says which, why, and the mend."""


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a part: its Maven coordinate, its name on disk, its size in bytes and its SHA-256."""

    coordinate: str
    file: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if self.coordinate.count(":") != 2 or "/" in self.file or len(self.sha256) != 64 or self.size <= 0:
            message = f"not a pin: {self}"
            raise ValueError(message)


Lock = dict[str, tuple[Pin, ...]]


def read(path: Path = LOCK) -> Lock:
    """Pins by part; a damaged lock file is a `PartError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Lock)
    except (OSError, msgspec.DecodeError, ValueError) as error:
        message = f"{path} cannot be read ({error}); restore it from version control"
        raise PartError(message) from error


def write(lock: Lock, path: Path = LOCK) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(lock), indent=1) + b"\n")


def pin(coordinate: str, file: Path) -> Pin:
    """The pin of a file as it is on disk."""
    return Pin(coordinate, file.name, file.stat().st_size, sha256(file))


def sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verify(pins: tuple[Pin, ...], folder: Path) -> None:
    """Every pinned file is there with its size and digest, or a `PartError`."""
    for each in pins:
        file = folder / each.file
        if not file.is_file():
            message = f"{each.coordinate}: {each.file} did not arrive"
            raise PartError(message)
        if file.stat().st_size != each.size or sha256(file) != each.sha256:
            message = (
                f"{each.coordinate}: {each.file} is not the pinned file (SHA-256 or size differs); it was thrown away"
            )
            raise PartError(message)


def digest(pins: tuple[Pin, ...]) -> str:
    """A short name for exactly these files."""
    return hashlib.sha256("".join(each.sha256 for each in pins).encode()).hexdigest()[:12]


def database_part() -> str:
    """The database part for this platform; `PartError` where nobody publishes one."""
    system, machine = sys.platform, platform.machine().lower()
    if system == "linux" and machine in {"x86_64", "amd64"}:
        return "database-linux-x86_64"
    if system == "darwin" and machine == "arm64":
        return "database-macos-arm64"
    message = (
        f"no ready-made MariaDB is published for {system}/{machine}; "
        "use the Docker compose files, or a Linux x86-64 or Apple Silicon machine"
    )
    raise PartError(message)
