"""What a crowd of clients leaves behind is looked for once it has gone, and its memory goes back to the system."""

import asyncio
import ctypes
import gc
import logging
import time

from api.client import Traffic

log = logging.getLogger("api.tidying")

CROWD = 50  # clients that left; fewer leave too little to look for
QUIET_S = 2.0  # nobody has left for so long: the crowd is gone
_LOOK_S = 1.0


class Departures:
    """When it is worth while. Pure: counts and time, in seconds of any monotonic clock, come from outside."""

    def __init__(self) -> None:
        self._left = self._tidied = 0
        self._left_s = 0.0

    def are_over(self, left: int, now_s: float) -> bool:
        """Whether a crowd is among the `left` since the start for which this was not yet said, and nobody follows."""
        if left != self._left:
            self._left, self._left_s = left, now_s
        if left - self._tidied < CROWD or now_s - self._left_s < QUIET_S:
            return False
        self._tidied = left
        return True


async def tidy(traffic: Traffic) -> None:
    """Runs until cancelled."""
    departures = Departures()
    while True:
        await asyncio.sleep(_LOOK_S)
        if departures.are_over(traffic.left, time.monotonic()):
            began_s = time.perf_counter()
            found = gc.collect()  # a connection is a cycle of a dozen parts, and the collector comes by numbers
            held_s = time.perf_counter() - began_s
            await asyncio.to_thread(trim)
            log.info("api.tidied left=%d unreachable=%d held_ms=%.1f", traffic.left, found, 1_000 * held_s)


def trim() -> None:
    """The C library keeps freed memory between blocks that are in use until it is asked; only glibc can be."""
    if _TRIM is not None:
        _TRIM(0)


_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)
