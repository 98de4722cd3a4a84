"""A server that speaks the contract from a seeded tape."""

from collections.abc import Callable, Iterator

import pytest

from tests.browser.fake_server import FakeServer, clock_from
from tests.browser.tape import Tape

DAY = 1_796_054_400  # 2026-12-01 00:00 in Taipei
TEN = DAY + 10 * 3600 + 900


@pytest.fixture(scope="session")
def tape() -> Tape:
    return Tape(DAY)


@pytest.fixture
def serve(tape: Tape) -> Iterator[Callable[..., FakeServer]]:
    """Starts a server whose exchange clock shows `at` (epoch seconds) now."""
    servers: list[FakeServer] = []

    def start(at: float = TEN, on: Tape = tape) -> FakeServer:
        servers.append(FakeServer(on, clock_from(at)).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
