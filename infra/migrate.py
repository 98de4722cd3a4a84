"""`python -m infra.migrate`: bring the database's schema up to the numbered files of `infra/migrations`."""

import asyncio
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomysql
from pydantic import Field, PositiveInt
from pydantic_settings import SettingsConfigDict

from infra.migrations.files import Migration, MigrationError, pending, read
from market import log
from market.links import NO_TLS, RefusedError, database_mend
from market.settings import EX_CONFIG, Authority, Settings, load

_LOCK = "stock_insights_migrations"
_LOCK_S = 60
_HISTORY = """\
CREATE TABLE schema_migrations (
    number INT NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    checksum CHAR(64) NOT NULL,
    applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"""


class DatabaseSettings(Settings):
    """API_MYSQL_*: the database that the API writes to and reads from."""

    model_config = SettingsConfigDict(env_prefix="API_MYSQL_")

    host: str
    port: int = 3306
    user: str
    password: str = Field(repr=False)
    database: str
    ssl_ca: Authority | None = None
    wait_s: PositiveInt = 60

    def arguments(self) -> dict[str, object]:
        """Keyword arguments of `aiomysql.connect`."""
        trust = ssl.create_default_context(cafile=str(self.ssl_ca)) if self.ssl_ca else None
        address = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        return {**address, "db": self.database, "ssl": trust, "charset": "utf8mb4", "connect_timeout": 5}


async def migrate(settings: DatabaseSettings, known: list[Migration]) -> list[str]:
    """Apply what is pending, one process at a time; the names of what was applied. `MigrationError` if it cannot.

    RefusedError where the settings are at fault.
    """
    connection = await _connect(settings)
    try:
        async with connection.cursor() as cursor, _alone(cursor):
            await _remember(cursor)
            await cursor.execute("SELECT number, checksum FROM schema_migrations")
            todo = pending(known, dict(await cursor.fetchall()))
            for each in todo:
                await _apply(cursor, each)
            return [each.name for each in todo]
    finally:
        await connection.ensure_closed()


async def _apply(cursor: aiomysql.Cursor, migration: Migration) -> None:
    """Its statements, then its mark. MySQL commits each change of schema by itself: a torn one needs a person."""
    for statement in migration.statements:
        try:
            await cursor.execute(statement)
        except aiomysql.MySQLError as error:
            message = f"{migration.name} stopped at: {statement.splitlines()[0]} … ({error}); what came before it stays"
            raise MigrationError(message) from error
    values = (migration.number, migration.name, migration.checksum)
    await cursor.execute("INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)", values)


async def _remember(cursor: aiomysql.Cursor) -> None:
    """Make the history table once. Asked first: `IF NOT EXISTS` is a note to the server but a warning in Python."""
    await cursor.execute(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s",
        ("schema_migrations",),
    )
    if (await cursor.fetchone())[0] == 0:
        await cursor.execute(_HISTORY)


@asynccontextmanager
async def _alone(cursor: aiomysql.Cursor) -> AsyncIterator[None]:
    """Two hosts may start at once: the second waits, and then finds nothing to do."""
    await cursor.execute("SELECT GET_LOCK(%s, %s)", (_LOCK, _LOCK_S))
    if (await cursor.fetchone())[0] != 1:
        message = f"another migration has held the lock for {_LOCK_S} s; end it or wait for it"
        raise MigrationError(message)
    try:
        yield
    finally:
        await cursor.execute("SELECT RELEASE_LOCK(%s)", (_LOCK,))


async def _connect(settings: DatabaseSettings) -> aiomysql.Connection:
    end = time.monotonic() + settings.wait_s
    while True:
        try:
            connection = await aiomysql.connect(**settings.arguments(), autocommit=True)
        except aiomysql.OperationalError as error:
            if mend := database_mend(error):
                raise RefusedError(mend) from error
            if time.monotonic() > end:
                message = f"{settings.host}:{settings.port} let nobody in for {settings.wait_s} s: {error}"
                raise MigrationError(message) from error
            await asyncio.sleep(0.5)
        else:
            if settings.ssl_ca and not connection._secure:  # noqa: SLF001 - the driver goes on without, and says nothing
                connection.close()
                raise RefusedError(NO_TLS)
            return connection


def main() -> int:
    logger = log.configure("migrate")
    settings = load(DatabaseSettings)
    try:
        applied = asyncio.run(migrate(settings, read()))
    except RefusedError as error:
        logger.error("refused reason=%s", error)  # noqa: TRY400 - one line, no trace
        return EX_CONFIG
    except MigrationError as error:
        logger.error("failed reason=%s", error)  # noqa: TRY400 - one line, no trace
        return 1
    logger.info("ready database=%s applied=%s", settings.database, ", ".join(applied) or "nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
