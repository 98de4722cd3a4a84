"""`python -m simulator` as a process: it serves, stops when told to, says why it cannot go on, and survives a kill."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from simulator.ledger import trades
from tests.contract.double import BASE, KEY, PATIENCE_S, PLAIN, TAPE, fetched, hear, tell


@contextmanager
def a_process(**settings: Any) -> Iterator[subprocess.Popen[str]]:
    """`python -m simulator`, which is gone when the test is."""
    environment = os.environ | {f"SIMULATOR_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "simulator"]
    with subprocess.Popen(command, cwd=TAPE.parents[1], env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], until: str | None = None) -> str:
    """What a process wrote: up to a word, or all of it."""
    assert process.stderr is not None
    if until is None:
        return process.stderr.read()
    return next(line for line in process.stderr if until in line)


def port_of(process: subprocess.Popen[str]) -> int:
    return int(said(process, until="listening").split("',")[1].split(")")[0])


def test_the_process_serves_stops_on_sigterm_and_says_why_it_cannot_start() -> None:
    with a_process(port=0) as first:
        port = port_of(first)
        assert fetched(f"http://127.0.0.1:{port}/healthz", None) == (200, {"status": "ok"})
        with a_process(port=port) as second:
            assert second.wait(PATIENCE_S) == 1
            assert "cannot_go_on" in said(second).splitlines()[-1]
        first.send_signal(signal.SIGTERM)
        assert first.wait(PATIENCE_S) == 0
    with a_process(mode="tape") as third:
        assert third.wait(PATIENCE_S) == 78
        assert "SIMULATOR_TAPE" in said(third)


def test_what_a_client_has_seen_is_in_the_ledger_even_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"

    async def seen(process: subprocess.Popen[str]) -> list[tuple[str, int]]:
        received: list[tuple[str, int]] = []
        async with connect(f"ws://127.0.0.1:{port_of(process)}{BASE}/streaming", **PLAIN) as ws:
            await tell(ws, "auth", apikey=KEY)
            await tell(ws, "subscribe", channel="trades", symbols=["2330", "2317", "0050"])
            try:
                while True:
                    frame = await hear(ws)
                    received += [(frame["data"]["symbol"], frame["data"]["serial"])] if frame["event"] == "data" else []
                    if len(received) == 500:
                        process.kill()
            except ConnectionClosed:
                return received

    with a_process(port=0, ledger=path, rate=3_000, symbols=5) as process:
        received = asyncio.run(seen(process))
    assert len(received) >= 500
    assert set(received) <= {(each["symbol"], each["serial"]) for each in trades(path)}
