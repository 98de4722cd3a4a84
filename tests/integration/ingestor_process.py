"""`python -m ingestor` as a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def ingestor(log: Path, **settings: str) -> AsyncIterator[Process]:
    """Killed at the end if it is still alive; its log is appended to."""
    environment = {"PATH": os.environ["PATH"], "MARKET_CALENDAR": "always", **settings}
    with log.open("ab") as stderr:
        command = (sys.executable, "-m", "ingestor")
        process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=stderr)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
