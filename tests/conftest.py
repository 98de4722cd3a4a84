"""A real browser for every suite that shows a page, and an hour for every suite that trades by the real clock."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from market.calendar import day_bounds_us, trading_day
from market.clock import Clock
from tests.browser.checks import Faults

NEAR_S = 600

# How fast examples are made and run says how busy the machine is, not whether the code is right.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# What is slow to start is shared by a group, or is alone on the machine; the longest group begins.
GROUPS = {
    "browser": "stacks",  # Chromium gives up what it loads when Docker makes a network
    "e2e": "stacks",
    "docker": "stacks",
    "faults": "stacks",
    "property": "spark",
    "spark": "spark",
    "security": "hosts",
}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def group(nodeid: str) -> str:
    """The tests that one process runs in turn: those of a group, or of a file."""
    file = nodeid.partition("::")[0]
    return GROUPS.get(file.split("/")[1], file)


class ByGroup(LoadScopeScheduling):
    """Which of the processes that share the tests runs which."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    return ByGroup(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: group(item.nodeid) != "stacks")


@pytest.fixture(scope="module")
def far_from_midnight() -> None:
    """For tests of one trading day; `test_midnight` and the ingestor's watch have their own clocks for two."""
    now_us = Clock().now_us()
    left_s = (day_bounds_us(trading_day(now_us))[1] - now_us) // 1_000_000
    if left_s < NEAR_S:
        pytest.skip(f"trades by the real clock for one day, and midnight in Taipei is {left_s} s away")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a viewer in New York; at the end it must have done nothing it never should."""
    opened: list[tuple[Page, Faults]] = []

    def new_page(base_url: str, **options: object) -> Page:
        settings = {
            "viewport": {"width": 1440, "height": 900},
            "color_scheme": "dark",
            "timezone_id": "America/New_York",
        } | options
        page = browser.new_context(**settings).new_page()  # type: ignore[arg-type]
        opened.append((page, Faults().watch(page, base_url)))
        return page

    yield new_page
    faults = [fault for _, watched in opened for fault in watched.said]
    for page, _ in opened:
        page.context.close()
    assert faults == []
