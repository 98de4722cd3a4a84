"""For everyone: axe finds nothing serious, the keyboard reaches everything, both languages are whole."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.fake_server import FakeServer

pytestmark = pytest.mark.browser

Serve = Callable[..., FakeServer]
Visit = Callable[..., Page]
AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
SERIOUS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`)"""
REACHED = """() => [...document.querySelectorAll("button, input, a[href], [tabindex='0']")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest("[hidden]"))
  .filter((node) => !reached.has(node)).map((node) => node.outerHTML.slice(0, 120))"""
CJK = re.compile(r"[\u3400-\u9fff]")
VISIBLE_TEXTS = """() => [...document.body.querySelectorAll("*")].filter((node) => !node.closest("#language"))
  .flatMap((node) => [...[...node.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data),
    node.title, node.getAttribute("aria-label"), node.getAttribute("placeholder")]).filter(Boolean)"""


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (npm ci in frontend)")
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_serious_with_every_part_open(serve: Serve, visit: Visit, scheme: str) -> None:
    server = serve()
    server.told |= {"broken": 1, "exact_held_by": "5871"}
    page = visit(server.url, color_scheme=scheme, bypass_csp=True)
    checks.open_page(page, server.url, "?symbol=2330&compare=0050")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(SERIOUS)
    page.keyboard.press("Enter")
    page.locator("#chart").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel .proof")).to_be_visible()
    found += page.evaluate(SERIOUS)
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    server.silent = True
    expect(page.locator("#symbol")).to_have_attribute("data-link", "stale", timeout=checks.PATIENCE_MS)
    found += page.evaluate(SERIOUS)
    page.keyboard.press("?")
    found += page.evaluate(SERIOUS)
    assert not found, "\n".join(found)


def test_the_keyboard_reaches_everything(serve: Serve, visit: Visit) -> None:
    server = serve()
    server.told |= {"broken": 1, "exact_held_by": "5871"}
    page = visit(server.url)
    checks.open_page(page, server.url, "?symbol=2330&watch=2330,0050&compare=0050")
    expect(page.locator("#held")).to_be_visible(timeout=checks.PATIENCE_MS)
    page.evaluate("globalThis.reached = new Set(); addEventListener('focusin', ({ target }) => reached.add(target))")
    for _ in range(60):
        page.keyboard.press("Tab")
    assert page.evaluate(REACHED) == []


def test_english_is_whole(serve: Serve, visit: Visit) -> None:
    server = serve()
    server.told |= {"broken": 2, "exact_held_by": "5871"}
    page = visit(server.url)
    checks.open_page(page, server.url, "?lang=en&symbol=2330&compare=0050")
    page.locator("#chart").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel .proof")).to_be_visible()
    expect(page.locator("#notice")).to_be_visible(timeout=checks.PATIENCE_MS)
    assert [text for text in page.evaluate(VISIBLE_TEXTS) if CJK.search(text)] == []


def test_reduced_motion_moves_nothing(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url, reduced_motion="reduce")
    page.add_init_script("Element.prototype.animate = () => { throw new Error('it moves'); };")
    checks.open_page(page, server.url)
    page.wait_for_timeout(2_000)


def test_nothing_moves_when_numbers_come(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    page.add_init_script(
        "globalThis.shifts = []; new PerformanceObserver((list) => { for (const entry of list.getEntries()) "
        "shifts.push(entry.value); }).observe({ type: 'layout-shift', buffered: true });"
    )
    checks.open_page(page, server.url)
    page.wait_for_timeout(3_000)
    assert sum(page.evaluate("shifts")) < 0.02
