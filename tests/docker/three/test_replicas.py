"""Two replicas of the API behind the proxy: each alone is complete, and a browser goes on with the other."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from tests.builders import by_key
from tests.docker.containers import Container, container, run
from tests.docker.hosts import REPLICAS, SYMBOL, Hosts, told
from tests.e2e.compare import compare, expected
from tests.e2e.screen import Screen
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1_800)]

BACK_S = 30


def test_each_replica_alone_is_complete(hosts: Hosts) -> None:
    _each_is_complete(hosts)


def test_browsers_go_on_with_the_other_replica_when_theirs_dies(
    hosts: Hosts, screen: Screen, say: Callable[[str], None]
) -> None:
    (theirs,) = [each for each in hosts.c.replicas("api") if _clients(each)]
    before, began = screen.reconnects, time.monotonic()
    with _dead(theirs):
        until(lambda: screen.reconnects > before and screen.subscribed.is_set(), "the client is served again", BACK_S)
        say(f"served by the other replica {time.monotonic() - began:.1f} s after its own was told to die")
        (other,) = hosts.c.replicas("api")
        assert _clients(other) == 1
        assert hosts.get("/api/v1/status")["feed"]["state"] == "ok"
        hosts.play()
        compare(hosts, screen, lambda _: None, BACK_S)  # type: ignore[arg-type]  # it is read like a Stack
    _each_is_complete(hosts)


def _each_is_complete(hosts: Hosts) -> None:
    """A client of each, past the proxy, has every row of before and the trade that comes now; so has its history."""
    replicas = hosts.c.replicas("api")
    assert len(replicas) == REPLICAS
    with ExitStack() as stack:
        screens = [stack.enter_context(Screen(_at(each), [SYMBOL])) for each in replicas]
        hosts.play()
        for own in screens:
            compare(hosts, own, lambda _: None, BACK_S)  # type: ignore[arg-type]  # it is read like a Stack
            assert own.reconnects == 0
    for kind, rows in expected(hosts).items():  # type: ignore[arg-type]  # the same
        for replica in replicas:
            assert by_key(told(_get(replica, f"/api/v1/{kind}/{SYMBOL}"))["items"]) == rows, f"{replica.name}: {kind}"


@contextmanager
def _dead(replica: Container) -> Iterator[None]:
    """Killed in a way that Docker takes for a wish: it stays down until it is started."""
    run("docker", "kill", replica.identity)
    yield
    run("docker", "start", replica.identity)
    until(lambda: container(replica.identity).health == "healthy", f"{replica.name} is well again", BACK_S)


def _clients(replica: Container) -> int:
    found = re.search(r"^stock_insights_clients (\d+)", _get(replica, "/metrics").text, re.MULTILINE)
    assert found, "no figure of the open WebSockets"
    return int(found[1])


def _get(replica: Container, path: str) -> httpx.Response:
    return httpx.get(_at(replica) + path, timeout=10, trust_env=False)


def _at(replica: Container) -> str:
    return f"http://{replica.address}:8000"
