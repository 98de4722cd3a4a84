"""The folder of secrets: its owner's alone; each file in it written whole or not at all, with the mode it needs."""

import os
import stat
from pathlib import Path

_OTHERS = 0o077
# A mount shows a file without its folder: its own mode has to let the container's user read it, and nobody else gets
# as far as that.
MOUNTED, KEPT_BACK = 0o444, 0o600


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


def write(file: Path, content: bytes, mode: int) -> None:
    """Replace or make the file at once."""
    half = file.with_name(f".{file.name}.half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEPT_BACK), "wb") as out:
        out.write(content)
        out.flush()
        os.fchmod(out.fileno(), mode)
        os.fsync(out.fileno())
    half.replace(file)


def settle(file: Path, mode: int) -> None:
    """Give a file that is kept its mode; what a link points to has one of its own. SecretsError where we may not."""
    if file.is_symlink() or not file.exists() or stat.S_IMODE(file.stat().st_mode) == mode:
        return
    try:
        file.chmod(mode)
    except PermissionError as error:
        message = f"{file} belongs to another user, who has to chmod {mode:o} it"
        raise SecretsError(message) from error
