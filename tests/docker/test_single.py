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
from tests.docker import outside
from tests.docker.compose import ROOT, Project
from tests.docker.containers import run
from tests.docker.hosts import told
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

    def up(self) -> str:
        try:
            return self.make("up-single")
        except AssertionError as error:
            raise self.containers.said_last(error) from error

    @property
    def containers(self) -> Project:
        """The same, as Docker's own command sees it."""
        return Project(self.project, ("docker-compose.single.yml",), {"COMPOSE_PROFILES": "simulator"})

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
        single.make("images")
        assert single.page in single.up()
        yield single
    finally:
        single.make("down")


def test_the_api_has_prices(single: Single) -> None:
    trust = ssl.create_default_context(cafile=single.secrets / "ca.crt")
    with httpx.Client(base_url=single.page, verify=trust, trust_env=False, timeout=10) as client:

        def bars() -> list[dict[str, Any]]:
            answer = client.get("/api/v1/bars/2330")
            found: list[dict[str, Any]] = [] if _is_unheard_of(answer) else told(answer)["items"]
            return found

        assert until(bars, "a bar of 2330", 60)[0]["vwap"] > 0


def _is_unheard_of(answer: httpx.Response) -> bool:
    """All is up, and the exchange has not said yet which symbols there are."""
    return answer.status_code == httpx.codes.NOT_FOUND and "2330" in answer.text


def test_the_page_shows_them(single: Single, visit: Callable[..., Page]) -> None:
    page = visit(single.page, ignore_https_errors=True)
    checks.shows_a_first_live_price(page, single.page)


def test_no_secret_is_to_be_seen_from_outside(single: Single) -> None:
    secrets = outside.secrets_in(single.secrets)
    made = {secret: name for secret, name in secrets.items() if name != "fugle-api-key"}  # "simulated": no secret
    assert len(made) >= 15
    assert outside.told(single.containers, made | outside.SAID) == outside.SAID_BY


def test_down_leaves_nothing(single: Single) -> None:
    assert single.left()
    single.make("down")
    assert single.left() == []
    assert not single.secrets.exists()
