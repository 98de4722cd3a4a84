"""Who may use the database of one run: a user whose password is made once and kept beside the tables."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local import ports

_NAME = "market"  # of the user and of the database


@dataclass(frozen=True, slots=True)
class Database:
    """A database and how to reach it."""

    port: int
    password: str = field(repr=False)
    host: str = ports.HOST
    user: str = _NAME
    database: str = _NAME

    def settings(self) -> dict[str, Any]:
        """Fields of settings classes whose variables begin with API_MYSQL_."""
        address = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        return address | {"database": self.database}

    def environment(self) -> dict[str, str]:
        """API_MYSQL_* for the services."""
        return {f"API_MYSQL_{name.upper()}": str(value) for name, value in self.settings().items()}


def password(data: Path) -> str:
    """Made once, kept in `data`, readable by its owner alone."""
    file = data / "password"
    if not file.exists():
        _write_private(file, secrets.token_urlsafe(24))
    return file.read_text()


def grants(data: Path, described: Database) -> Path:
    """What the server does at each start: the user and the database are there, whatever was there before."""
    user = f"'{described.user}'@'{described.host}'"
    statements = (
        f"CREATE DATABASE IF NOT EXISTS {described.database} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{described.password}'",
        f"GRANT ALL ON {described.database}.* TO {user}",
    )
    file = data / "grants.sql"
    _write_private(file, "".join(f"{statement};\n" for statement in statements))
    return file


def _write_private(file: Path, text: str) -> None:
    half = file.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    half.replace(file)
