"""User × statement, each really tried over TLS, equals the table of `infra/grants.py`: on MariaDB and on MySQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pymysql
import pytest

from infra import grants
from tests.security import mysql_image
from tests.security.broker import Secrets
from tests.security.database import connect
from tests.security.hosts import Hosts, run

pytestmark = pytest.mark.stack

TABLES = ("bars", "averages", "gaps", "consumer_offsets")
KEYS = dict.fromkeys(("bars", "averages", "gaps"), "symbol") | {"consumer_offsets": "topic"}
OF_ROWS = {
    "SELECT": "SELECT COUNT(*) FROM {table}",
    "INSERT": "INSERT INTO {table} SELECT * FROM {table} WHERE FALSE",
    "UPDATE": "UPDATE {table} SET {key} = 'x' WHERE FALSE",
    "DELETE": "DELETE FROM {table} WHERE FALSE",
}
OF_SCHEMA = {
    "CREATE": "CREATE TABLE scratch_of_{user} (a INT, b INT)",
    "ALTER": "ALTER TABLE bars COMMENT ''",
    "INDEX": "CREATE INDEX scratch ON scratch_of_migrate (b)",
    "DROP": "DROP TABLE scratch_of_migrate",
}
OF_NOBODY = {
    "CREATE USER": "CREATE USER 'other'@'%' IDENTIFIED BY 'Pass-word-1'",
    "GRANT OPTION": "GRANT SELECT ON `stock\\_insights`.* TO 'reader'@'%'",
    "the users' table": "SELECT COUNT(*) FROM mysql.user",
    "another database": "CREATE DATABASE stockXinsights",
    "FILE": "SELECT 'x' INTO OUTFILE '/tmp/scratch-of-{user}'",
}
DENIED = {1044, 1045, 1141, 1142, 1143, 1227}
SQL_SAID_NO = (pymysql.err.OperationalError, pymysql.err.ProgrammingError, pymysql.err.InternalError)


@dataclass(frozen=True)
class Server:
    port: int
    secrets: Secrets

    def connect(self, user: str, **options: Any) -> Any:
        return connect(self.port, self.secrets, user, **options)

    def lets(self, user: str, statement: str, **names: str) -> bool:
        """Whether the server does it; any failure that is no refusal is raised."""
        with self.connect(user) as connection, connection.cursor() as cursor:
            try:
                cursor.execute(statement.format(user=user, **names))
            except SQL_SAID_NO as error:
                if error.args[0] not in DENIED:
                    raise
                return False
        return True


@pytest.fixture(scope="module", params=["mariadb", "mysql"])
def server(request: pytest.FixtureRequest, up: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if request.param == "mariadb":
        yield Server(up.mysql, up.secrets)
        return
    if why := mysql_image.missing():
        pytest.skip(why)
    with mysql_image.served(up.secrets, tmp_path_factory.mktemp("mysql") / "secrets") as port:
        done = run("infra.migrate", up.mysql_environment("migrate") | {"API_MYSQL_PORT": str(port)})
        assert done.returncode == 0, done.stderr
        yield Server(port, up.secrets)


@pytest.mark.parametrize("user", grants.TABLE)
@pytest.mark.parametrize("table", TABLES)
def test_a_user_may_do_with_rows_what_the_table_says_and_nothing_else(server: Server, user: str, table: str) -> None:
    may = {name for name, sql in OF_ROWS.items() if server.lets(user, sql, table=table, key=KEYS[table])}
    assert may == set(grants.TABLE[user]) & OF_ROWS.keys()


def test_only_migrations_change_tables(server: Server) -> None:
    for name, sql in OF_SCHEMA.items():
        for user in grants.TABLE:  # migrate comes last, and so what it drops is there for the others to try
            assert server.lets(user, sql) == (name in grants.TABLE[user]), (user, name)


@pytest.mark.parametrize("what", OF_NOBODY)
@pytest.mark.parametrize("user", grants.TABLE)
def test_nobody_does_more_than_that(server: Server, user: str, what: str) -> None:
    assert not server.lets(user, OF_NOBODY[what])


@pytest.mark.parametrize("user", grants.TABLE)
def test_nobody_comes_in_without_tls_or_with_another_password(server: Server, user: str) -> None:
    for options in ({"ssl": None, "ssl_disabled": True}, {"password": server.secrets["mysql-root-password"]}):
        with pytest.raises(pymysql.err.OperationalError) as refused:
            server.connect(user, **options)
        assert refused.value.args[0] in {1045, 3159}


def test_the_administrator_does_not_come_from_outside(server: Server) -> None:
    with pytest.raises(pymysql.err.OperationalError) as refused:
        server.connect("root", database=None)
    assert refused.value.args[0] in {1045, 1130, 1698}


def test_a_password_with_quotes_and_backslashes_is_written_as_it_is() -> None:
    said = grants.statements(dict.fromkeys(grants.TABLE, "a'b\\c"))
    assert said.count("IDENTIFIED BY 'a''b\\\\c' REQUIRE SSL;") == len(grants.TABLE)
    assert all(line.endswith(";") for line in said.splitlines())
