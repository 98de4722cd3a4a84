"""Examples of the OpenAPI document: one bar of the golden tape and all that is said about it."""

from typing import Any

BAR = {
    "symbol": "2330", "second": 1_796_090_400, "open": 1085, "high": 1085.5, "low": 1085, "close": 1085.5, "volume": 4,
    "trades": 2, "turnover": 4340.5, "vwap": 1085.125, "prior_volume": 1000, "day_volume": 1004, "buy_volume": 4,
    "sell_volume": 0, "auction": None, "last_trade_us": 1_796_090_400_880_000,
}  # fmt: skip
AVERAGE = {
    "symbol": "2330", "second": 1_796_090_401, "sma_5": 1085.7292, "count_5": 2, "sma_10": 1085.7292, "count_10": 2,
    "sma_15": 1085.7292, "count_15": 2, "trades": 4,
}  # fmt: skip
_SEARCHED = {"from_us": 1_796_090_395_000_000, "through_us": 1_796_090_460_000_000}
EXPLANATION: dict[str, Any] = {
    "symbol": "2330",
    "second": 1_796_090_400,
    "state": "traded",
    "bar": BAR,
    "average": AVERAGE | {"second": 1_796_090_400, "sma_5": 1085.125, "count_5": 1, "sma_10": 1085.125, "count_10": 1,
                          "sma_15": 1085.125, "count_15": 1, "trades": 2},
    "trades": [
        {"time_us": 1_796_090_400_250_000, "counts": True, "serial": 6652422, "kind": "continuous", "price": 1085,
         "size": 3, "volume": 1003, "bid": 1084.5, "ask": 1085, "source": "stream",
         "received_us": 1_796_090_400_254_000, "partition": 0, "offset": 4711,
         "repeats": [{"source": "rest", "received_us": 1_796_090_402_000_000, "partition": 0, "offset": 4802}]},
        {"time_us": 1_796_090_400_880_000, "counts": True, "serial": 6652431, "kind": "continuous", "price": 1085.5,
         "size": 1, "volume": 1004, "bid": 1085, "ask": 1085.5, "source": "stream",
         "received_us": 1_796_090_400_884_000, "partition": 0, "offset": 4715, "repeats": []},
    ],
    "explained": True,
    "revisions": [{"at_us": 1_796_090_400_891_000, "offset": 1234, **BAR}],
    "proof": {
        "state": "sealed",
        "before": {"second": 1_796_090_397, "day_volume": 1000, "missing_lots": 0},
        "inside": {"missing_lots": 0},
        "after": {"second": 1_796_090_401, "prior_volume": 1004, "missing_lots": 0},
    },
    "searched": {"trades": _SEARCHED | {"records": 30_144}, "bars": _SEARCHED | {"records": 9_870}},
}  # fmt: skip
STATUS: dict[str, Any] = {
    "type": "status",
    "at_us": 1_796_090_403_000_000,
    "phase": "open",
    "next_phase": "closing",
    "next_phase_at_us": 1_796_102_700_000_000,
    "trading_day": "2026-12-01",
    "feed": {"state": "ok", "alive_through_us": 1_796_090_402_950_000, "lag_ms": 50, "trades": 311_204, "symbols": 2,
             "open_gaps": 0, "reconnects": 0, "dead_letters": 0},
    "kafka": {"state": "ok", "lag_ms": 1.2},
    "spark": {"state": "ok", "lag_ms": 12.5},
    "database": {"state": "ok", "lag_ms": 0, "queue": 0, "recorded": 182_220, "dead_letters": 0},
    "latency": {"p50_ms": 12.4, "p99_ms": 38.1, "count": 1_840, "left_out": 0},
    "exact_through": 1_796_090_400,
    "exact_held_by": None,
    "broken": 0,
}  # fmt: skip
