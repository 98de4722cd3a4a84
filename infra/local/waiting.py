"""Waiting for a condition with a deadline, and saying what was waited for when it passes."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from infra.local.process import Child, Command

_PAUSE_S = 0.05


class StartError(RuntimeError):
    """Something did not come up; the message says what was waited for and what it said last."""


async def until(ready: Callable[[], Awaitable[bool]], child: Child, deadline_s: float, what: str) -> None:
    """Return once `ready()`; `StartError` when the child ends first or the deadline passes."""
    end = time.monotonic() + deadline_s
    while not await ready():
        if child.returncode is not None:
            raise _error(child, f"ended with code {child.returncode} before {what}")
        if time.monotonic() > end:
            raise _error(child, f"waited {deadline_s:.0f} s in vain for {what}")
        await asyncio.sleep(_PAUSE_S)


async def finish(command: Command, deadline_s: float) -> None:
    """Run a command to its end; `StartError` when it fails or takes longer than the deadline."""
    child = await Child.start(command)
    try:
        code = await asyncio.wait_for(child.wait(), deadline_s)
    except TimeoutError as error:
        raise _error(child, f"not finished after {deadline_s:.0f} s") from error
    finally:
        await child.stop(at_once=True)
    if code:
        raise _error(child, f"ended with code {code}")


def _error(child: Child, what: str) -> StartError:
    return StartError(f"{child.command.name}: {what}; its log ({child.command.log}) ends:\n{child.tail()}")


async def port_open(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 1.0)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
