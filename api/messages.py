"""What the server says on `/ws`, each message as the struct it is made of (contract: WebSocket). Pure."""

from decimal import Decimal
from typing import Literal

import msgspec

from api.hops import State
from api.limits import Limits
from api.path import Hops
from api.told import Told
from market.calendar import Phase
from market.clock import Replay
from market.latency import Quantiles
from market.messages import Average, Bar, Delay, Gap, Pause


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Told apart by `type`; unknown fields are to be ignored, as there may be more one day."""


class Welcome(Message, tag="welcome", frozen=True, kw_only=True):
    """The first message. No message at all for some `heartbeat_s` means that the connection is dead."""

    version: str
    server_time_us: int
    heartbeat_s: int
    limits: Limits


class Subscriptions(msgspec.Struct, frozen=True):
    """Symbols by channel; `*` is every symbol, those to come too."""

    bars: list[str]
    averages: list[str]
    status: list[str]
    alerts: list[str]


class Refused(msgspec.Struct, frozen=True):
    """A symbol that was asked for in vain: 400 impossible, 404 unknown."""

    symbol: str
    code: int
    reason: str


class Ack(Message, tag="ack", frozen=True, kw_only=True):
    """Answers `subscribe`, `unsubscribe` and `list` with what is now in force; snapshots are still to come."""

    id: int | None
    subscriptions: Subscriptions
    refused: list[Refused]


class Snapshot(Message, tag="snapshot", frozen=True, kw_only=True):
    """All rows of seconds from `since` on, ascending; what comes after it follows it.

    `resumed`: instead, the rows that came after the given `position`, of any second. Not `complete`: the database did
    not give all of them, or `since` is later than asked for; ask again.
    """

    symbol: str
    since: int
    complete: bool
    resumed: bool
    bars: list[Bar]
    averages: list[Average]


class Ready(Message, tag="ready", frozen=True, kw_only=True):
    """Every snapshot asked for through the subscription with this id has been sent.

    From now on each status's `position` covers what was subscribed.
    """

    id: int | None


class BarMessage(Message, tag="bar", frozen=True, kw_only=True):
    """A new bar, or a correction: the one that counts more `trades` replaces the other with its symbol and second."""

    data: Bar


class AverageMessage(Message, tag="average", frozen=True, kw_only=True):
    """A new average or a correction, as with bars."""

    data: Average


class GapMessage(Message, tag="gap", frozen=True, kw_only=True):
    """A gap was found, healed or given up as lost; known by symbol, from_us and to_us. On the channel `status`."""

    data: Gap


class PauseMessage(Message, tag="pause", frozen=True, kw_only=True):
    """A volatility pause began. On the channel `status`."""

    data: Pause


class DelayMessage(Message, tag="delay", frozen=True, kw_only=True):
    """The exchange puts a symbol's opening or closing call off, by minutes. On the channel `status`."""

    data: Delay


class Trial(msgspec.Struct, frozen=True):
    """An indicative price: what a call would trade at now, `time` in µs of the exchange, `size` in lots."""

    symbol: str
    time: int
    price: Decimal
    size: int


class TrialMessage(Message, tag="trial", frozen=True, kw_only=True):
    """A trial match, while orders are collected for a call. No trade, and in no bar. On the channel `status`."""

    data: Trial


class AlertMessage(Message, tag="alert", frozen=True, kw_only=True):
    """An alert fired. On the channel `alerts`, for its symbol; that of a stale feed for every one."""

    data: Told


class FeedHop(msgspec.Struct, frozen=True, kw_only=True):
    """The ingestor's own words, and how old they are; counts are of the trading day or since its own start."""

    state: State
    lag_ms: float | None = None
    alive_through_us: int | None = None
    trades: int | None = None
    symbols: int | None = None
    open_gaps: int | None = None
    reconnects: int | None = None
    dead_letters: int | None = None


class LaggingHop(msgspec.Struct, frozen=True):
    """`lag_ms`: age of the last record when it came."""

    state: State
    lag_ms: float | None


class DatabaseHop(msgspec.Struct, frozen=True, kw_only=True):
    """`lag_ms`: age of the oldest record being stored; `queue`: records waiting; the rest since the start."""

    state: State
    lag_ms: float | None
    queue: int
    recorded: int
    dead_letters: int


class StatusMessage(Message, tag="status", frozen=True, kw_only=True):
    """The whole path, once a second to everybody: the heartbeat. Unknown is null, or the state `unknown`.

    `position`: all rows before it have been sent on this connection; give it back to resume, here or elsewhere.
    `halted`: symbols in a volatility pause; `delayed`: opening and closing calls that are put off now.
    `exact_through`: every trade of the day through this second is counted in the bars, for every symbol that traded;
    `exact_held_by`: the symbol that keeps it from a later one; `broken`: symbols whose chain lacks lots.
    `latency`: from the exchange's stamp to the sockets, over the last minute; `hops`: where that time goes.
    `replay`: null, unless a recorded session is played: its day, how many times as fast, and whether it runs now. All
    times are then the session's, lags and latencies this machine's.
    """

    at_us: int
    phase: Phase
    next_phase: Phase | None
    next_phase_at_us: int | None
    trading_day: str
    halted: list[str]
    delayed: list[Delay]
    feed: FeedHop
    kafka: LaggingHop
    spark: LaggingHop
    database: DatabaseHop
    latency: Quantiles
    hops: Hops
    exact_through: int | None
    exact_held_by: str | None
    broken: int | None
    position: str
    replay: Replay | None = None


class Error(Message, tag="error", frozen=True, kw_only=True):
    """A message that was not obeyed: 400 bad, 408 too slow to subscribe, 413 too large, 429 too many."""

    id: int | None
    code: int
    message: str


class Pong(Message, tag="pong", frozen=True, kw_only=True):
    """Answers `ping`."""

    id: int | None
    server_time_us: int


class Bye(Message, tag="bye", frozen=True, kw_only=True):
    """The server is about to close; come back after so long, and not all at once."""

    reason: Literal["the server stops"]
    reconnect_after_ms: int


SERVER_MESSAGES: tuple[type[Message], ...] = (
    Welcome, Ack, Snapshot, Ready, BarMessage, AverageMessage, GapMessage, PauseMessage, DelayMessage,
    TrialMessage, AlertMessage, StatusMessage, Error, Pong, Bye,
)  # fmt: skip
encode = msgspec.json.encode
