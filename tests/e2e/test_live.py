"""Live trading at 200 trades a second: MySQL and a connected client equal the oracle on the exchange's ledger."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from infra.local import parts
from infra.local.java import java_home
from infra.local.settings import LocalSettings
from market.calendar import trading_day
from market.clock import Clock
from simulator.ledger import trades
from tests import oracle
from tests.browser import checks
from tests.builders import by_key
from tests.e2e.compare import compare, differences, settle
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack, running, until
from tests.e2e.topic import newest

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("far_from_midnight")]

SETTINGS = {"SIMULATOR_RATE": "200", "SIMULATOR_SYMBOLS": "50", "SIMULATOR_BEGIN": "when_told"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """50 symbols, 200 trades a second, from when it is told to begin."""
    with running(tmp_path_factory.mktemp("live") / "data", **SETTINGS) as stack:
        _subscribed(stack)
        yield stack


@pytest.fixture(scope="module")
def screen(stack: Stack) -> Iterator[Screen]:
    with Screen(stack.addresses["page"], ["*"]) as screen:
        stack.exchange("/control/begin")
        yield screen


def test_the_page_shows_what_the_api_says(stack: Stack, screen: Screen, visit: Callable[..., Page]) -> None:
    base_url = stack.addresses["page"]
    page = visit(base_url)
    checks.shows_a_first_live_price(page, base_url)
    checks.paints_a_new_bar(page, base_url)
    shown = checks.last_bars(page, 12)[:-4]  # the newest may still have grown while they were read
    symbol = page.locator("#symbol [data-field=symbol]").inner_text()
    answered = {checks.clock(bar["second"]): bar for bar in stack.get(f"/api/v1/bars/{symbol}", limit=20_000)["items"]}
    for bar in shown:
        ours = answered[bar["time"]]
        assert (bar["vwap"].replace(",", ""), int(bar["trades"])) == (f"{ours['vwap']:.4f}", ours["trades"])


def test_a_session_is_exact(stack: Stack, screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    finish(stack, screen, 20, lambda line: _say(capsys, line))


def test_a_rebuilt_day_is_the_stored_day_byte_for_byte(stack: Stack) -> None:
    before = {topic: newest(stack.addresses["kafka"], topic) for topic in ("bars", "averages")}
    cache = LocalSettings().cache_dir
    environment = {
        "KAFKA_BOOTSTRAP": stack.addresses["kafka"],
        "JAVA_HOME": str(java_home(cache)),
        "SPARK_JARS": parts.all_parts(cache).spark_jars,
        "SPARK_CHECKPOINTS": str(stack.data / "rebuild"),
    }
    day = trading_day(Clock().now_us()).isoformat()
    command = [sys.executable, "-m", "spark_jobs", "rebuild", "--day", day]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    for topic, rows in before.items():
        assert f"rebuilt topic={topic} day={day} rows={len(rows)}" in done.stderr
        after = newest(stack.addresses["kafka"], topic)
        assert after == rows
        assert {len(values) for values in after.values()} == {1}


def test_after_ctrl_c_nothing_is_left_and_the_next_start_goes_on(stack: Stack) -> None:
    rows = by_key(stack.rows("bars"))
    stack.stop()
    with running(stack.data, **SETTINGS) as again:
        assert by_key(again.rows("bars")).items() >= rows.items()
        _subscribed(again)
        again.exchange("/control/begin")
        until(lambda: len(again.rows("bars")) > len(rows) + 100, "it trades on", 60)
        again.exchange("/control/end")
        bars = oracle.bars(trades(again.ledger))
        settle(lambda: by_key(again.rows("bars")), bars)
        assert differences(by_key(again.rows("bars")), bars) == (0, 0, 0)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_long_session_is_exact(stack: Stack, screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    minutes = float(os.environ.get("SOAK_MINUTES", "10"))
    finish(stack, screen, minutes * 60, lambda line: _say(capsys, line))


def _subscribed(stack: Stack) -> None:
    until(lambda: stack.exchange("/control/stats")["subscriptions"] == 50, "the ingestor subscribed to all symbols")


def finish(stack: Stack, screen: Screen, seconds: float, say: Callable[[str], None]) -> None:
    """Trade on for `seconds`, end, and compare every reader with the oracle."""
    _watch(stack, seconds, say)
    stack.exchange("/control/end")
    compare(stack, screen, say)
    _latencies(screen, say)


def _watch(stack: Stack, seconds: float, say: Callable[[str], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 30))
        status = stack.get("/api/v1/status")
        say(f"{left:4.0f} s left, trades {status['feed']['trades']}, latency {status['latency']}")


def _latencies(screen: Screen, say: Callable[[str], None]) -> None:
    found = sorted(screen.latencies_ms)
    p50, p99 = found[len(found) // 2], found[int(len(found) * 0.99)]
    say(f"exchange -> WebSocket client: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {found[-1]:.0f} ms, {len(found)} bars")


def _say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(f"\n    {line}", end="", flush=True)  # noqa: T201 - the figures are what is asked for
