"""The exchange's REST interface (fugle.md §3.2), within what the plan allows."""

import asyncio
import logging
from http import HTTPStatus
from time import monotonic

import httpx

from ingestor.allowance import Allowance
from market.clock import Clock

_MINUTE_US = 60_000_000

log = logging.getLogger("ingestor")


class Rest:
    """All that call it share one allowance, first come, first served; `client` carries the address and the key."""

    def __init__(self, client: httpx.AsyncClient, allowance: Allowance, clock: Clock) -> None:
        self._client = client
        self._allowance = allowance
        self._clock = clock
        self._turn = asyncio.Lock()

    async def get(self, path: str, **query: int) -> httpx.Response:
        """The answer, whatever its status, to a GET below `intraday/`. Raises httpx.HTTPError."""
        async with self._turn:
            await self._allowed()
        try:
            answer = await self._client.get(f"intraday/{path}", params=query)
        except httpx.HTTPError:
            self._allowance.failed(monotonic())
            raise
        self._heed(answer)
        return answer

    async def _allowed(self) -> None:
        while True:
            wait_s = self._allowance.wait_s(monotonic())
            if not wait_s:
                return
            await asyncio.sleep(wait_s)

    def _heed(self, answer: httpx.Response) -> None:
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            next_minute_s = (_MINUTE_US - self._clock.now_us() % _MINUTE_US) / 1_000_000
            self._allowance.refused(monotonic(), next_minute_s)
        elif answer.is_server_error:
            self._allowance.failed(monotonic())
        else:
            self._allowance.answered()
