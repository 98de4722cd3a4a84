"""A replay says that it is one, and is told from its banner how to go on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import checks
from tests.browser.fake_server import FakeServer

pytestmark = pytest.mark.browser

Serve = Callable[..., FakeServer]
Visit = Callable[..., Page]


def test_a_replay_is_never_taken_for_the_live_market(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    banner = page.locator(".replay")
    expect(banner).to_be_hidden()
    server.told["replay"] = {"day": "2026-12-01", "speed": 10, "state": "playing"}
    words = banner.locator("[data-cell=replay]")
    expect(words).to_have_text(re.compile(r"^回放 2026-12-01 10:15:\d\d$"), timeout=checks.PATIENCE_MS)
    page.locator("#language").click()
    expect(words).to_have_text(re.compile(r"^REPLAY 2026-12-01 10:15:\d\d$"))
    server.told["replay"] = {"day": "2026-12-01", "speed": 10, "state": "ended"}
    expect(words).to_have_text("REPLAY 2026-12-01 · ended", timeout=checks.PATIENCE_MS)
    expect(banner.get_by_role("button")).to_be_hidden()


def test_a_replay_is_paused_and_made_faster_from_its_banner_and_a_refusal_is_shown(serve: Serve, visit: Visit) -> None:
    server = serve()
    server.told["replay"] = {"day": "2026-12-01", "speed": 10, "state": "playing"}
    page = visit(server.url)
    asked: list[object] = []

    def answer(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(status=200, content_type="application/json", body="{}")

    page.route("**/api/v1/replay", answer)
    checks.open_page(page, server.url, "?lang=en")
    speed = page.get_by_label("Speed", exact=True)
    expect(speed).to_have_value("10", timeout=checks.PATIENCE_MS)
    speed.select_option("50")
    page.get_by_role("button", name="Pause", exact=True).click()
    server.told["replay"] = {"day": "2026-12-01", "speed": 50, "state": "paused"}
    page.get_by_role("button", name="Go on", exact=True).click(timeout=checks.PATIENCE_MS)
    assert asked == [{"speed": 50}, {"paused": True}, {"paused": False}]
    expect(page.locator("[data-cell=replay]")).to_have_text(re.compile("paused$"))
    page.evaluate("""() => { window.fetch = async () => new Response('{"detail": "nobody plays"}', {status: 409}); }""")
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.locator(".replay .said")).to_have_text("nobody plays")
    speed.focus()  # as a viewer who chooses: as long as he does, the status does not take it from him
    speed.select_option("100")
    expect(speed).to_have_value("50", timeout=checks.PATIENCE_MS)
    server.told["replay"] = {"day": "2026-12-01", "speed": 20, "state": "paused"}
    expect(speed).to_have_value("20", timeout=checks.PATIENCE_MS)
