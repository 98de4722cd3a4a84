"""The demo's line of status: what is known, in words."""

from typing import Any

from infra.local.status import describe


def a_status(**changed: Any) -> dict[str, Any]:
    feed = {"state": "ok", "trades": 12_345, "open_gaps": 0}
    latency = {"p50_ms": 4.2, "p99_ms": 31.0}
    hops = {name: {"state": "ok"} for name in ("kafka", "spark", "database")}
    return {"phase": "open", "feed": feed, "latency": latency, "exact_through": 1_760_000_000, **hops, **changed}


def test_a_healthy_pipeline_says_phase_trades_latency_and_how_far_it_is_exact() -> None:
    assert describe(a_status()) == (
        "open · 12,345 trades · latency p50 4 p99 31 ms · exact through 16:53:20 · all well"
    )


def test_what_is_unknown_is_not_shown() -> None:
    feed = {"state": "unknown", "trades": None, "open_gaps": None}
    status = a_status(feed=feed, latency={"p50_ms": None, "p99_ms": None}, exact_through=None)
    assert describe(status) == "open · feed unknown"


def test_open_gaps_and_hops_that_are_not_well_are_named() -> None:
    feed = {"state": "stale", "trades": 7, "open_gaps": 2}
    line = describe(a_status(feed=feed, spark={"state": "down"}))
    assert "2 open gaps" in line
    assert line.endswith("feed stale, spark down")
