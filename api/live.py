"""What is known right now: records as they come are merged, measured and passed on. Pure: time comes from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field

from api.frames import text_frame
from api.hub import Hub
from api.latency import Latency
from api.liveness import Liveness
from api.protocol import wrapped
from api.records import Known, Raw, row
from market.messages import Average, Bar, FeedStatus, Gap, Pause, SymbolInfo

_QUIET_S, _STATUS_S = 5.0, 1.5
_DISORDER_S = 2  # how far bars of different symbols come out of order
_MOST_PAUSES = 64  # of one symbol; a pause takes minutes


@dataclass(slots=True)
class Pulse:
    """When things last moved, in seconds of the monotonic clock, and how late they were; None: not yet."""

    status: FeedStatus | None = None
    status_s: float | None = None
    trades_grew_s: float | None = None
    bar_s: float | None = None
    newest_bar: int | None = None
    kafka_lag_ms: float | None = None
    spark_lag_ms: float | None = None


@dataclass(slots=True)
class Live:
    """`now_us` is wall time, `tick_s` monotonic time; `hub` gets what is news."""

    hub: Hub
    now_us: Callable[[], int]
    tick_s: Callable[[], float]
    pulse: Pulse = field(default_factory=Pulse)
    latency: Latency = field(default_factory=Latency)
    liveness: Liveness = field(default_factory=Liveness)
    symbols: dict[str, SymbolInfo] = field(default_factory=dict)
    pauses: dict[str, list[int]] = field(default_factory=dict)
    _last_trade_us: dict[str, int] = field(default_factory=dict)

    def take(self, record: Known, raw: Raw, *, fresh: bool) -> None:
        """`fresh`: not a replay of the past, so that its age is a latency."""
        if isinstance(record, Bar | Average):
            news = self.hub.publish(row(record, raw.value or b""), self.tick_s())
            if news and isinstance(record, Bar):
                self._note_bar(record, fresh=fresh)
        elif isinstance(record, FeedStatus):
            self._note_status(record)
        elif isinstance(record, SymbolInfo):
            self.symbols[record.symbol] = record
        else:
            self._note_event(record, raw.value or b"")

    def known(self) -> set[str]:
        """Symbols with reference data or a bar."""
        return {*self.symbols, *self.hub.memory.symbols()}

    def settled_before(self) -> int:
        """Seconds before this one have their bars, if they traded: so much has come out of the pipeline."""
        pulse, now_s = self.pulse, self.tick_s()
        if pulse.newest_bar is None:
            return 0
        grew_s, bar_s = pulse.trades_grew_s, pulse.bar_s
        is_quiet = grew_s is not None and now_s - grew_s > _QUIET_S
        if is_quiet and bar_s is not None and grew_s is not None and bar_s >= grew_s - _STATUS_S:
            alive_us = (pulse.status and pulse.status.alive_through_us) or 0
            return max(pulse.newest_bar, alive_us // 1_000_000)
        return pulse.newest_bar - _DISORDER_S

    def _note_bar(self, bar: Bar, *, fresh: bool) -> None:
        pulse = self.pulse
        pulse.bar_s = self.tick_s()
        pulse.newest_bar = max(pulse.newest_bar or 0, bar.second)
        if bar.last_trade_us <= self._last_trade_us.get(bar.symbol, 0):
            return  # a correction: its age is the late trade's, not ours
        self._last_trade_us[bar.symbol] = bar.last_trade_us
        if fresh:
            pulse.spark_lag_ms = max(0.0, (self.now_us() - bar.last_trade_us) / 1_000)
            self.latency.add(pulse.spark_lag_ms, pulse.bar_s)

    def _note_status(self, status: FeedStatus) -> None:
        pulse = self.pulse
        if pulse.status is not None and status.trades > pulse.status.trades:
            pulse.trades_grew_s = self.tick_s()
        pulse.status, pulse.status_s = status, self.tick_s()
        pulse.kafka_lag_ms = max(0.0, (self.now_us() - status.at_us) / 1_000)
        self.liveness.note(status)

    def _note_event(self, record: Gap | Pause, value: bytes) -> None:
        if isinstance(record, Pause):
            times = self.pauses.setdefault(record.symbol, [])
            times.append(record.time_us)
            del times[:-_MOST_PAUSES]
            self._tell("pause", record.symbol, record.time_us, value)
        else:
            self._tell("gap", record.symbol, record.from_us, value)

    def _tell(self, kind: str, symbol: str, time_us: int, value: bytes) -> None:
        frame = text_frame(wrapped("gap" if kind == "gap" else "pause", value))
        self.hub.tell("status", symbol, (kind, symbol, time_us), frame)
