"""Once a second: the status to every browser, and a look at those who do not read."""

import asyncio

from api.frames import text_frame
from api.hub import Hub
from api.protocol import HEARTBEAT_S
from api.status import Status

_KEY = ("status", "", 0)  # a newer status replaces one that still waits


async def beat(hub: Hub, status: Status) -> None:
    """Runs until cancelled; each beat at its time, however long the last took."""
    loop = asyncio.get_running_loop()
    at_s = loop.time()
    while True:
        hub.tell_all(_KEY, text_frame(status.message()))
        for client in hub.clients():
            client.check(loop.time())
        at_s = max(at_s + HEARTBEAT_S, loop.time())
        await asyncio.sleep(at_s - loop.time())
