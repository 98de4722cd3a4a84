"""Migrations as they stand on disk: numbered, split into statements, known by their checksum."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


class MigrationError(RuntimeError):
    """The migrations cannot be applied: the message says which, why, and the mend."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name, the SHA-256 of its text, its statements in order."""

    number: int
    name: str
    checksum: str
    statements: tuple[str, ...]


def read(folder: Path = FOLDER) -> list[Migration]:
    """All migrations by number; `MigrationError` for a bad name, a hole or a number used twice."""
    found = [_migration(file) for file in sorted(folder.glob("*.sql"))]
    numbers = [each.number for each in found]
    if numbers != list(range(1, len(found) + 1)):
        message = f"migrations in {folder} are numbered {numbers}; they must be 1, 2, 3, … each once"
        raise MigrationError(message)
    return found


def _migration(file: Path) -> Migration:
    match = _NAME.fullmatch(file.name)
    if match is None:
        message = f"{file.name}: a migration is named like 0002_what_it_does.sql"
        raise MigrationError(message)
    text = file.read_text("utf-8")
    return Migration(int(match[1]), file.name, hashlib.sha256(text.encode()).hexdigest(), statements(text))


def statements(text: str) -> tuple[str, ...]:
    """Statements of a migration. Each ends with `;` at a line's end; a line that begins with `--` is a comment."""
    parts = re.split(r";\s*(?:\n|$)", _COMMENT.sub("", text))
    return tuple(part.strip() for part in parts if part.strip())


def pending(known: list[Migration], applied: dict[int, str]) -> list[Migration]:
    """What is still to do; `MigrationError` when an applied one was changed since, or is unknown here."""
    for each in known:
        if applied.get(each.number, each.checksum) != each.checksum:
            message = f"{each.name} was changed after it was applied; put it back and write a new migration instead"
            raise MigrationError(message)
    unknown = sorted(set(applied) - {each.number for each in known})
    if unknown:
        message = f"the database has migrations {unknown} that this version does not know; it belongs to a newer one"
        raise MigrationError(message)
    return [each for each in known if each.number not in applied]
