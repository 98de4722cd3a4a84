"""A whole session of twenty symbols: the page costs no more at its end than after its first hour."""

import json
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import DAY
from tests.browser.fake_server import FakeServer
from tests.browser.tape import OPEN_S, STOCKS, Tape

pytestmark = [pytest.mark.browser, pytest.mark.measured]

EXCHANGE = (Path(__file__).parent / "exchange.js").read_text()
TWENTY = tuple(replace(STOCKS[at % len(STOCKS)], symbol=f"{1000 + at}", busy=0.01) for at in range(20))
OPEN = DAY + OPEN_S
HOUR_S, SESSION_S, DAY_S = 3_600, 16_200, 86_400
PER_FRAME_S = 60
LONGEST_FRAME_MS = 50
# Work that takes about 10 ms on the machine the limit was set on: slower machines are given as much more time.
CALIBRATION = """() => {
  const began = performance.now();
  let sum = 0;
  const rows = Array.from({ length: 1_500 }, (_, at) => ({ at, half: at / 2 }));
  for (let turn = 0; turn < 40; turn++) sum += JSON.stringify(rows).length;
  return performance.now() - began + (sum < 0);
}"""
NOMINAL_MS = 20.0


@pytest.fixture
def session(serve: Callable[..., FakeServer], visit: Callable[..., Page]) -> Page:
    server = serve(at=OPEN - 1, on=Tape(DAY, stocks=TWENTY))
    page = visit(server.url)
    page.add_init_script(EXCHANGE)
    page.goto(f"{server.url}/?symbol=1000&watch={','.join(stock.symbol for stock in TWENTY)}")
    page.wait_for_function("exchange.wants.bars.size === 20 && exchange.wants.averages.size === 1")
    return page


def test_a_session_holds_no_more_memory_and_costs_no_more_to_paint_than_its_first_hour(session: Page) -> None:
    heap = session.context.new_cdp_session(session)
    _play(session, OPEN - DAY_S, OPEN - DAY_S + HOUR_S)  # open since yesterday: what the browser compiles, it has
    first = _play(session, OPEN, OPEN + HOUR_S)
    after_first, nodes_first = _held(heap), _nodes(heap)
    _play(session, OPEN + HOUR_S, OPEN + SESSION_S - HOUR_S)
    last = _play(session, OPEN + SESSION_S - HOUR_S, OPEN + SESSION_S)
    after_last, nodes_last = _held(heap), _nodes(heap)
    expect(session.locator("[data-field=last_trade]")).to_have_text("13:29:59")
    expect(session.locator("[data-cell=audit]")).to_contain_text("✓")
    assert session.locator("[data-field=vwap]").inner_text() != "—", "the day is no longer held whole"
    assert after_last <= after_first * 1.05, f"held {after_first:,} after an hour, {after_last:,} after the session"
    assert nodes_last <= nodes_first * 1.05, f"{nodes_first} nodes after an hour, {nodes_last} after the session"
    assert statistics.median(last) <= max(statistics.median(first) * 1.25, statistics.median(first) + 1)


def test_no_frame_takes_long_while_twenty_updates_a_second_arrive(session: Page) -> None:
    _play(session, OPEN, OPEN + HOUR_S)
    slowness = max(1.0, min(session.evaluate(CALIBRATION) for _ in range(3)) / NOMINAL_MS)
    frames = session.evaluate(
        """async (start) => {
          const { averageAt } = await import("/averages.js");
          const frames = [];
          for (let at = start; at < start + 150; at++) {
            exchange.second(at, averageAt);
            await new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 20)); });
            frames.push(exchange.painted.took);
          }
          return frames;
        }""",
        OPEN + HOUR_S,
    )
    assert max(frames) <= LONGEST_FRAME_MS * slowness, f"{max(frames):.0f} ms on a machine {slowness:.1f} times slower"


def _play(page: Page, start: int, end: int) -> list[float]:
    return [float(each) for each in page.evaluate("(range) => exchange.play(...range)", [start, end, PER_FRAME_S])]


def _held(heap: CDPSession) -> int:
    """Bytes of what the page's script keeps alive: no compiled code and no browser's objects, which come and go."""
    chunks: list[str] = []

    def take(event: dict[str, str]) -> None:
        chunks.append(event["chunk"])

    heap.on("HeapProfiler.addHeapSnapshotChunk", take)
    heap.send("HeapProfiler.collectGarbage")
    heap.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    heap.remove_listener("HeapProfiler.addHeapSnapshotChunk", take)
    snapshot = json.loads("".join(chunks))
    meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
    fields, kinds = meta["node_fields"], meta["node_types"][0]
    wide, kind_at, size_at = len(fields), fields.index("type"), fields.index("self_size")
    sizes = zip(nodes[kind_at::wide], nodes[size_at::wide], strict=True)
    return sum(size for kind, size in sizes if kinds[kind] not in {"code", "native", "hidden"})


def _nodes(heap: CDPSession) -> int:
    return int(heap.send("Memory.getDOMCounters")["nodes"])
