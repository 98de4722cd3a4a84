"""Examples of both documents: one bar of the golden tape and all that is said about it."""

from typing import Any

BAR = {
    "symbol": "2330", "second": 1_796_090_400, "open": 1085, "high": 1085.5, "low": 1085, "close": 1085.5, "volume": 4,
    "trades": 2, "turnover": 4340.5, "vwap": 1085.125, "prior_volume": 1000, "day_volume": 1004, "buy_volume": 4,
    "sell_volume": 0, "auction": None, "last_trade_us": 1_796_090_400_880_000,
}  # fmt: skip
CANDLE = {
    "symbol": "2330", "second": 1_796_090_400, "seconds": 2, "open": 1085, "high": 1086, "low": 1085, "close": 1086,
    "volume": 6, "trades": 4, "turnover": 6511.5, "vwap": 1085.25, "buy_volume": 5, "sell_volume": 1,
}  # fmt: skip
AVERAGE = {
    "symbol": "2330", "second": 1_796_090_401, "sma_5": 1085.7292, "count_5": 2, "sma_10": 1085.7292, "count_10": 2,
    "sma_15": 1085.7292, "count_15": 2, "trades": 4,
}  # fmt: skip
GAP = {
    "type": "gap", "symbol": "2330", "from_us": 1_796_090_401_120_000, "to_us": 1_796_090_403_480_000,
    "missing_lots": 7, "state": "open", "reason": "volume 1011 after 1004",
}  # fmt: skip
ALERT_ASKED = {"type": "price", "symbol": "2330", "direction": "up", "level": 1100, "cool_down_s": 600}
ALERT = {
    "id": 17, "created": 1_796_090_100, "fired": 1_796_090_403, "fires": 1,
    "rule": {**ALERT_ASKED, "webhook": None},
}  # fmt: skip
TOLD = {
    "id": "17-1796090403", "alert": 17, "second": 1_796_090_403, "rule": "price", "symbol": "2330", "direction": "up",
    "level": 1100, "fast": None, "slow": None, "after_s": None, "before": 1099.5, "now": 1100.5,
}  # fmt: skip
PAUSE = {"type": "pause", "symbol": "2330", "time_us": 1_796_090_404_000_000, "direction": "up"}
DELAY = {"type": "delay", "symbol": "2330", "time_us": 1_796_086_795_000_000, "auction": "open"}
TRIAL = {"symbol": "2330", "time": 1_796_086_790_000_000, "price": 1090, "size": 1_204}
SYMBOL: dict[str, Any] = {
    "symbol": "2330", "trading_day": "2026-12-01", "name": "台積電", "name_en": "TSMC", "exchange": "TWSE",
    "market": "TSE", "security_type": "01", "reference_price": 1080, "previous_close": 1080, "limit_up": 1185,
    "limit_down": 972, "board_lot": 1000, "last": BAR, "exact_through": 1_796_090_400, "missing_lots": 0,
}  # fmt: skip
PROBLEMS = {
    403: "pages of 'https://elsewhere.example' may not write; API_ALLOWED_ORIGINS lists those that may",
    409: "this is a replay: what it shows has happened before, and nothing fires",
    413: "a body has at most 4096 bytes",
    415: "send it as application/json",
    429: "at most 50 alerts of one owner; take one away first",
    404: "no symbol '9999'; /api/v1/symbols?q= searches by code and name",
    422: "start: 1796090401 is after end 1796090400; ask for start <= end, in epoch seconds",
    503: "the database does not answer: no answer within 5 s",
}
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


def _quantiles(p50_ms: float, p99_ms: float, count: int) -> dict[str, float]:
    return {"p50_ms": p50_ms, "p99_ms": p99_ms, "count": count, "left_out": 0, "impossible": 0}


STATUS: dict[str, Any] = {
    "type": "status",
    "at_us": 1_796_090_403_000_000,
    "phase": "open",
    "next_phase": "closing",
    "next_phase_at_us": 1_796_102_700_000_000,
    "trading_day": "2026-12-01",
    "halted": ["2330"],
    "delayed": [],
    "feed": {"state": "ok", "alive_through_us": 1_796_090_402_950_000, "lag_ms": 50, "trades": 311_204, "symbols": 2,
             "open_gaps": 0, "reconnects": 0, "dead_letters": 0},
    "kafka": {"state": "ok", "lag_ms": 1.2},
    "spark": {"state": "ok", "lag_ms": 12.5},
    "database": {"state": "ok", "lag_ms": 0, "queue": 0, "recorded": 182_220, "dead_letters": 0},
    "latency": _quantiles(12.4, 38.1, 1_840),
    "hops": {
        "received": _quantiles(4.1, 9.7, 2_316),
        "produced": _quantiles(1.4, 6.0, 2_316),
        "bar_emitted": _quantiles(10.9, 33.0, 1_840),
        "average_emitted": _quantiles(3.0, 14.0, 1_102),
        "consumed": _quantiles(0.9, 4.2, 3_680),
        "pushed": _quantiles(0.2, 1.8, 3_680),
    },
    "exact_through": 1_796_090_400,
    "exact_held_by": None,
    "broken": 0,
    "position": "average/0@182207,bar/0@182214",
    "replay": None,
}  # fmt: skip

_SUBSCRIPTIONS = {"bars": ["2330"], "averages": ["2330"], "status": ["2330"], "alerts": []}
MESSAGES: dict[str, dict[str, Any]] = {
    "welcome": {
        "type": "welcome", "version": "1", "server_time_us": 1_796_090_403_000_000, "heartbeat_s": 1,
        "limits": {"frame_bytes": 4096, "subscriptions": 1000, "messages_per_s": 20, "connections": 2000,
                   "subscribe_within_s": 30, "snapshot_s": 20000, "mailbox": 5000, "standstill_s": 30.0,
                   "ping_s": 20.0, "pong_within_s": 20.0},
    },
    "ack": {"type": "ack", "id": 1, "subscriptions": _SUBSCRIPTIONS,
            "refused": [{"symbol": "9999", "code": 404, "reason": "unknown symbol"}]},
    "snapshot": {"type": "snapshot", "symbol": "2330", "since": 1_796_090_400, "complete": True, "resumed": False,
                 "bars": [BAR], "averages": [AVERAGE]},
    "ready": {"type": "ready", "id": 1},
    "bar": {"type": "bar", "data": BAR},
    "average": {"type": "average", "data": AVERAGE},
    "gap": {"type": "gap", "data": GAP},
    "pause": {"type": "pause", "data": PAUSE},
    "delay": {"type": "delay", "data": DELAY},
    "trial": {"type": "trial", "data": TRIAL},
    "alert": {"type": "alert", "data": TOLD},
    "status": STATUS,
    "error": {"type": "error", "id": 4, "code": 400, "message": "channels: List should have at least 1 item"},
    "pong": {"type": "pong", "id": 3, "server_time_us": 1_796_090_403_000_000},
    "bye": {"type": "bye", "reason": "the server stops", "reconnect_after_ms": 1000},
    "subscribe": {"type": "subscribe", "id": 1, "channels": ["bars", "averages", "status"], "symbols": ["2330", "9999"],
                  "since": 1_796_090_400},
    "unsubscribe": {"type": "unsubscribe", "id": 2, "channels": ["bars"], "symbols": ["2330"]},
    "list": {"type": "list", "id": 5},
    "ping": {"type": "ping", "id": 3},
}  # fmt: skip


def csv_head(name: str) -> str:
    """The first line of a CSV stream of bars or averages."""
    return ",".join(BAR if name == "Bar" else AVERAGE)
