"""How the path moves, as far as it is seen from here. Pure."""

from dataclasses import dataclass

from market.messages import FeedStatus


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
class Place:
    """A partition of `bars`: its newest second, and how far that was behind the newest of all when it came."""

    newest: int = 0
    behind_s: int = 0
    at_s: float = 0.0
