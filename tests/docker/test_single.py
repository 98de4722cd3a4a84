"""`make images up-single` brings up the page with prices; `make down` leaves nothing."""

import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from infra.local import ports
from tests.browser import checks
from tests.docker.compose import ROOT, run
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1_800)]


@dataclass(frozen=True)
class Single:
    """The commands, with a project and a folder of this test's own."""

    project: str
    secrets: Path
    page_port: int
    exchange_port: int

    def make(self, *targets: str) -> str:
        own = {
            "COMPOSE_PROJECT_NAME": self.project,
            "PAGE_PORT": str(self.page_port),
            "SIMULATOR_PORT": str(self.exchange_port),
        }
        arguments = ("make", "-C", str(ROOT), f"SINGLE_SECRETS={self.secrets}", *targets)
        return run(*arguments, env=own, seconds=1_500)

    @property
    def page(self) -> str:
        return f"https://127.0.0.1:{self.page_port}"

    def left(self) -> list[str]:
        """What Docker still has of it."""
        of_it = ("--filter", f"label=com.docker.compose.project={self.project}")
        lists = (("ps", "-a"), ("network", "ls"), ("volume", "ls"))
        return [line for kind in lists for line in run("docker", *kind, "-q", *of_it).split()]


@pytest.fixture(scope="module")
def single(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Single]:
    secrets = tmp_path_factory.mktemp("single") / "secrets"
    single = Single(f"test-single-{os.getpid()}", secrets, ports.free(), ports.free())
    try:
        assert single.page in single.make("images", "up-single")
        yield single
    finally:
        single.make("down")


def test_the_api_has_prices(single: Single) -> None:
    trust = ssl.create_default_context(cafile=single.secrets / "ca.crt")
    with httpx.Client(base_url=single.page, verify=trust, trust_env=False, timeout=10) as client:

        def bars() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = client.get("/api/v1/bars/2330").json()["items"]
            return found

        assert until(bars, "a bar of 2330", 60)[0]["vwap"] > 0


def test_the_page_shows_them(single: Single, visit: Callable[..., Page]) -> None:
    page = visit(single.page, ignore_https_errors=True)
    checks.shows_a_first_live_price(page, single.page)


def test_down_leaves_nothing(single: Single) -> None:
    assert single.left()
    single.make("down")
    assert single.left() == []
    assert not single.secrets.exists()
