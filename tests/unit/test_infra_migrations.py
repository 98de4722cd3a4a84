"""Migrations: read whole, applied once, never changed."""

from pathlib import Path

import msgspec
import pytest

from infra.migrations.files import Migration, MigrationError, pending, read, statements
from market.messages import Average, Bar


def a_migration(number: int = 1, checksum: str = "a" * 64) -> Migration:
    return Migration(number, f"{number:04}_x.sql", checksum, ("SELECT 1",))


def test_comments_and_empty_statements_are_no_statements() -> None:
    assert statements("-- why; because\nCREATE TABLE a (b INT);\n\n;\nDROP TABLE c") == (
        "CREATE TABLE a (b INT)",
        "DROP TABLE c",
    )


def test_a_semicolon_inside_a_line_ends_nothing() -> None:
    assert statements("INSERT INTO a VALUES ('x;y');\n") == ("INSERT INTO a VALUES ('x;y')",)


def test_our_migrations_are_numbered_without_holes() -> None:
    assert [each.number for each in read()] == list(range(1, len(read()) + 1))


@pytest.mark.parametrize(("table", "record"), [("bars", Bar), ("averages", Average)])
def test_a_table_has_the_records_fields_and_the_trading_day(table: str, record: type[msgspec.Struct]) -> None:
    (statement,) = (s for each in read() for s in each.statements if s.startswith(f"CREATE TABLE {table} ("))
    lines = [line.split()[0] for line in statement.splitlines()[1:-1]]
    columns = [word for word in lines if word not in {"PRIMARY", "KEY"}]
    assert sorted(columns) == sorted(["trading_day", *record.__struct_fields__])


def test_a_hole_in_the_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0002_late.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match=r"numbered \[2\]"):
        read(tmp_path)


def test_a_file_with_another_kind_of_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "first.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match=r"first\.sql"):
        read(tmp_path)


def test_only_what_was_not_applied_is_pending() -> None:
    first, second = a_migration(1), a_migration(2)
    assert pending([first, second], {1: first.checksum}) == [second]


def test_a_migration_changed_after_it_was_applied_is_refused() -> None:
    with pytest.raises(MigrationError, match="changed after it was applied"):
        pending([a_migration(1)], {1: "b" * 64})


def test_a_database_of_a_newer_version_is_refused() -> None:
    with pytest.raises(MigrationError, match="newer"):
        pending([a_migration(1)], {1: "a" * 64, 2: "c" * 64})
