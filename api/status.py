"""The state of the whole path in one message, once a second and on request. Pure but for the clocks it is given."""

from collections.abc import Callable
from dataclasses import dataclass, field

from api import position
from api.hops import MUTE_S, STALE_S, Hop, State
from api.live import Live
from api.messages import DatabaseHop, FeedHop, LaggingHop, StatusMessage, encode
from api.notices import delayed
from api.path import known_ms
from api.position import Position
from api.pulse import Pulse
from api.recorder import Recorder
from market.calendar import Calendar, trading_day
from market.clock import Clock

_DOWN_S = 10.0
_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Status:
    """Reads what the parts know; owns nothing."""

    calendar: Calendar
    live: Live
    recorder: Recorder
    kafka: Hop
    database: Hop
    clock: Clock = field(default_factory=Clock)

    def message(self) -> bytes:
        return encode(self.now())

    def now(self) -> StatusMessage:
        """`status` of the contract, as things are."""
        now_us, now_s, pulse = self.live.now_us(), self.live.tick_s(), self.live.pulse
        phase, change = self.calendar.phase(now_us), self.calendar.next_change(now_us)
        said = feed(pulse, self.live.age_us, now_s)
        exactness = self.live.audit.exactness(self.live.horizon(), self.live.liveness)
        return StatusMessage(
            at_us=now_us,
            phase=phase,
            next_phase=change[0] if change else None,
            next_phase_at_us=change[1] if change else None,
            trading_day=trading_day(now_us).isoformat(),
            halted=self.live.halted(),
            delayed=delayed(self.live.delays, self.live.hub.memory, now_us // _US),
            feed=said,
            kafka=LaggingHop(self.kafka.state, pulse.kafka_lag_ms),
            spark=LaggingHop(spark_state(pulse, now_s), pulse.spark_lag_ms),
            database=self._database(),
            latency=self.live.latency.quantiles(now_s),
            hops=self.live.path.hops(None if said.state == "down" else pulse.status, now_s),
            exact_through=exactness.through,
            exact_held_by=exactness.held_by,
            broken=exactness.broken,
            position=position.text(self._position(now_us // _US)),
            replay=self.clock.replay(),
        )

    def _position(self, now_s: int) -> Position:
        hub = self.live.hub
        return {**hub.memory.position(), **hub.events.position(now_s)}

    def _database(self) -> DatabaseHop:
        return DatabaseHop(
            state=self.database.state,
            lag_ms=None if self.database.state == "unknown" else known_ms(self.recorder.lag_ms() * 1_000),
            queue=self.recorder.waiting(),
            recorded=self.recorder.recorded,
            dead_letters=self.recorder.buried,
        )


def feed(pulse: Pulse, age_us: Callable[[int], int], now_s: float) -> FeedHop:
    """The ingestor's own words, and how old they are; `age_us` as `Live`'s."""
    status = pulse.status
    if status is None:
        return FeedHop(state="unknown")
    alive_us = status.alive_through_us
    return FeedHop(
        state=feed_state(pulse, age_us, now_s),
        alive_through_us=alive_us,
        lag_ms=None if alive_us is None else known_ms(age_us(alive_us)),
        trades=status.trades,
        symbols=status.symbols,
        open_gaps=status.open_gaps,
        reconnects=status.reconnects,
        dead_letters=status.dead_letters,
    )


def feed_state(pulse: Pulse, age_us: Callable[[int], int], now_s: float) -> State:
    """Down: it says so, or says nothing for long. Stale: connected, but nothing came through lately."""
    status, heard_s = pulse.status, pulse.status_s
    if status is None or heard_s is None:
        return "unknown"
    silent_s = max(now_s - heard_s, age_us(status.at_us) / _US)
    if not status.connected or silent_s > _DOWN_S:
        return "down"
    alive_us = status.alive_through_us
    is_mute = alive_us is None or age_us(alive_us) > MUTE_S * _US
    return "stale" if is_mute or silent_s > STALE_S else "ok"


def spark_state(pulse: Pulse, now_s: float) -> State:
    """Stale: trades go in and no bar comes out. Quiet is not stale: without trades there are no bars."""
    has_trades = pulse.trades_grew_s is not None and now_s - pulse.trades_grew_s <= STALE_S
    has_bars = pulse.bar_s is not None and now_s - pulse.bar_s <= STALE_S
    if has_trades and not has_bars:
        return "stale"
    return "unknown" if pulse.newest_bar is None else "ok"
