"""The state of the whole path in one message, once a second and on request. Pure but for the clocks it is given."""

from dataclasses import dataclass
from typing import Any

import msgspec

from api.hops import Hop, State
from api.live import Live, Pulse
from api.recorder import Recorder
from market.calendar import Calendar, trading_day

_STALE_S = 3.0
_DOWN_S = 10.0
_MUTE_S = 35.0  # the exchange's heartbeat comes every 30 s
_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Status:
    """Reads what the parts know; owns nothing."""

    calendar: Calendar
    live: Live
    recorder: Recorder
    kafka: Hop
    database: Hop

    def message(self) -> bytes:
        """`status` of the contract: unknown values are null, unknown states `unknown`."""
        now_us, now_s, pulse = self.live.now_us(), self.live.tick_s(), self.live.pulse
        phase, change = self.calendar.phase(now_us), self.calendar.next_change(now_us)
        exactness = self.live.audit.exactness(self.live.horizon(), self.live.liveness)
        return msgspec.json.encode(
            {
                "type": "status",
                "at_us": now_us,
                "phase": phase,
                "next_phase": change[0] if change else None,
                "next_phase_at_us": change[1] if change else None,
                "trading_day": trading_day(now_us).isoformat(),
                "feed": feed(pulse, now_us, now_s),
                "kafka": {"state": self.kafka.state, "lag_ms": rounded(pulse.kafka_lag_ms)},
                "spark": {"state": spark_state(pulse, now_s), "lag_ms": rounded(pulse.spark_lag_ms)},
                "database": self._database(),
                "latency": self.live.latency.quantiles(now_s),
                "exact_through": exactness.through,
                "exact_held_by": exactness.held_by,
                "broken": exactness.broken,
            }
        )

    def _database(self) -> dict[str, Any]:
        lag_ms = None if self.database.state == "unknown" else self.recorder.lag_ms()
        return {"state": self.database.state, "lag_ms": rounded(lag_ms), "queue": self.recorder.waiting(),
                "recorded": self.recorder.recorded, "dead_letters": self.recorder.buried}  # fmt: skip


def feed(pulse: Pulse, now_us: int, now_s: float) -> dict[str, Any]:
    """The ingestor's own words, and how old they are."""
    status = pulse.status
    if status is None:
        nothing = ("lag_ms", "alive_through_us", "trades", "symbols", "open_gaps", "reconnects", "dead_letters")
        return {"state": "unknown", **dict.fromkeys(nothing)}
    alive_us = status.alive_through_us
    return {
        "state": feed_state(pulse, now_us, now_s),
        "alive_through_us": alive_us,
        "lag_ms": None if alive_us is None else rounded(max(0.0, (now_us - alive_us) / 1_000)),
        "trades": status.trades,
        "symbols": status.symbols,
        "open_gaps": status.open_gaps,
        "reconnects": status.reconnects,
        "dead_letters": status.dead_letters,
    }


def feed_state(pulse: Pulse, now_us: int, now_s: float) -> State:
    """Down: it says so, or says nothing for long. Stale: connected, but nothing came through lately."""
    status, heard_s = pulse.status, pulse.status_s
    if status is None or heard_s is None:
        return "unknown"
    silent_s = max(now_s - heard_s, (now_us - status.at_us) / _US)
    if not status.connected or silent_s > _DOWN_S:
        return "down"
    alive_us = status.alive_through_us
    is_mute = alive_us is None or now_us - alive_us > _MUTE_S * _US
    return "stale" if is_mute or silent_s > _STALE_S else "ok"


def spark_state(pulse: Pulse, now_s: float) -> State:
    """Stale: trades go in and no bar comes out. Quiet is not stale: without trades there are no bars."""
    has_trades = pulse.trades_grew_s is not None and now_s - pulse.trades_grew_s <= _STALE_S
    has_bars = pulse.bar_s is not None and now_s - pulse.bar_s <= _STALE_S
    if has_trades and not has_bars:
        return "stale"
    return "unknown" if pulse.newest_bar is None else "ok"


def rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
