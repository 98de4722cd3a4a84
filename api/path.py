"""Where the time goes from the exchange to the browsers: how long each hop took, by whose clocks. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from api.records import Raw
from market.clock import Clock
from market.latency import Latency, Quantiles, Took
from market.messages import Average, Bar, FeedStatus

_RECORD_MS = 1.0  # the resolution of a Kafka record's stamp


class Hops(msgspec.Struct, frozen=True, kw_only=True):
    """How long the hop to each stamp took over the last minute; null: the ingestor has not told it.

    `received`: from the exchange's stamp of a trade to the ingestor, by their two clocks. `produced`: from there until
    the broker has confirmed the record, by the ingestor's. `bar_emitted`: from the exchange's stamp of a bar's last
    trade to the bar's record, by the exchange's clock and Spark's. `average_emitted`: from the first bar of a second to
    its average, by Spark's. `consumed`: from either record to this server, by Spark's clock and its own. `pushed`: from
    there until it was written to every socket that keeps up, by the server's.
    """

    received: Quantiles | None
    produced: Quantiles | None
    bar_emitted: Quantiles
    average_emitted: Quantiles
    consumed: Quantiles
    pushed: Quantiles


@dataclass(slots=True)
class Path:
    """The hops that end in a stamp of Spark's or of this process; `machine_us`: this machine's clock."""

    machine_us: Callable[[], int] = Clock().now_us
    bar_emitted: Latency = field(default_factory=lambda: Latency(_RECORD_MS))
    average_emitted: Latency = field(default_factory=lambda: Latency(_RECORD_MS))
    consumed: Latency = field(default_factory=lambda: Latency(_RECORD_MS))
    pushed: Latency = field(default_factory=Latency)
    _newest: dict[str, tuple[int, dict[type, int]]] = field(default_factory=dict)

    def note(self, record: Bar | Average, raw: Raw, now_s: float) -> None:
        """A row that was news, as soon as it is pushed."""
        self.consumed.add(raw.read_us / 1_000 - raw.timestamp_ms, now_s)
        self.pushed.add((self.machine_us() - raw.read_us) / 1_000, now_s)
        self._pair(record, raw.timestamp_ms, now_s)

    def note_emitted(self, age_us: int, raw: Raw, now_s: float) -> None:
        """A bar with a newer trade, which is `age_us` old now."""
        self.bar_emitted.add((age_us - self.machine_us()) / 1_000 + raw.timestamp_ms, now_s)

    def took(self, feed: FeedStatus | None, now_s: float) -> dict[str, Took]:
        """Each hop by the stamp it ends in; `feed` knows the first two."""
        return _told(feed) | {
            "bar_emitted": self.bar_emitted.took(now_s),
            "average_emitted": self.average_emitted.took(now_s),
            "consumed": self.consumed.took(now_s),
            "pushed": self.pushed.took(now_s),
        }

    def hops(self, feed: FeedStatus | None, now_s: float) -> Hops:
        """As `took`, of the last minute; `feed`: what the ingestor says now, None if it says nothing."""
        told = {name: took.lately for name, took in _told(feed).items()}
        return Hops(
            received=told.get("received"),
            produced=told.get("produced"),
            bar_emitted=self.bar_emitted.quantiles(now_s),
            average_emitted=self.average_emitted.quantiles(now_s),
            consumed=self.consumed.quantiles(now_s),
            pushed=self.pushed.quantiles(now_s),
        )

    def _pair(self, record: Bar | Average, emitted_ms: int, now_s: float) -> None:
        """The first of each kind in the newest second of a symbol: their topics may come in either order."""
        second, emitted = self._newest.get(record.symbol, (0, {}))
        if record.second > second:
            emitted = {}
            self._newest[record.symbol] = record.second, emitted
        if record.second < second or type(record) in emitted:
            return  # a correction
        emitted[type(record)] = emitted_ms
        if len(emitted) == len((Bar, Average)):
            self.average_emitted.add(emitted[Average] - emitted[Bar], now_s)


def known_ms(took_us: float) -> float | None:
    """Milliseconds, to a tenth; None for less than no time: two clocks differ, and nothing is known."""
    return None if took_us < 0 else round(took_us / 1_000, 1)


def _told(feed: FeedStatus | None) -> dict[str, Took]:
    told = {"received": feed.received, "produced": feed.produced} if feed else {}
    return {name: took for name, took in told.items() if took}
