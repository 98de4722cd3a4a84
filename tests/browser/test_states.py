"""What the server means is what the page shows: broken, gap, healed, corrected, halted, trial, closed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.conftest import DAY, TEN
from tests.browser.fake_server import FakeServer
from tests.browser.tape import STOCKS, Row, Tape, Trade

pytestmark = pytest.mark.browser

Serve = Callable[..., FakeServer]
Visit = Callable[..., Page]
LOST = frozenset(("2330", TEN - 60 + at) for at in range(9))


def _gap(state: str, lots: int, reason: str) -> Row:
    data = {
        "symbol": "2330",
        "from_us": (TEN - 61) * 1_000_000,
        "to_us": (TEN - 51) * 1_000_000,
        "missing_lots": lots,
        "state": state,
        "reason": reason,
    }
    return {"type": "gap", "data": data}


def test_a_broken_chain_raises_an_alarm_that_ends_with_it(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    expect(page.locator("#broken-open")).to_be_hidden()
    server.told["broken"] = 2
    expect(page.locator("#broken-open")).to_have_text("2 檔累計量不符", timeout=checks.PATIENCE_MS)
    expect(page.locator("#notice")).to_contain_text(
        "2 檔的成交量與交易所累計量不符,自 10:15:", timeout=checks.PATIENCE_MS
    )
    server.told["broken"] = 0
    expect(page.locator("#broken-open")).to_be_hidden(timeout=checks.PATIENCE_MS)
    expect(page.locator("#notice")).to_be_hidden()


def test_who_holds_exactness_back_is_named_and_a_click_shows_it(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    expect(page.locator("#held")).to_be_hidden()
    server.told["exact_held_by"] = "5871"
    expect(page.locator("#held")).to_have_text("待 5871", timeout=checks.PATIENCE_MS)
    page.locator("#held").click()
    expect(page.locator("[data-field=symbol]")).to_have_text("5871")


def test_a_gap_is_marked_with_lots_and_reason_and_again_as_repaired(serve: Serve, visit: Visit) -> None:
    server = serve(on=Tape(DAY, lost=LOST))
    server.gaps = [_gap("open", 66, "the running volume jumps over 66 lots")["data"]]  # type: ignore[list-item]
    page = visit(server.url)
    checks.open_page(page, server.url)
    page.keyboard.press("g")
    expect(page.locator("#panel .gap")).to_contain_text("累計量跳過 66 張")
    page.locator("#panel .gap").click()  # to the bar after the gap
    marks = page.locator("[data-item=marks] .value")
    expect(marks).to_contain_text("缺 66 張 · 補抓中(累計量跳過 66 張)")
    expect(page.locator("#panel .proof")).to_have_attribute("data-proof", "broken")
    assert page.locator("[data-field=vwap]").inner_text() == "—", "a day with a hole has no vwap"
    server.tell(_gap("healed", 66, "66 lots came by rest"))
    expect(marks).to_contain_text("已補 66 張(66 張由 REST 補回)")


def test_a_late_trade_corrects_its_bar_and_the_page_marks_it(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    second = checks.second_of(checks.step_back(page, 8)["time"], DAY)
    bar = server.tape.bar(STOCKS[0], second, server.now_us())
    assert bar is not None
    server.tell({"type": "bar", "data": bar | {"trades": 99, "volume": 500}})
    expect(page.locator("[data-item=marks] .value")).to_contain_text("更正")
    expect(page.locator("[data-item=second_volume] .value")).to_have_text("500 張")


def test_a_bar_is_explained_by_its_trades_sources_versions_and_proof(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    shown = checks.step_back(page, 5)
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.locator("h2")).to_have_text(f"2330 · {shown['time']}")
    expect(panel.locator(".proof")).to_have_attribute("data-proof", "sealed")
    expect(panel.locator("h3").nth(1)).to_have_text(f"成交 {shown['trades']} 筆")
    assert panel.locator("table").first.locator("tbody tr").count() == int(shown["trades"])
    assert panel.locator("table").first.locator("td").nth(3).inner_text() == "串流"
    assert panel.locator("table").nth(1).locator("tbody tr").count() == 1
    page.keyboard.press("ArrowLeft")
    expect(panel.locator("h2")).not_to_have_text(f"2330 · {shown['time']}")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "chart"


def test_a_click_on_the_chart_explains_the_second_under_it(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    box = page.locator("#chart").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 200)
    expect(page.locator("#panel h2")).to_have_text(
        page.locator("[data-item=time] .value").inner_text().join(["2330 · ", ""])
    )
    expect(page.locator("#panel-body > *").first).to_be_visible()


def test_a_pause_a_trial_price_and_the_auction_that_ends_it(serve: Serve, visit: Visit) -> None:
    tape = Tape(DAY)
    server = serve(on=tape)
    page = visit(server.url)
    checks.open_page(page, server.url)
    begun = server.now_us() // 1_000_000 + 1
    trades = tape.trades(STOCKS[0])
    for second in range(begun, begun + 600):
        trades.pop(second, None)
    volume = max((trade.volume for at in range(begun - 60, begun) for trade in trades.get(at, ())), default=0)
    server.tell({"type": "pause", "data": {"symbol": "2330", "time_us": begun * 1_000_000, "direction": "up"}})
    expect(page.locator("#badge")).to_contain_text("暫緩撮合", timeout=checks.PATIENCE_MS)
    expect(page.locator("[data-cell=next]")).to_contain_text("2330 暫緩撮合 · 10:15:")
    expect(page.locator("[data-field=trial]")).to_be_hidden()
    server.tell({"type": "trial", "data": {"symbol": "2330", "price": 1130, "size": 184, "time": server.now_us()}})
    expect(page.locator("[data-field=trial]")).to_have_text("試撮 1,130 · 184 張")
    assert checks.field_text(page, "price") != "1,130", "a trial price is no last price"
    call = max(server.now_us() // 1_000_000, begun) + 1
    trades[call] = [Trade(call * 1_000_000, 11_300_000, 20, 1, volume + 20)]
    expect(page.locator("#badge")).to_be_hidden(timeout=checks.PATIENCE_MS)
    expect(page.locator("[data-field=trial]")).to_be_hidden()
    expect(page.locator("[data-field=price]")).to_have_text("1,130")


def test_a_call_that_is_put_off_is_said_with_its_reason_for_its_symbol_and_shows_trial_prices(
    serve: Serve, visit: Visit
) -> None:
    server = serve(at=DAY + 13.5 * 3600 + 10)
    server.told["delayed"] = [{"symbol": "2330", "time_us": server.now_us() - 20_000_000, "auction": "close"}]
    page = visit(server.url)
    checks.open_page(page, server.url)
    badge = page.locator("#badge")
    expect(badge).to_have_text("延後收盤 · 試撮波動過大,13:33 撮合", timeout=checks.PATIENCE_MS)
    expect(badge).to_have_attribute("title", re.compile("3.5%"))
    expect(page.locator("[data-cell=next]")).to_have_text("2330 延後收盤 · 試撮波動過大,13:33 撮合")
    server.tell({"type": "trial", "data": {"symbol": "2330", "price": 1130, "size": 184, "time": server.now_us()}})
    expect(page.locator("[data-field=trial]")).to_have_text("試撮 1,130 · 184 張")
    page.keyboard.press("ArrowDown")
    expect(badge).not_to_contain_text("延後收盤")
    server.told["delayed"] = []
    page.keyboard.press("ArrowUp")
    expect(badge).to_have_text("收盤 · 顯示 2026-12-01 交易日", timeout=checks.PATIENCE_MS)


@pytest.mark.parametrize(
    ("at", "phase", "badge"),
    [
        (8.75, "試撮", "試撮中 · 尚未成交"),
        (13.46, "收盤撮合", "收盤撮合中 · 13:30 成交"),
        (14, "收盤", "收盤 · 顯示 2026-12-01 交易日"),
    ],
)
def test_the_phases_are_told_apart(serve: Serve, visit: Visit, at: float, phase: str, badge: str) -> None:
    server = serve(at=DAY + at * 3600)
    page = visit(server.url)
    page.goto(server.url)
    expect(page.locator("[data-cell=phase]")).to_have_text(phase, timeout=checks.PATIENCE_MS)
    expect(page.locator("#badge")).to_have_text(badge, timeout=checks.PATIENCE_MS)
