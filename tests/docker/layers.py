"""What an image tells whoever has it: every layer, also files that a later one hides, configuration and history."""

import gzip
import io
import subprocess
import tarfile
from collections.abc import Collection
from typing import IO, cast

from tests.docker.containers import run

_CHUNK = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def found(needles: Collection[bytes], images: Collection[str]) -> set[tuple[bytes, str]]:
    """(needle, where) for each in a part of what `docker save` writes, or in what Docker tells of the images."""
    told = {f"inspect {image}": run("docker", "image", "inspect", image) for image in images}
    told |= {f"history {image}": run("docker", "image", "history", "--no-trunc", image) for image in images}
    in_text = {(needle, where) for where, text in told.items() for needle in needles if needle in text.encode()}
    return in_text | _in_saved(needles, images)


def _in_saved(needles: Collection[bytes], images: Collection[str]) -> set[tuple[bytes, str]]:
    """Layers that images share are written, and read, once."""
    seen = set()
    with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saving:
        written = cast("IO[bytes]", saving.stdout)
        with tarfile.open(fileobj=written, mode="r|") as saved:
            for part in saved:
                if content := saved.extractfile(part):
                    seen |= {
                        (needle, part.name) for needle in held(needles, _plain(cast("io.BufferedReader", content)))
                    }
        while written.read(_CHUNK):
            pass  # what pads the archive; it would be killed for not getting rid of it
    assert saving.returncode == 0, "docker save failed"
    return seen


def _plain(part: io.BufferedReader) -> IO[bytes]:
    """The part decompressed, as a registry or another image store may have packed it."""
    head = part.peek(len(_ZSTD))[: len(_ZSTD)]
    assert head != _ZSTD, "a layer packed in a way that this cannot read would hide everything"
    return cast("IO[bytes]", gzip.GzipFile(fileobj=part)) if head.startswith(_GZIP) else part


def held(needles: Collection[bytes], content: IO[bytes]) -> set[bytes]:
    """Those that are in it, also across the borders of what is read at once."""
    overlap, tail, seen = max(map(len, needles)) - 1, b"", set()
    while chunk := content.read(_CHUNK):
        text = tail + chunk
        seen |= {needle for needle in needles if needle in text}
        tail = text[-overlap:]
    return seen
