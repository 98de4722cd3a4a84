"""The database of host C as it is shipped: the image, with TLS and the users it is given at each start."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from tests.security.broker import Secrets
from tests.security.database import connect

IMAGE = "mysql:8.4"
_START_S = 120.0


def missing() -> str:
    """Why the image cannot be run here; empty when it can."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    asked = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False, timeout=30)
    return "" if asked.returncode == 0 else f"no Docker daemon that has {IMAGE}"


@contextmanager
def served(secrets: Secrets, readable: Path) -> Iterator[int]:
    """The port of a server that has these secrets. `readable`: a copy that the image's own user may read."""
    shutil.copytree(secrets.folder, readable)
    for file in readable.iterdir():
        file.chmod(0o644)
    readable.chmod(0o755)
    given = [
        "--init-file=/run/secrets/mysql-users.sql",
        "--ssl-ca=/run/secrets/ca.crt",
        "--ssl-cert=/run/secrets/mysql-server.crt",
        "--ssl-key=/run/secrets/mysql-server.key",
    ]
    command = ["docker", "run", "-d", "-p", "127.0.0.1::3306", "-v", f"{readable}:/run/secrets:ro"]
    command += ["-e", "MYSQL_ROOT_PASSWORD_FILE=/run/secrets/mysql-root-password", "-e", "MYSQL_ROOT_HOST=localhost"]
    container = _said([*command, IMAGE, *given])
    try:
        port = int(_said(["docker", "port", container, "3306/tcp"]).rsplit(":", 1)[1])
        _answered(port, secrets, container)
        yield port
    finally:
        _said(["docker", "rm", "-fv", container])


def _answered(port: int, secrets: Secrets, container: str) -> None:
    deadline = time.monotonic() + _START_S
    while not _answers(port, secrets):
        logs = subprocess.run(["docker", "logs", "--tail", "20", container], capture_output=True, check=False)
        assert time.monotonic() < deadline, logs.stderr.decode()
        time.sleep(0.5)


def _answers(port: int, secrets: Secrets) -> bool:
    try:
        connect(port, secrets, "reader").close()
    except pymysql.err.OperationalError:
        return False
    return True


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
