"""Where engines are measured: one broker, whose topics are made anew for each of them."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from confluent_kafka.admin import AdminClient

from infra import topics
from infra.local import kafka
from infra.local.process import Child
from infra.local.service import Service

T = TypeVar("T")
_TOPICS_S = 30.0


@dataclass(frozen=True)
class Site:
    """A running broker; `data`: a folder for what engines keep and say."""

    data: Path
    bootstrap: str
    _runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def anew(self) -> None:
        """No topic but the contract's, and those empty."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        found = _own(admin)
        if found:
            for done in admin.delete_topics(found).values():
                done.result(_TOPICS_S)
        deadline = time.monotonic() + _TOPICS_S
        while _own(admin):
            if time.monotonic() > deadline:
                message = f"the broker still has {_own(admin)} {_TOPICS_S:g} s after it was told to delete them"
                raise TimeoutError(message)
            time.sleep(0.05)
        topics.ensure(admin, topics.TopicSettings())

    @contextmanager
    def running(self, service: Service) -> Iterator[Child]:
        """The service's process, ready by its own word; all it started is gone after."""
        child = self.run(service.launch())
        try:
            self.run(service.wait_ready(child))
            yield child
        finally:
            self.run(child.stop())


@contextmanager
def site(data: Path) -> Iterator[Site]:
    """A broker with its data in the folder, stopped at the end."""
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        manager = kafka.broker(data / "kafka")
        broker = runner.run(manager.__aenter__())
        stack.callback(lambda: runner.run(manager.__aexit__(None, None, None)))
        yield Site(data, broker.bootstrap, runner)


def _own(admin: AdminClient) -> list[str]:
    return [name for name in admin.list_topics(timeout=_TOPICS_S).topics if not name.startswith("__")]
