"""The page in Debian's Chromium, served from a seeded tape; the checks themselves run against any server."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.conftest import DAY, TEN
from tests.browser.fake_server import FakeServer
from tests.browser.tape import STOCKS, Row, Tape

pytestmark = pytest.mark.browser

Serve = Callable[..., FakeServer]
Visit = Callable[..., Page]
HOSTILE = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'


def test_it_shows_the_first_live_price(serve: Serve, visit: Visit) -> None:
    server = serve()
    checks.shows_a_first_live_price(visit(server.url), server.url)


def test_a_new_bar_is_painted(serve: Serve, visit: Visit) -> None:
    server = serve()
    checks.paints_a_new_bar(visit(server.url), server.url)


def test_after_a_restart_no_second_is_missing_and_none_is_different(serve: Serve, visit: Visit, tape: Tape) -> None:
    server = serve()
    page = visit(server.url)
    checks.heals_after_a_restart(page, server.url, server.stop, server.start)
    page.wait_for_timeout(1_500)
    shown = checks.last_bars(page, 30)[:-2]  # the newest may still have grown while they were read
    assert [_told(bar) for bar in shown] == [_told_by(row) for row in _same_seconds(tape, shown)]


def test_history_joins_the_snapshot_without_a_seam(serve: Serve, visit: Visit, tape: Tape) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url, "?symbol=2330")
    expect(page.locator("[data-field=vwap]")).not_to_have_text("—", timeout=checks.PATIENCE_MS)
    first = tape.bars(STOCKS[0], DAY, TEN, TEN * 1_000_000)[0]
    assert checks.field_text(page, "open").replace(",", "") == f"{first['open']:.0f}"
    assert page.locator("[data-partial]").count() == 0


def test_its_averages_are_the_servers_and_it_says_so(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    expect(page.locator("[data-cell=audit]")).to_contain_text("✓", timeout=checks.PATIENCE_MS)


def test_a_hostile_name_is_a_name(serve: Serve, visit: Visit) -> None:
    stocks = (replace(STOCKS[0], name=HOSTILE, name_en=HOSTILE), *STOCKS[1:3])
    server = serve(on=Tape(DAY, stocks=stocks))
    page = visit(server.url)
    checks.open_page(page, server.url)
    expect(page.locator("h1")).to_have_text(HOSTILE)
    page.keyboard.press("/")
    page.keyboard.type("2330")
    expect(page.locator(".hit .name")).to_have_text(HOSTILE)
    assert page.locator("img").count() == 0


def test_a_closed_market_shows_the_last_session_and_says_so(serve: Serve, visit: Visit) -> None:
    server = serve(at=DAY + 14 * 3600)
    page = visit(server.url)
    checks.open_page(page, server.url)
    expect(page.locator("#badge")).to_have_text("收盤 · 顯示 2026-12-01 交易日")
    expect(page.locator("[data-field=last_trade]")).to_have_text("13:30:00")
    expect(page.locator("[data-field=sma_5]")).to_have_text("—")


def test_silence_is_not_health(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    expect(page.locator("#symbol")).to_have_attribute("data-link", "open")
    server.silent = True
    expect(page.locator("#symbol")).to_have_attribute("data-link", "stale", timeout=4_500)
    expect(page.locator("#badge")).to_have_text("資料停滯")
    expect(page.locator("[data-cell=feed]")).to_have_text("未知")


def test_a_hop_that_is_down_is_named_with_its_time(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    server.states["spark"] = "down"
    expect(page.locator("#notice")).to_contain_text("Spark 中斷,自 10:15:", timeout=checks.PATIENCE_MS)
    server.states.clear()
    expect(page.locator("#notice")).to_be_hidden(timeout=checks.PATIENCE_MS)


def test_the_url_carries_the_view(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    page.locator("#language").click()
    page.locator("#colours").click()
    expect(page).to_have_url(re.compile("symbol=0050.*lang=en"))
    again = visit(server.url)
    again.goto(page.url)
    expect(again.locator("h1")).to_have_text("Yuanta Taiwan 50", timeout=checks.PATIENCE_MS)
    expect(again.locator("button[data-mode=candles]")).to_have_attribute("aria-pressed", "true")
    expect(again.locator("html")).to_have_attribute("data-colours", "us")


def test_a_stock_is_found_by_its_name_and_watched(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url, "?watch=2330&symbol=2330")
    page.locator("#search").fill("鴻海")
    page.locator(".hit").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("[data-field=symbol]")).to_have_text("2317")
    expect(page.locator(".row[data-symbol='2317'] .last")).to_have_text(checks.NUMBER)


def test_an_unknown_reference_price_gives_no_change(serve: Serve, visit: Visit) -> None:
    stocks = (replace(STOCKS[0], reference_known=False), *STOCKS[1:3])
    server = serve(on=Tape(DAY, stocks=stocks))
    page = visit(server.url)
    checks.open_page(page, server.url, "?symbol=2330")
    expect(page.locator("h1")).to_have_text("台積電")
    assert (checks.field_text(page, "change"), checks.field_text(page, "reference")) == ("—", "—")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_sticks_out(serve: Serve, visit: Visit, width: int) -> None:
    server = serve()
    page = visit(server.url, viewport={"width": width, "height": 844})
    checks.open_page(page, server.url)
    checks.fits_its_width(page)


def _same_seconds(tape: Tape, shown: list[dict[str, str]]) -> list[Row]:
    """The tape's bars from the first second shown to the last."""
    first, last = (checks.second_of(bar["time"], DAY) for bar in (shown[0], shown[-1]))
    return tape.bars(STOCKS[0], first, last + 1, (last + 1) * 1_000_000)


def _told(bar: dict[str, str]) -> tuple[str, ...]:
    return tuple(bar[name] for name in ("time", "open", "high", "low", "close", "vwap", "trades"))


def _told_by(row: Row) -> tuple[str, ...]:
    clock = (datetime.fromtimestamp(int(str(row["second"])), UTC) + timedelta(hours=8)).strftime("%H:%M:%S")
    return (
        clock,
        *(f"{row[name]:,.0f}" for name in ("open", "high", "low", "close")),
        f"{row['vwap']:,.4f}",
        str(row["trades"]),
    )
