"""MariaDB of our own, in one folder that survives it."""

import asyncio
import getpass
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomysql

from infra.local import parts, ports
from infra.local.account import Database, grants, password
from infra.local.pins import database_part
from infra.local.process import Command
from infra.local.service import Service, running
from infra.local.settings import LocalSettings, absolute
from infra.local.waiting import finish, port_open

_START_S = 60.0
_SERVER = (
    "--bind-address=127.0.0.1",
    "--skip-ssl",  # it would make itself a key at every start: 3 to 8 s, for a socket that never leaves the machine
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_bin",
    "--innodb-log-file-size=64M",
    "--innodb-buffer-pool-size=128M",
    "--socket=mariadb.sock",  # relative to the data folder: a path of more than 107 bytes cannot be bound
    "--pid-file=mariadb.pid",
)


@asynccontextmanager
async def database(data: Path, port: int = 0, cache: Path | None = None) -> AsyncIterator[Database]:
    """A database on `port` (0: a free one) with its files under `data`, stopped at the end."""
    port = ports.take(port, "the database")
    made, described = await service(absolute(data), port, cache or LocalSettings().cache_dir)
    async with running(made):
        yield described


async def service(data: Path, port: int, cache: Path) -> tuple[Service, Database]:
    """The database as a service, its tables made the first time, and how to reach it."""
    (base,) = await asyncio.to_thread(parts.ensure, [database_part()], cache)
    tables = data / "tables"
    if _untouched(tables):
        await _initialise(base, tables, data)
    described = Database(port, password(data))
    files = (f"--port={port}", f"--init-file={grants(data, described)}")
    argv = (str(base / "bin" / "mariadbd"), *_common(base, tables), *_SERVER, *files)
    command = Command("database", argv, data / "database.log", stop_s=20)
    return Service(command, lambda: _answers(described), "a query answered", _START_S), described


def _untouched(tables: Path) -> bool:
    """Whether system tables are still to be made, which is marked until they are; half-made ones are cleared away."""
    if _unfinished(tables).exists():
        shutil.rmtree(tables, ignore_errors=True)
    tables.mkdir(parents=True, exist_ok=True)
    made = (tables / "mysql").is_dir()
    if not made:
        _unfinished(tables).touch()
    return not made


def _unfinished(tables: Path) -> Path:
    return tables.with_name("unfinished")


def _common(base: Path, tables: Path) -> tuple[str, ...]:
    as_root = ("--user=root",) if os.geteuid() == 0 else ()
    return ("--no-defaults", f"--basedir={base}", f"--datadir={tables}", *as_root)


async def _initialise(base: Path, tables: Path, data: Path) -> None:
    """System tables; root may come in by the local socket only, as the user who runs the server."""
    root = ("--auth-root-authentication-method=socket", f"--auth-root-socket-user={getpass.getuser()}")
    script = ("sh", str(base / "scripts" / "mariadb-install-db"), "--skip-test-db", "--skip-name-resolve")
    await finish(Command("database-install", (*script, *_common(base, tables), *root), data / "install.log"), _START_S)
    _unfinished(tables).unlink()


async def _answers(described: Database) -> bool:
    if not await port_open(described.host, described.port):
        return False
    settings = described.settings()
    try:
        connection = await aiomysql.connect(db=settings.pop("database"), connect_timeout=5, **settings)
    except aiomysql.OperationalError:
        return False
    await connection.ensure_closed()
    return True
