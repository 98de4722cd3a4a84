"""Every figure of `/metrics` with its meaning: what is measured here, and what the parts know when they are asked.

Times are seconds; a lag is by event time: the age of the newest record when it came, or of the oldest that waits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from api.alert_desk import Desk
from api.broadcaster import Broadcaster
from api.families import PREFIX, counter, gauge, known, times
from api.hops import State
from api.hub import Hub
from api.messages import StatusMessage
from api.recorder import Recorder
from api.status import Status
from market.latency import BOUNDS_S, Took

_STATES: tuple[State, ...] = ("ok", "stale", "down", "unknown")


class Metrics:
    """The figures that are measured where things happen; each process has its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collect in (ProcessCollector, PlatformCollector, GCCollector):
            collect(registry=self.registry)
        self.batch = self._histogram(
            "batch_records", "records stored by one transaction", (1, 10, 50, 100, 250, 500, 1_000, 2_000, 4_000)
        )
        self.stored = self._histogram("store_seconds", "one transaction: rows and offsets", BOUNDS_S)
        self.queried = self._histogram("query_seconds", "one read of the database, with waiting for its turn", BOUNDS_S)
        self.http = Histogram(
            f"{PREFIX}http_seconds",
            "from request to the end of the answer",
            ("route", "status"),
            buckets=BOUNDS_S,
            registry=self.registry,
        )

    def watch(self, parts: "Parts") -> None:
        """Ask the parts whenever somebody reads the metrics."""
        self.registry.register(parts)

    def note_batch(self, records: int, took_s: float) -> None:
        self.batch.observe(records)
        self.stored.observe(took_s)

    def note_http(self, route: str, status: int, took_s: float) -> None:
        self.http.labels(route, status).observe(took_s)

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)

    def _histogram(self, name: str, meaning: str, buckets: Iterable[float]) -> Histogram:
        return Histogram(f"{PREFIX}{name}", meaning, buckets=tuple(buckets), registry=self.registry)


@dataclass(frozen=True, slots=True, eq=False)
class Parts(Collector):
    """Whom to ask."""

    status: Status
    hub: Hub
    recorder: Recorder
    broadcaster: Broadcaster
    desk: Desk

    def collect(self) -> Iterator[Metric]:
        now = self.status.now()
        yield from hops(now)
        yield from feed(now)
        yield from truth(now)
        yield from self._latency()
        yield from self._kafka()
        yield from self._recorder(now)
        yield from self._clients()
        yield from self._alerts()

    def _latency(self) -> Iterator[Metric]:
        live = self.status.live
        now_s = live.tick_s()
        whole, hops = live.latency.took(now_s), live.path.took(live.pulse.status, now_s)
        yield times("exchange_to_api_seconds", "from a bar's last trade until it was sent to the clients", {(): whole})
        by_hop: dict[tuple[str, ...], Took] = {(name,): took for name, took in hops.items()}
        yield times("hop_seconds", "to a stamp of the path from the one before (docs/numbers.md)", by_hop, ("to",))
        impossible: dict[tuple[str, ...], float] = {(name,): took.impossible for name, took in hops.items()}
        yield counter("hop_impossible", "what took less than no time, as two clocks differ", ("to",), impossible)

    def _kafka(self) -> Iterator[Metric]:
        behind = gauge("kafka_behind_records", "records in a partition that are not read yet", ("path", "source"))
        read = counter("kafka_read", "records read", ("path",))
        caught_up = gauge("kafka_caught_up", "1: all that stood in the topics at the start has been read", ("path",))
        for path, part in (("durable", self.recorder), ("live", self.broadcaster)):
            for (topic, partition), records in part.progress.lags.items():
                behind.add_metric((path, f"{topic}/{partition}"), records)
            read.add_metric((path,), part.received)
            caught_up.add_metric((path,), part.progress.caught_up)
        yield from (behind, read, caught_up)

    def _recorder(self, now: StatusMessage) -> Iterator[Metric]:
        yield counter("recorded", "records stored", value=now.database.recorded)
        yield counter("dead_letters", "records refused and sent to dead-letters by this process",
                       value=now.database.dead_letters)  # fmt: skip
        yield gauge("recorder_queue_records", "records read and not stored yet", value=now.database.queue)

    def _clients(self) -> Iterator[Metric]:
        waiting = [client.waiting for client in self.hub.clients()]
        traffic = self.hub.traffic
        yield gauge("clients", "open WebSockets", value=len(waiting))
        yield gauge("mailbox_frames", "frames that wait for all slow clients", value=sum(waiting))
        yield gauge("mailbox_longest_frames", "frames that wait for the slowest client", value=max(waiting, default=0))
        yield counter("frames", "frames for clients", value=traffic.frames)
        yield counter("frames_replaced", "frames a newer one replaced before they were sent", value=traffic.replaced)
        yield counter("clients_too_slow", "clients closed with 1013", value=traffic.too_slow)
        yield gauge("memory_rows", "rows of the last quarter of an hour, held for snapshots",
                     value=len(self.hub.memory))  # fmt: skip

    def _alerts(self) -> Iterator[Metric]:
        counts = self.desk.counts
        yield gauge("alerts", "alerts in force", value=len(self.desk.alerts))
        yield counter("alerts_fired", "firings that sockets were told of", value=counts.fired)
        yield counter("alerts_dropped", "firings that could not be written down", value=counts.dropped)
        yield counter("webhooks_posted", "posts that their receivers took", value=counts.posted)
        yield counter("webhooks_given_up", "posts that nobody took, however often tried", value=counts.given_up)


def hops(now: StatusMessage) -> Iterator[Metric]:
    """The state of each hop as one of four, and how far behind it is."""
    states = gauge("hop", "1 for the state a hop is in", ("hop", "state"))
    lags = gauge("lag_seconds", "age of what a hop has last given out; absent: unknown", ("hop",))
    for name in ("feed", "kafka", "spark", "database"):
        hop = getattr(now, name)
        for state in _STATES:
            states.add_metric((name, state), hop.state == state)
        if hop.lag_ms is not None:
            lags.add_metric((name,), hop.lag_ms / 1_000)
    yield from (states, lags)


def feed(now: StatusMessage) -> Iterator[Metric]:
    """What the ingestor says of itself."""
    said = now.feed
    gauges = {"symbols": "symbols subscribed at the exchange", "open_gaps": "gaps not healed and not given up"}
    counters = {
        "trades": "trades of every kind of the trading day",
        "reconnects": "new connections to the exchange",
        "dead_letters": "messages of the exchange that were refused",
    }
    for name, meaning in gauges.items():
        yield from known(gauge(f"feed_{name}", meaning), getattr(said, name))
    for name, meaning in counters.items():
        yield from known(counter(f"feed_{name}", meaning), getattr(said, name))


def truth(now: StatusMessage) -> Iterator[Metric]:
    """What is known to be complete."""
    through = gauge("exact_through_seconds", "epoch second through which every trade is counted; absent: unknown")
    yield from known(through, now.exact_through)
    yield from known(gauge("broken_chains", "symbols whose bars lack lots by the exchange's counter"), now.broken)
    yield gauge("phase", "1 for the market's phase", ("phase",), {(str(now.phase),): 1})
