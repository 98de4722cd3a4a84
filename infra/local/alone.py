"""One part by itself, for a test or a look: a JSON line on stdout when it is ready, its end at SIGTERM."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from infra.local import database as mariadb
from infra.local.kafka import broker


async def kafka(data: Path, port: int, cache: Path) -> None:
    async with broker(data, port, cache) as up:
        _announce(host=up.host, port=up.port, pid=up.pid)
        await _until_stopped()


async def database(data: Path, port: int, cache: Path) -> None:
    async with mariadb.database(data, port, cache) as up:
        _announce(**up.settings())
        await _until_stopped()


async def _until_stopped() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def _announce(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
