"""A process and the question that tells when it can do its work."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from infra.local.process import Child, Command
from infra.local.waiting import until


@dataclass(frozen=True, slots=True)
class Service:
    """A `Command`, what its start waits for (in words and as a question), and for how long."""

    command: Command
    ready: Callable[[], Awaitable[bool]]
    gate: str
    start_s: float = 60.0
    before: Callable[[], None] = lambda: None  # what must be undone before each start, such as an old "ready" file

    @property
    def name(self) -> str:
        return self.command.name

    async def launch(self) -> Child:
        """Its process, not ready yet."""
        self.before()
        return await Child.start(self.command)

    async def wait_ready(self, child: Child) -> None:
        """Return once the question is answered; `StartError` when the child ends or the time passes first."""
        await until(self.ready, child, self.start_s, self.gate)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Child]:
    """The service, ready inside and gone after."""
    child = await service.launch()
    try:
        await service.wait_ready(child)
        yield child
    finally:
        await child.stop()
