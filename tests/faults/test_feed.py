"""A feed that loses, repeats, reorders, falls silent and hangs up: told at once, repaired, exact in the end."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from market.messages import Gap, decode_feed, decode_trade
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack, until
from tests.e2e.topic import stamped
from tests.faults.book import Trade, swallowed
from tests.faults.conftest import SYMBOLS

pytestmark = [pytest.mark.stack, pytest.mark.campaign]

TOLD_US = 2_000_000
HEALED_S = 60


def gaps(stack: Stack, **query: Any) -> list[dict[str, Any]]:
    """What the API says of gaps."""
    return list(stack.get("/api/v1/gaps", **query)["items"])


def landed(stack: Stack, fault: str) -> int:
    """How often the exchange did it."""
    return int(stack.exchange("/control/stats")["faults"]["landed"].get(fault, 0))


def lines(stack: Stack, since_us: int) -> list[dict[str, Any]]:
    with stack.ledger.open("rb") as ledger:
        entries = [json.loads(line, parse_float=Decimal) for line in ledger if line.endswith(b"\n")]
    return [entry for entry in entries if entry.get("at", entry.get("time", 0)) >= since_us]


def test_every_swallowed_run_has_a_gap_within_two_seconds_and_is_healed(
    trading: Stack, screen: Screen, say: Callable[[str], None]
) -> None:
    began_us = time.time_ns() // 1_000
    trading.exchange("/control/fault?swallow=0.02&seconds=15")
    time.sleep(25)
    trading.exchange("/control/end")
    until(lambda: not gaps(trading, state="open"), "no open gap", HEALED_S)
    runs = swallowed(lines(trading, began_us))
    assert len(runs) > 100
    told_us = _told_us(trading, runs)
    assert max(told_us) < TOLD_US
    stored = {(gap["symbol"], gap["from_us"], gap["to_us"]): gap["state"] for gap in trading.rows("gaps")}
    assert set(stored.values()) == {"healed"}
    assert {(gap["symbol"], gap["from_us"], gap["to_us"]) for gap in screen.gaps} >= stored.keys()
    median_ms, worst_ms = sorted(told_us)[len(told_us) // 2] / 1e3, max(told_us) / 1e3
    say(f"{len(runs)} swallowed runs, each told after {median_ms:.0f} ms (median), {worst_ms:.0f} ms (max)")


def _told_us(stack: Stack, runs: list[list[Trade]]) -> list[int]:
    """For each swallowed run, the time from the trade that shows it to the gap in the topic."""
    shown: dict[tuple[str, int], int] = {}
    for _, value in stamped(stack.addresses["kafka"], "trades"):
        trade = decode_trade(value)
        if trade.source == "stream":
            shown.setdefault((trade.symbol, trade.time), trade.received_us)
    feed = [(at_ms, decode_feed(value)) for at_ms, value in stamped(stack.addresses["kafka"], "feed")]
    told = [(at_ms, record) for at_ms, record in feed if isinstance(record, Gap)]
    delays = []
    for run in runs:
        covering = [(at_ms, gap) for at_ms, gap in told if _covers(gap, run)]
        assert covering, f"no gap for {len(run)} swallowed trades of {run[0]['symbol']} at {run[0]['time']}"
        at_ms, gap = covering[0]
        assert gap.state == "open"
        # Without a later trade the exchange's total showed it, and there is nothing to measure from.
        delays.append(at_ms * 1_000 - shown.get((gap.symbol, gap.to_us), at_ms * 1_000))
    return delays


def _covers(gap: Gap, run: list[Trade]) -> bool:
    return gap.symbol == run[0]["symbol"] and gap.from_us <= run[0]["time"] and run[-1]["time"] <= gap.to_us


@pytest.mark.parametrize("fault", ["rest_500", "rest_429"])
def test_without_rest_a_gap_stays_open_is_shown_and_heals_when_rest_returns(
    trading: Stack, screen: Screen, fault: str
) -> None:
    trading.exchange(f"/control/fault?{fault}=1")
    trading.exchange("/control/fault?swallow=0.02&seconds=3")
    time.sleep(8)
    still_open = gaps(trading, state="open")
    assert still_open
    assert landed(trading, fault) > 0
    status = trading.get("/api/v1/status")
    assert status["feed"]["open_gaps"] > 0
    assert status["exact_held_by"]
    seen = {(gap["symbol"], gap["from_us"], gap["to_us"]) for gap in screen.gaps if gap["state"] == "open"}
    assert {(gap["symbol"], gap["from_us"], gap["to_us"]) for gap in still_open} <= seen
    trading.exchange(f"/control/fault?{fault}=0")
    until(lambda: not gaps(trading, state="open"), "no open gap", 2 * HEALED_S)  # a 429 holds until the next minute


def test_trades_sent_twice_and_out_of_order_count_once(trading: Stack) -> None:
    before = {fault: landed(trading, fault) for fault in ("duplicate", "late")}
    trading.exchange("/control/fault?duplicate=0.5&late=0.3&after=2")
    time.sleep(15)
    for fault, count in before.items():
        assert landed(trading, fault) > count + 500


@pytest.mark.parametrize("fault", ["close=1001", "close=1011", "close=1005", "drop=1", "tear=1"])
def test_a_connection_that_ends_comes_back_and_loses_nothing(trading: Stack, fault: str) -> None:
    name = fault.partition("=")[0]
    before, reconnects = landed(trading, name), trading.get("/api/v1/status")["feed"]["reconnects"]
    time.sleep(2)
    trading.exchange(f"/control/fault?{fault}")
    assert landed(trading, name) > before
    until(lambda: trading.get("/api/v1/status")["feed"]["reconnects"] > reconnects, "a reconnect", HEALED_S)
    until(lambda: trading.exchange("/control/stats")["subscriptions"] == SYMBOLS, "subscribed again", HEALED_S)
    time.sleep(2)


def test_a_feed_that_is_open_and_mute_is_noticed(trading: Stack) -> None:
    reconnects, before = trading.get("/api/v1/status")["feed"]["reconnects"], landed(trading, "silent")
    trading.exchange("/control/fault?silent=1")
    # Twelve usual intervals between trades; the pauses between these tests have taught it longer ones than a market's.
    until(lambda: trading.get("/api/v1/status")["feed"]["state"] == "down", "the silence is noticed", 2 * HEALED_S)
    assert landed(trading, "silent") > before
    trading.exchange("/control/fault?silent=0")
    until(lambda: trading.get("/api/v1/status")["feed"]["reconnects"] > reconnects, "a reconnect", HEALED_S)
    until(lambda: trading.exchange("/control/stats")["subscriptions"] == SYMBOLS, "subscribed again", HEALED_S)


def test_after_a_cut_everything_is_proven_again(trading: Stack) -> None:
    time.sleep(5)
    trading.exchange("/control/fault?drop=1")
    cut_s = int(time.time())
    # Of those that trade on, by the running volume; of the others, by the exchange's total, one symbol after the other.
    until(lambda: (trading.get("/api/v1/status")["exact_through"] or 0) > cut_s, "exact beyond the cut", 3 * HEALED_S)
