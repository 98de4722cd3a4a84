"""What is to be seen of containers from outside, and the secrets that must not be in it."""

from pathlib import Path

from tests.docker.compose import Project

# No secrets, but said in a log and in a description: who finds these has really looked.
SAID = {"ready changed=": "what links did", "/run/secrets/kafka-spark-password": "a file's name"}
SAID_BY = {("what links did", "logs links"), ("a file's name", "inspect links"), ("a file's name", "inspect spark")}
_NO_TEXT_OF_THEIR_OWN = {".crt", ".p12", ".sql"}  # public, not text, and made of the others


def secrets_in(folder: Path) -> dict[str, str]:
    """Every password and key as it would be found in a text, and its file: of a PEM file a line from its middle."""
    files = [file for file in folder.iterdir() if file.suffix not in _NO_TEXT_OF_THEIR_OWN]
    lines = {file.name: file.read_text("utf-8").split() for file in files}
    return {words[len(words) // 2]: name for name, words in lines.items()}


def told(project: Project, secrets: dict[str, str]) -> set[tuple[str, str]]:
    """(secret's file, where) for each that a container's description or log holds."""
    seen = project.seen()
    return {(name, where) for where, text in seen.items() for secret, name in secrets.items() if secret in text}
