"""What is known right now: records as they come are merged, measured and passed on. Pure: time comes from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from api import notices
from api.audit import Audit
from api.fill import LONGEST_HALT_S, halt
from api.hub import Hub
from api.liveness import Liveness, Watching
from api.path import Path, known_ms
from api.pulse import Place, Pulse
from api.records import Known, Raw, row
from market.calendar import trading_day
from market.latency import CATCHING_UP_MS, Latency
from market.messages import (
    Average,
    Bar,
    Delay,
    FeedRecord,
    FeedStatus,
    Gap,
    Pause,
    SymbolInfo,
    Total,
    Watched,
    decode_bar,
)

_QUIET_S, _STATUS_S = 5.0, 1.5
_DISORDER_S = 2  # how far bars of different symbols come out of order, by this machine's clock
_MOST_DELAYS = 16  # of one symbol; two a day
_MOST_PAUSES = 64  # of one symbol; a pause takes minutes


@dataclass(slots=True)
class Live:
    """`now_us` is the market's time, `tick_s` monotonic time; `hub` gets what is news.

    `pace`: seconds of the market in one of this machine's, where a session is replayed.
    """

    hub: Hub
    now_us: Callable[[], int]
    tick_s: Callable[[], float]
    pace: Callable[[], float] = lambda: 1.0
    pulse: Pulse = field(default_factory=Pulse)
    latency: Latency = field(default_factory=Latency)
    path: Path = field(default_factory=Path)
    liveness: Liveness = field(default_factory=Liveness)
    symbols: dict[str, SymbolInfo] = field(default_factory=dict)
    watching: Watching = field(default_factory=Watching)
    pauses: dict[str, list[int]] = field(default_factory=dict)
    delays: dict[str, list[Delay]] = field(default_factory=dict)
    followers: list[Callable[[Known, bool], None]] = field(default_factory=list)
    audit: Audit = field(init=False)
    _places: dict[int, Place] = field(default_factory=dict)
    _listening_us: int | None = None
    _last_trade_us: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.audit = Audit(trading_day(self.now_us()))

    def take(self, record: Known, raw: Raw, *, fresh: bool) -> None:
        """`fresh`: not a replay of the past, so that its age is a latency. `followers` are told what is news."""
        if fresh and self._listening_us is None:
            self._listening_us = self.now_us()
        if not isinstance(record, Bar | Average):
            self._note(record, raw)
        elif not self._merge(record, raw, fresh=fresh):
            return
        for follow in self.followers:
            follow(record, fresh)

    def _merge(self, record: Bar | Average, raw: Raw, *, fresh: bool) -> bool:
        news = self.hub.publish(row(record, raw.value or b"", raw.partition, raw.offset), self.tick_s())
        if news and fresh:
            self.path.note(record, raw, self.tick_s())
        if news and isinstance(record, Bar):
            self._note_bar(record, raw.partition)
            self._note_latency(record, raw)
        return news

    def _note(self, record: FeedRecord | SymbolInfo, raw: Raw) -> None:
        if not isinstance(record, SymbolInfo):
            self.hub.events.reach(("feed", raw.partition), raw.offset)
        if isinstance(record, FeedStatus):
            self._note_status(record)
        elif isinstance(record, Watched):
            self.watching.note(record)
        elif isinstance(record, Total):
            self.audit.note_total(record)
        elif isinstance(record, SymbolInfo):
            self.symbols[record.symbol] = record
        else:
            self._note_event(record)
            self.hub.announce(notices.event(record, raw))

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
        return pulse.newest_bar - ceil(_DISORDER_S * self.pace()) - self._behind_s(now_s)

    def age_us(self, at_us: int) -> int:
        """How long ago a time of the market was, by this machine's clock."""
        return int((self.now_us() - at_us) / self.pace())

    def horizon(self) -> int | None:
        """The last second that has come out of the pipeline, the feed alive at its end; None: there is none yet."""
        settled, alive_us = self.settled_before(), self.liveness.through_us()
        return None if not settled or alive_us is None else min(settled, alive_us // 1_000_000) - 1

    def _behind_s(self, now_s: float) -> int:
        """The lag of the partition that is furthest behind, of those that move: one that rests had nothing to tell."""
        return max((each.behind_s for each in self._places.values() if now_s - each.at_s <= _QUIET_S), default=0)

    def _note_bar(self, bar: Bar, partition: int) -> None:
        pulse, place = self.pulse, self._places.setdefault(partition, Place())
        pulse.bar_s = self.tick_s()
        pulse.newest_bar = max(pulse.newest_bar or 0, bar.second)
        if bar.second > place.newest:
            place.newest, place.at_s, place.behind_s = bar.second, pulse.bar_s, pulse.newest_bar - bar.second
        self.audit.note(bar)

    def _note_latency(self, bar: Bar, raw: Raw) -> None:
        """Of the first version with a newer trade: a correction's age is the late trade's, not ours."""
        if bar.last_trade_us <= self._last_trade_us.get(bar.symbol, 0):
            return
        self._last_trade_us[bar.symbol] = bar.last_trade_us
        now_s, age_us = self.tick_s(), self.age_us(bar.last_trade_us)
        if self._listening_us is None or bar.last_trade_us < self._listening_us or age_us > CATCHING_UP_MS * 1_000:
            self.latency.leave_out(now_s)
        else:
            self.pulse.spark_lag_ms = known_ms(age_us)
            self.latency.add(age_us / 1_000, now_s)
            self.path.note_emitted(age_us, raw, now_s)

    def _note_status(self, status: FeedStatus) -> None:
        pulse = self.pulse
        if pulse.status is not None and status.trades_in_bars > pulse.status.trades_in_bars:
            pulse.trades_grew_s = self.tick_s()
        pulse.status, pulse.status_s = status, self.tick_s()
        pulse.kafka_lag_ms = known_ms(self.age_us(status.at_us))
        self.liveness.note(status)

    def proves(self, symbol: str, second: int) -> bool:
        """Whether no trade of a symbol in a second can be unknown here: it was listened for, and all has come out."""
        since_us = self.liveness.since_us(second)
        is_watched = self.watching.covers(symbol, second, since_us)
        return is_watched and second < self.settled_before() and self.liveness.proves(second)

    def is_whole(self, symbol: str, first: int, last: int) -> bool:
        """Whether nothing of a symbol can be missing in seconds `first` to `last`: all proven, and no gap in them."""
        from_us, to_us = first * 1_000_000, (last + 1) * 1_000_000
        has_gap = any(start < to_us and end >= from_us for start, end in self.audit.gaps(symbol))
        return not has_gap and all(self.proves(symbol, second) for second in range(first, last + 1))

    def halted(self) -> list[str]:
        """Symbols in a volatility pause now, as far as their bars tell of its end."""
        now = self.now_us() // 1_000_000
        return sorted(symbol for symbol, pauses in self.pauses.items() if now in self._halt(symbol, pauses[-1]))

    def _halt(self, symbol: str, pause_us: int) -> range:
        begun = pause_us // 1_000_000
        if begun < self.now_us() // 1_000_000 - LONGEST_HALT_S:
            return range(0)
        bars = [decode_bar(each.value) for each in self.hub.memory.rows("bar", symbol, begun)]
        return halt({bar.second for bar in bars}, {bar.second for bar in bars if bar.auction}, begun)

    def _note_event(self, record: Gap | Pause | Delay) -> None:
        if isinstance(record, Delay):
            self.delays.setdefault(record.symbol, []).append(record)
            del self.delays[record.symbol][:-_MOST_DELAYS]
        elif isinstance(record, Pause):
            times = self.pauses.setdefault(record.symbol, [])
            times.append(record.time_us)
            del times[:-_MOST_PAUSES]
        else:
            self.audit.note_gap(record)
