"""What must be true of the page wherever it is served: each check takes an open browser page and a base URL."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Page, Request, expect

PATIENCE_MS = 20_000
NUMBER = re.compile(r"^[\d,]+(\.\d+)?$")
TIME = re.compile(r"^\d\d:\d\d:\d\d$")
DURATION = re.compile(r"^[\d.,]+ (ms|s)$")
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"""
LEGEND = """() => Object.fromEntries([...document.querySelectorAll(".legend .item")]
  .map((item) => [item.dataset.item, item.querySelector(".value").textContent]))"""
UNREACHABLE = "ERR_CONNECTION_REFUSED"


@dataclass
class Faults:
    """What a page should never do, written down while it runs."""

    said: list[str] = field(default_factory=list)

    def watch(self, page: Page, base_url: str) -> "Faults":
        """Listen for errors, dialogs, policy violations and requests to other origins."""
        page.add_init_script(TELL_VIOLATIONS)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._request(request, urlsplit(base_url).netloc))
        return self

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and UNREACHABLE not in message.text:
            self.said.append(f"{message.type}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request, host: str) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != host:
            self.said.append(f"request: {request.url}")


def open_page(page: Page, base_url: str, query: str = "") -> None:
    """Load the page and wait for the first picture of the chosen symbol."""
    page.goto(f"{base_url}/{query}")
    expect(page.locator("#blank")).to_be_hidden(timeout=PATIENCE_MS)


def field_text(page: Page, name: str) -> str:
    """The text of one field of the symbol's header."""
    return page.locator(f"#symbol [data-field={name}]").inner_text()


def clock(second: int) -> str:
    """The Taipei time of an epoch second, as the page writes it."""
    return (datetime.fromtimestamp(second, UTC) + timedelta(hours=8)).strftime("%H:%M:%S")


def second_of(clock: str, day: int) -> int:
    """The epoch second of a Taipei time of that day."""
    hours, minutes, seconds = map(int, clock.split(":"))
    return day + hours * 3600 + minutes * 60 + seconds


def shows_a_first_live_price(page: Page, base_url: str) -> None:
    """A price, its time and its averages, from a feed that says it is well."""
    open_page(page, base_url)
    expect(page.locator("#symbol [data-field=price]")).to_have_text(NUMBER, timeout=PATIENCE_MS)
    expect(page.locator("#symbol [data-field=last_trade]")).to_have_text(TIME, timeout=PATIENCE_MS)
    expect(page.locator("#symbol")).to_have_attribute("data-link", "open", timeout=PATIENCE_MS)
    expect(page.locator("#status [data-cell=feed]")).to_have_text(DURATION, timeout=PATIENCE_MS)


def paints_a_new_bar(page: Page, base_url: str) -> None:
    """A later second comes into the legend and the chart's pixels change."""
    open_page(page, base_url)
    second = page.locator("#legend [data-item=time] .value")
    picture, before = page.locator("#chart").screenshot(), second.inner_text()
    expect(second).not_to_have_text(before, timeout=PATIENCE_MS)
    page.wait_for_timeout(100)
    assert page.locator("#chart").screenshot() != picture
    assert second.inner_text() > before


def heals_after_a_restart(page: Page, base_url: str, stop: Callable[[], object], start: Callable[[], object]) -> None:
    """While the server is away the page says so; when it is back the page goes on by itself, newer than before."""
    open_page(page, base_url)
    expect(page.locator("#symbol")).to_have_attribute("data-link", "open", timeout=PATIENCE_MS)
    stop()
    expect(page.locator("#symbol")).to_have_attribute("data-link", "reconnecting", timeout=PATIENCE_MS)
    expect(page.locator("#notice")).to_be_visible()
    expect(page.locator("#badge")).to_be_visible()
    page.wait_for_timeout(2_500)
    start()
    expect(page.locator("#symbol")).to_have_attribute("data-link", "open", timeout=PATIENCE_MS)
    expect(page.locator("#notice")).to_be_hidden()


def step_back(page: Page, count: int) -> dict[str, str]:
    """The legend with the crosshair on the `count`th bar from the right."""
    page.locator("#chart").focus()
    for _ in range(count):
        page.keyboard.press("ArrowLeft")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return dict(page.evaluate(LEGEND))


def last_bars(page: Page, count: int) -> list[dict[str, str]]:
    """The newest `count` bars, oldest first, as the legend shows them when the crosshair steps back bar by bar."""
    return [step_back(page, 1) for _ in range(count)][::-1]


def fits_its_width(page: Page) -> None:
    """Nothing sticks out to the right."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
