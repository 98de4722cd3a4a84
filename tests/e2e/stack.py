"""The whole pipeline as its users start it (`python -m infra.local demo`), in a folder and with settings of a test."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pymysql

from infra.local import ports
from tests.e2e.exact import exact_json
from tests.waiting import until

START_S = 180
STOP_S = 60


@dataclass(frozen=True)
class Stack:
    """A running pipeline: its process, its data folder and its addresses."""

    process: subprocess.Popen[bytes]
    data: Path
    addresses: Mapping[str, Any]

    @property
    def ledger(self) -> Path:
        return self.data / "exchange.ndjson"

    def get(self, path: str, **query: Any) -> Any:
        """JSON of an API route, numbers exact."""
        answer = httpx.get(self.addresses["page"] + path, params=query, timeout=30, trust_env=False)
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code} {answer.text[:500]}"
        return exact_json(answer.content)

    def exchange(self, path: str) -> Any:
        """JSON of one of the simulated exchange's own routes."""
        return httpx.get(self.addresses["exchange"] + path, timeout=30, trust_env=False).json()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, without the trading day."""
        database = self.addresses["database"]
        connection = pymysql.connect(**database, cursorclass=pymysql.cursors.DictCursor)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name from the test
            return [{name: value for name, value in row.items() if name != "trading_day"} for row in cursor.fetchall()]

    def stop(self) -> None:
        """Ctrl-C; asserts that nothing it started is left."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(STOP_S)
        _, left = psutil.wait_procs(family, timeout=5)
        assert not left, f"still running after Ctrl-C: {[process.cmdline() for process in left]}"


@contextmanager
def running(data: Path, *command: str, **settings: str) -> Iterator[Stack]:
    """A pipeline that is up (`demo`, unless told otherwise); its log is shown if it does not come up in time."""
    data.mkdir(parents=True, exist_ok=True)
    addresses = data / "run.json"
    addresses.unlink(missing_ok=True)
    output = _log(data).open("ab")
    own = {"STOCK_INSIGHTS_DATA": str(data), "STOCK_INSIGHTS_PAGE_PORT": str(ports.free())}
    environment = {**os.environ, **own, **settings}
    arguments = [sys.executable, "-m", "infra.local", *(command or ("demo",))]
    process = subprocess.Popen(arguments, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        until(lambda: addresses.exists() or _alive(process, data), "the pipeline is up", START_S)
        stack = Stack(process, data, json.loads(addresses.read_text("utf-8")))
        yield stack
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_S)
        output.close()


def _alive(process: subprocess.Popen[bytes], data: Path) -> bool:
    assert process.poll() is None, f"the pipeline ended with {process.returncode}:\n{_log(data).read_text()[-4000:]}"
    return False


def _log(data: Path) -> Path:
    """Beside the data, which is the run's own."""
    return data.with_name(f"{data.name}.log")
