"""What a viewer does with the page: look back, compare, read as a table, export, arrange; by hand and by keyboard."""

import csv
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.conftest import DAY, TEN
from tests.browser.fake_server import FakeServer
from tests.browser.tape import STOCKS, Row, Tape

pytestmark = pytest.mark.browser

Serve = Callable[..., FakeServer]
Visit = Callable[..., Page]
KEPT_S = 1_800  # series.js
CHOSEN = "?symbol=2330&watch=2330,0050,2317,2454"


def test_looking_left_of_the_first_bar_brings_older_ones_without_a_seam(serve: Serve, visit: Visit, tape: Tape) -> None:
    server = serve(at=TEN + 3_600)
    page = visit(server.url)
    checks.open_page(page, server.url, CHOSEN)
    expect(page.locator("[data-field=vwap]")).not_to_have_text("—", timeout=checks.PATIENCE_MS)
    box = page.locator("#chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/bars/" in request.url else None)
    for _ in range(40):
        page.mouse.wheel(0, 600)  # zooms out until the first bar is in sight
        page.mouse.wheel(-1_500, 0)
        page.wait_for_timeout(30)
        if asked:
            break
    page.wait_for_function("document.querySelector('#blank').hidden")
    page.wait_for_timeout(400)
    with page.expect_download() as download:
        page.locator("#export-csv").hover()
        expect(page.locator("#export-parquet")).to_be_visible()
        page.locator("#export-csv").click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    seconds = [int(row["second"]) for row in rows]
    assert seconds[0] < TEN + 3_600 - KEPT_S, "nothing from before what is kept is in sight"
    expected = [row["second"] for row in tape.bars(STOCKS[0], seconds[0], seconds[-1] + 1, server.now_us())]
    assert seconds == expected
    page.keyboard.press("r")
    expect(page.locator("#now")).to_be_hidden()


def test_symbols_are_compared_in_step(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url, CHOSEN)
    for symbol in ("0050", "2317"):
        page.locator(f".row[data-symbol='{symbol}'] .beside").click(force=True)
    cells = page.locator(".cell-chart")
    expect(cells).to_have_count(2)
    expect(page).to_have_url(re.compile("compare=0050,2317"))
    expect(cells.nth(1).locator(".last")).to_have_text(checks.NUMBER)
    shown = checks.step_back(page, 4)["time"]
    at = cells.first.locator(".at").inner_text()
    assert at <= shown, "the crosshair beside is on a later second"
    assert checks.second_of(shown, DAY) - checks.second_of(at, DAY) < 20
    cells.first.locator(".remove").click()
    expect(cells).to_have_count(1)
    again = visit(server.url)
    again.goto(page.url)
    expect(again.locator(".cell-chart[data-symbol='2317'] .last")).to_have_text(checks.NUMBER, timeout=20_000)


def test_the_table_says_what_the_chart_shows(serve: Serve, visit: Visit, tape: Tape) -> None:
    server = serve(at=DAY + 14 * 3600)
    page = visit(server.url)
    checks.open_page(page, server.url, CHOSEN)
    page.keyboard.press("t")
    first = page.locator("#table tbody tr").first
    expect(first.locator("th")).to_have_text("13:30:00")
    last = tape.bars(STOCKS[0], DAY + 13 * 3600, DAY + 14 * 3600, server.now_us())[-1]
    assert first.locator("td").nth(3).inner_text() == f"{last['close']:,.0f}"
    assert first.locator("td").nth(6).inner_text() == f"{last['vwap']:,.4f}"
    first.locator("button").click()
    expect(page.locator("#panel h2")).to_have_text("2330 · 13:30:00")
    expect(page).to_have_url(re.compile("mode=table"))


def test_the_list_is_arranged_by_hand_and_by_keyboard_and_remembered(serve: Serve, visit: Visit) -> None:
    server = serve()
    page = visit(server.url)
    checks.open_page(page, server.url, CHOSEN)
    page.locator("#watch-edit").click()
    handle, target = page.locator(".row").nth(3).locator(".handle"), page.locator(".row").first
    handle.hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + 4, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile("watch=2454,2330,0050,2317"))
    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(re.compile("watch=2454,0050,2330,2317"))
    page.locator(".row[data-symbol='0050'] .remove").click()
    expect(page).to_have_url(re.compile("watch=2454,2330,2317"))
    page.goto(server.url)
    expect(page.locator(".row")).to_have_count(3)


def test_a_row_flashes_when_its_symbol_trades_and_only_then(serve: Serve, visit: Visit) -> None:
    server = serve(at=DAY + 14 * 3600)
    page = visit(server.url)
    page.add_init_script(
        "const animate = Element.prototype.animate; globalThis.flashed = []; "
        "Element.prototype.animate = function (...given) { flashed.push(this.closest('.row').dataset.symbol); "
        "return animate.apply(this, given); };"
    )
    checks.open_page(page, server.url, CHOSEN)
    page.wait_for_timeout(1_500)
    assert page.evaluate("flashed") == []
    bar = server.tape.bar(STOCKS[1], DAY + 13 * 3600 + 1800, server.now_us())
    assert bar is not None
    newer = {"type": "bar", "data": bar | {"second": DAY + 14 * 3600, "prior_volume": None, "day_volume": None}}
    server.tell(newer)
    server.tell(newer)
    page.wait_for_function("flashed.length > 0")
    assert page.evaluate("flashed") == ["0050"]


def test_each_hop_says_how_long_it_takes_and_none_less_than_no_time(serve: Serve, visit: Visit) -> None:
    server = serve()
    hops = {end: _quantiles(p50, p50 * 4) for end, p50 in (("received", 4.1), ("consumed", 1.0), ("pushed", 0.2))}
    server.told["hops"] = hops | {"bar_emitted": _quantiles(None, None, impossible=7)}
    page = visit(server.url)
    checks.open_page(page, server.url)
    page.locator("#hops-open").click()
    rows = page.locator("#panel tbody tr")
    expect(rows).to_have_text(
        [
            "行情服務收到4.1 ms16 ms",
            "Kafka 確認——",
            "每秒資料發布時鐘不一致—",
            "均線發布——",
            "伺服器讀取1.0 ms4.0 ms",
            "送往瀏覽器0.2 ms0.8 ms",
            re.compile(r"本頁畫出[\d.]+ ms[\d.]+ ms"),
        ],
        timeout=checks.PATIENCE_MS,
    )
    server.told["hops"] = hops | {"produced": _quantiles(1.5, 3)}
    expect(rows.nth(1)).to_have_text("Kafka 確認1.5 ms3.0 ms", timeout=checks.PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(page.locator("#hops-open")).to_be_focused()


def _quantiles(p50_ms: float | None, p99_ms: float | None, impossible: int = 0) -> Row:
    return {"p50_ms": p50_ms, "p99_ms": p99_ms, "count": 9, "left_out": 0, "impossible": impossible}
