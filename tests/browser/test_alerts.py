"""Alerts in the page, against the real API over a real broker and a real database: set, told, kept and taken away."""

import re
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.alert_rules import HOLDS_AFTER_S
from market.messages import SymbolInfo
from tests.api_builders import TEN, a_bar, a_status
from tests.browser import checks
from tests.browser.test_access import AXE, SERIOUS
from tests.integration.api_stack import Api, Stack, stack
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.stack]
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def under(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("alerts"), TEN + 600) as up:
        yield up


@pytest.fixture
def api(under: Stack) -> Iterator[Api]:
    """It has traded at 1,085 until now, and knows no alert."""
    under.database.query("DELETE FROM alerts")
    with under.api() as up:
        at = now(under)
        under.send(SymbolInfo(symbol="2330", trading_day="2026-12-01", name="台積電", name_en="TSMC"), a_status(at))
        under.send(*(a_bar(second, price="1085") for second in range(at - 200, at)))
        until(lambda: up.get("/api/v1/symbols")["items"][0]["last"], "there is a bar")
        yield up


def now(under: Stack) -> int:
    """Seconds after ten on the market's clock."""
    return int(time.time()) + under.clock_offset_s - TEN


def trades(under: Stack, *prices: str) -> int:
    """Bars from when a new alert holds; the second of the last, after ten."""
    (created,) = under.database.query("SELECT MAX(created_s) FROM alerts")[0]
    at = max(created - TEN + HOLDS_AFTER_S + 1, now(under))
    under.send(*(a_bar(at + step, price=price) for step, price in enumerate(prices)))
    return at + len(prices) - 1


def held(under: Stack) -> int:
    return len(under.database.query("SELECT id FROM alerts"))


def known(api: Api, number: int) -> None:
    """As many alerts are in force."""
    figure = f"stock_insights_alerts {number}.0"
    until(lambda: figure in httpx.get(f"{api.url}/metrics").text, f"{number} are known")


def test_an_alert_is_set_by_keys_told_when_it_fires_and_still_there_after_a_reload(
    under: Stack, api: Api, visit: Visit
) -> None:
    page = visit(api.url)
    checks.open_page(page, api.url, "?symbol=2330&watch=2330")
    page.keyboard.press("a")
    level = page.locator("#panel input[name=level]")
    expect(level).to_have_value("1085")
    level.fill("1100")
    level.press("Enter")
    row = page.locator("#panel .alert")
    expect(row).to_contain_text("▲ 到達 1,100")
    expect(row).to_contain_text("等待中")
    known(api, 1)
    last = trades(under, "1090", "1100")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("2330 台積電 · ▲ 到達 1,100", timeout=checks.PATIENCE_MS)
    expect(toast).to_contain_text(checks.clock(TEN + last))
    page.reload()
    expect(page.locator("#blank")).to_be_hidden(timeout=checks.PATIENCE_MS)
    page.keyboard.press("a")
    expect(row).to_contain_text(f"已於 {checks.clock(TEN + last)} 觸發")
    expect(toast).to_have_count(0)


def test_shift_and_a_click_on_the_chart_set_one_at_that_price(under: Stack, api: Api, visit: Visit) -> None:
    page = visit(api.url)
    checks.open_page(page, api.url, "?symbol=2330&watch=2330&lang=en")
    box = page.locator("#chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.3)
    page.keyboard.down("Shift")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.3)
    page.keyboard.up("Shift")
    level = page.locator("#panel input[name=level]")
    expect(level).to_have_value(re.compile(r"^1[01]\d\d$"))
    before = page.locator("#chart").screenshot()
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#panel .alert")).to_contain_text("waiting")
    page.wait_for_timeout(200)
    assert page.locator("#chart").screenshot() != before  # its level is drawn
    remove = page.locator("#panel .alert .remove")
    remove.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("No alert is set")
    assert held(under) == 0


def test_what_others_set_is_not_shown_and_not_told(under: Stack, api: Api, visit: Visit) -> None:
    mine, theirs = visit(api.url), visit(api.url)
    for page in (mine, theirs):
        checks.open_page(page, api.url, "?symbol=2330&watch=2330&lang=en")
        page.keyboard.press("a")
    mine.locator("#panel input[name=level]").fill("1120")
    mine.get_by_role("checkbox").check()
    mine.get_by_role("button", name="Set", exact=True).click()
    expect(mine.locator("#panel .alert")).to_contain_text("repeats")
    known(api, 1)
    trades(under, "1085", "1125")
    expect(mine.locator(".toast")).to_contain_text("reaches 1,120", timeout=checks.PATIENCE_MS)
    expect(theirs.locator(".toast")).to_have_count(0)
    expect(theirs.locator("#panel")).to_contain_text("No alert is set")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (npm ci in frontend)")
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_serious_and_a_phone_has_room(api: Api, visit: Visit, scheme: str) -> None:
    page = visit(api.url, color_scheme=scheme, bypass_csp=True, viewport={"width": 390, "height": 844})
    checks.open_page(page, api.url, "?symbol=2330&watch=2330")
    page.locator("#alerts-open").click()
    for name in ("5秒均 上穿 15秒均", "出現資料缺口"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("#panel .alert").filter(has_text=name)).to_have_count(1)
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(SERIOUS)
    assert not found, "\n".join(found)
    checks.fits_its_width(page)
