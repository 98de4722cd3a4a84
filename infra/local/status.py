"""One line of status a second, from the API's own account of itself."""

import asyncio
import sys
import time
from datetime import datetime
from typing import Any

import httpx

from infra.local import ports
from market.calendar import TAIPEI

_EVERY_S = 1.0
_PLAIN_EVERY_S = 10.0


async def show(page_port: int) -> None:
    """For ever: in place on a terminal, a plain line now and then elsewhere."""
    terminal = sys.stdout.isatty()
    async with httpx.AsyncClient(base_url=f"http://{ports.HOST}:{page_port}", timeout=5, trust_env=False) as client:
        while True:
            began = time.monotonic()
            line = await _line(client)
            sys.stdout.write(f"\r\033[K{line}" if terminal else f"{line}\n")
            sys.stdout.flush()
            pause = _EVERY_S if terminal else _PLAIN_EVERY_S
            await asyncio.sleep(max(0.1, pause - (time.monotonic() - began)))


def clear() -> None:
    """Room for another line on a terminal."""
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K")


async def _line(client: httpx.AsyncClient) -> str:
    try:
        answer = await client.get("/api/v1/status")
    except httpx.TransportError as error:
        return f"the API does not answer ({type(error).__name__})"
    if answer.status_code != httpx.codes.OK:
        return f"the API answers {answer.status_code}"
    return describe(answer.json())


def describe(status: dict[str, Any]) -> str:
    """The answer of GET /api/v1/status as one line; what is unknown is not shown."""
    feed, latency = status["feed"], status["latency"]
    hops = (("feed", feed), *((name, status[name]) for name in ("kafka", "spark", "database")))
    unwell = [f"{name} {hop['state']}" for name, hop in hops if hop["state"] != "ok"]
    said = [
        status["phase"],
        f"{feed['trades']:,} trades" if feed["trades"] is not None else None,
        f"{feed['open_gaps']} open gaps" if feed["open_gaps"] else None,
        f"latency p50 {latency['p50_ms']:.0f} p99 {latency['p99_ms']:.0f} ms"
        if latency["p50_ms"] is not None
        else None,
        f"exact through {_taipei(status['exact_through'])}" if status["exact_through"] is not None else None,
        ", ".join(unwell) or "all well",
    ]
    return " · ".join(part for part in said if part)


def _taipei(second: int) -> str:
    return datetime.fromtimestamp(second, TAIPEI).strftime("%H:%M:%S")
