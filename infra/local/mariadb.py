"""MariaDB out of the published archive: the server and what it needs to make its system tables, no more."""

import re
import shutil
import zipfile
from pathlib import Path
from typing import IO

from infra.local.elf import loaded_bytes, without_sections
from infra.local.pins import PartError

_KEPT = re.compile(
    r"[^/]+/(?:linux|mac\w*|osx\w*|darwin\w*)/(?P<path>"
    r"bin/(?:mariadbd|my_print_defaults|resolveip)|scripts/mariadb-install-db|libs?/[^/]+\.dylib"
    r"|share/(?:charsets/.+|english/.+|mariadb_\w+\.sql|fill_help_tables\.sql|maria_add_gis_sp_bootstrap\.sql))$"
)
_PROGRAMS = ("bin/", "scripts/")
_HEAD = 4_096


def unpack(archive: Path, folder: Path) -> Path:
    """The server's files under `folder`, programs executable (the archive lost those bits)."""
    with zipfile.ZipFile(archive) as jar:
        for member in jar.infolist():
            if kept := _KEPT.search(member.filename):
                target = folder / kept["path"]
                target.parent.mkdir(parents=True, exist_ok=True)
                with jar.open(member) as packed, target.open("wb") as out:
                    _copy(packed, out)
                target.chmod(0o755 if kept["path"].startswith(_PROGRAMS) else 0o644)
    if not (folder / "bin" / "mariadbd").is_file():
        message = f"{archive.name} holds no bin/mariadbd"
        raise PartError(message)
    return folder


def _copy(packed: IO[bytes], out: IO[bytes]) -> None:
    """All of a file, or of an ELF program what is ever loaded: 30 of 313 MB, and the rest is not even inflated."""
    head = packed.read(_HEAD)
    size = loaded_bytes(head)
    if size is None:
        out.write(head)
        shutil.copyfileobj(packed, out, 1 << 20)
        return
    out.write(without_sections(head))
    left = size - len(head)
    while left > 0 and (chunk := packed.read(min(left, 1 << 20))):
        out.write(chunk)
        left -= len(chunk)
