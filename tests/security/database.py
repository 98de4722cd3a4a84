"""The database of host C on this machine: MariaDB with TLS, and the users it is given at each start."""

from pathlib import Path
from typing import Any

import pymysql

from infra.local import database, parts, ports
from infra.local.pins import database_part
from infra.local.process import Command
from infra.local.service import Service
from infra.local.settings import LocalSettings
from infra.local.waiting import port_open
from tests.security.broker import Secrets

_START_S = 60.0


async def service(data: Path, port: int, secrets: Secrets) -> Service:
    (base,) = parts.ensure([database_part()], LocalSettings().cache_dir)
    tables = data / "tables"
    if database._untouched(tables):
        await database._initialise(base, tables, data)
    folder = secrets.folder
    ours = (
        f"--port={port}",
        f"--init-file={folder}/mysql-users.sql",
        f"--ssl-ca={folder}/ca.crt",
        f"--ssl-cert={folder}/mysql-server.crt",
        f"--ssl-key={folder}/mysql-server.key",
    )
    shared = tuple(option for option in database._SERVER if option != "--skip-ssl")
    argv = (str(base / "bin" / "mariadbd"), *database._common(base, tables), *shared, *ours)
    return Service(
        Command("database", argv, data / "database.log", stop_s=20),
        lambda: port_open(ports.HOST, port),
        "an open port",
        _START_S,
    )


def connect(port: int, secrets: Secrets, user: str, **options: Any) -> Any:
    """A connection of one of the users, over TLS unless told otherwise."""
    given = {
        "host": ports.HOST,
        "port": port,
        "user": user,
        "password": secrets[f"mysql-{user}-password"],
        "database": "stock_insights",
        "ssl": {"ca": str(secrets.folder / "ca.crt")},
        "autocommit": True,
    }
    return pymysql.connect(**given | options)
