"""Starts services, notices their death, starts them again, and ends them all in reverse order."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from infra.local.guard import Guard
from infra.local.process import Child
from infra.local.service import Service
from infra.local.waiting import StartError
from market.settings import EX_CONFIG


class ServiceLostError(RuntimeError):
    """A service dies faster than restarts can help; the message shows its last words."""


@dataclass(frozen=True, slots=True)
class Patience:
    """A service that lived `quick_s` is restarted afresh; `deaths` quicker ones in a row are too many."""

    quick_s: float = 20.0
    deaths: int = 5
    first_pause_s: float = 0.5
    longest_pause_s: float = 10.0

    def pause_s(self, quick_deaths: int) -> float:
        return float(min(self.longest_pause_s, self.first_pause_s * 2 ** max(0, quick_deaths - 1)))


class Supervisor:
    """Entered, it runs services; left, nothing of them runs any more: the last of `order` ends first."""

    def __init__(self, say: Callable[[str], None], patience: Patience | None = None, order: Sequence[str] = ()) -> None:
        self._say = say
        self._patience = patience or Patience()
        self._guard = Guard()
        self._order = order
        self._children: dict[str, Child] = {}
        self._watches: list[asyncio.Task[None]] = []
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._at_once = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lost.cancel()
        await self._stop()
        self._guard.__exit__(None, None, None)

    async def start(self, service: Service) -> None:
        """Start it and wait until it is ready (`StartError`); from then on it is kept running."""
        await self._launch(service)
        self._watches.append(asyncio.create_task(self._keep(service), name=service.name))

    async def lost(self) -> None:
        """Wait for a service that cannot be kept running: ends with `ServiceLostError`, if ever."""
        await asyncio.shield(self._lost)

    def stop_at_once(self) -> None:
        """No more grace: whoever still has to end is killed."""
        self._at_once.set()

    async def _launch(self, service: Service) -> None:
        child = await service.launch()
        self._guard.add(child.pid)
        self._children[service.name] = child
        try:
            await service.wait_ready(child)
        except StartError:
            await self._end(child, at_once=True)
            raise

    async def _keep(self, service: Service) -> None:
        quick_deaths, died = 0, ""
        while True:
            child, began = self._children[service.name], time.monotonic()
            if not died:
                died = f"ended with code {await child.wait()}"
                await self._end(child, at_once=True)  # what is left of its group
            quick_deaths = quick_deaths + 1 if time.monotonic() - began < self._patience.quick_s else 1
            if child.returncode == EX_CONFIG or quick_deaths >= self._patience.deaths:
                self._give_up(child, f"{died}, {quick_deaths} times in a row")
                return
            pause = self._patience.pause_s(quick_deaths)
            self._say(f"{service.name} {died}; starting it again in {pause:.1f} s (log: {child.command.log})")
            await asyncio.sleep(pause)
            died = await self._again(service)

    async def _again(self, service: Service) -> str:
        """Empty when it is up again, else why not."""
        began = time.monotonic()
        try:
            await self._launch(service)
        except StartError as error:
            return f"did not come up ({str(error).splitlines()[0]})"
        self._say(f"{service.name} is up again after {time.monotonic() - began:.1f} s")
        return ""

    def _give_up(self, child: Child, why: str) -> None:
        if not self._lost.done():
            message = f"{child.command.name} {why}; its log ({child.command.log}) ends:\n{child.tail()}"
            self._lost.set_exception(ServiceLostError(message))

    async def _stop(self) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        started = enumerate(self._children.values())
        for _, child in sorted(started, key=lambda each: (self._rank(each[1]), each[0]), reverse=True):
            await self._end(child)

    def _rank(self, child: Child) -> int:
        """Its place in the order; who has none ends before all others, the last started first."""
        name = child.command.name
        return self._order.index(name) if name in self._order else len(self._order)

    async def _end(self, child: Child, *, at_once: bool = False) -> None:
        hurry = asyncio.create_task(self._at_once.wait())
        stop = asyncio.create_task(child.stop(at_once=at_once or self._at_once.is_set()))
        await asyncio.wait({stop, hurry}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.done():
            await child.stop(at_once=True)
        hurry.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stop
        self._guard.remove(child.pid)
