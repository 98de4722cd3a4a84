"""The database's edge: connections with one way of speaking, and which failures are the network's."""

import random
import ssl
from collections.abc import Iterator
from typing import Any

import aiomysql
import pymysql

from api import sql
from api.settings import ApiSettings
from market.links import NO_TLS, RefusedError, database_mend, shows_a_stranger

CONNECT_S = 5
ANSWER_S = 10.0
LONGEST_VALUE = 64 * 1024 * 1024

FAILURES = (pymysql.err.OperationalError, pymysql.err.InterfaceError, OSError, TimeoutError)
# Of what the server may answer, these pass by waiting or by doing it again; any other is a fault of ours.
_PASSING = frozenset(
    {
        1021, 1114,  # disk full, table full
        1030, 1180,  # an error from the storage engine
        1040, 1203, 1226,  # too many connections
        1053, 1077, 1079, 1080, 1927, 3169, 4031,  # shutting down; the connection was killed or idle
        1158, 1159, 1160, 1161,  # packets
        1205, 1213, 1317, 3024,  # lock wait, deadlock, interrupted
        1290, 1836,  # read only for now
        2002, 2003, 2006, 2013, 2055,  # cannot connect, gone away, lost
    }
)  # fmt: skip


def options(settings: ApiSettings) -> dict[str, Any]:
    """What every connection of the writer is made with."""
    return {
        "host": settings.mysql_host,
        "port": settings.mysql_port,
        "user": settings.mysql_user,
        "password": settings.mysql_password.get_secret_value(),
        "db": settings.mysql_database,
        "ssl": ssl.create_default_context(cafile=settings.mysql_ssl_ca) if settings.mysql_ssl_ca else None,
        "charset": "utf8mb4",
        "sql_mode": f"'{sql.MODE}'",  # the driver does not quote it
        "connect_timeout": CONNECT_S,
        "init_command": f"SET SESSION group_concat_max_len = {LONGEST_VALUE}",
    }


def reader_options(settings: ApiSettings) -> dict[str, Any]:
    """The same for the connections that only read: another user where there is one."""
    if settings.mysql_reader_user is None:
        return options(settings)
    password = settings.mysql_reader_password.get_secret_value()
    return options(settings) | {"user": settings.mysql_reader_user, "password": password}


def is_passing(error: BaseException) -> bool:
    """Whether the database is merely away or busy, so that trying again makes sense."""
    if isinstance(error, pymysql.err.OperationalError):
        return bool(error.args) and error.args[0] in _PASSING and not shows_a_stranger(error)
    return isinstance(error, FAILURES)


def final(error: BaseException) -> BaseException:
    """An error that is not passing: RefusedError, with what a person can do, where settings are at fault."""
    mend = database_mend(error)
    return RefusedError(mend) if mend else error


def pauses(first_s: float = 0.05, longest_s: float = 5.0) -> Iterator[float]:
    """Seconds to wait before each next try: doubling up to a limit, with full jitter so that replicas spread."""
    limit = first_s
    while True:
        yield random.uniform(0, limit)  # noqa: S311 - spreading retries is no secret
        limit = min(limit * 2, longest_s)


async def connect(settings: dict[str, Any]) -> aiomysql.Connection:
    """A connection whose transactions see what is committed and lock only the rows they touch."""
    connection = await aiomysql.connect(**settings)
    insist(connection, settings)
    async with connection.cursor() as cursor:
        await cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    return connection


def insist(connection: aiomysql.Connection, settings: dict[str, Any]) -> None:
    """RefusedError where TLS was asked for and is not there: the driver goes on without when the server offers none."""
    if settings["ssl"] and not connection._secure:  # noqa: SLF001 - else it would take a query to ask
        connection.close()
        raise RefusedError(NO_TLS)
