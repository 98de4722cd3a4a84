"""The folder of secrets: its owner's alone, each file written whole or not at all."""

import os
from pathlib import Path

_OTHERS = 0o077


class SecretsError(RuntimeError):
    """The folder, or something in it, is not as it must be; the message says the mend."""


def opened(folder: Path) -> Path:
    """The folder, made with mode 0700; one that others may enter is refused, not changed: it may be the wrong one."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o700)
    elif not folder.is_dir():
        message = f"{folder} is not a folder: name another one with --out"
        raise SecretsError(message)
    elif folder.stat().st_mode & _OTHERS:
        message = f"{folder} may be entered by others than its owner: chmod 700 {folder}, or name another with --out"
        raise SecretsError(message)
    return folder


def write_private(file: Path, content: bytes) -> None:
    """Replace or make the file at once, with mode 0600."""
    half = file.with_name(f".{file.name}.half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    half.replace(file)
