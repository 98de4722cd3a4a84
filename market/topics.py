"""Kafka topics, each one fact: its name, what it keeps and for how long (contract: topics)."""

from dataclasses import dataclass, field

DAY_MS = 24 * 60 * 60 * 1_000
# A broker takes 1 MiB into any other topic; what is bad may be as large, and gets a reason beside it.
LETTER_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; its records are JSON values keyed by symbol unless `holds` says otherwise."""

    name: str
    holds: str
    retention_days: int
    compacted: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    def config(self) -> dict[str, str]:
        """Broker settings of the topic."""
        keep = {"cleanup.policy": "compact"} if self.compacted else {"retention.ms": str(self.retention_days * DAY_MS)}
        return {**keep, **self.extra}


TRADES = Topic("trades", "every valid trade of every kind, as the exchange sent it", 7)
BARS = Topic("bars", "one-second bars; of two with one key the one with more trades is newer", 7)
AVERAGES = Topic("averages", "5/10/15-second averages; merged like bars", 7)
FEED = Topic("feed", "status once a second, gaps, pauses, delays, who is watched (key: the record's type)", 7)
SYMBOLS = Topic("symbols", "reference data of the trading day, the newest per symbol", 7, compacted=True)
DEAD_LETTERS = Topic(
    "dead-letters",
    "original bytes; the headers say reason, source and at_us",
    30,
    extra={"max.message.bytes": str(LETTER_BYTES)},
)

ALL = (TRADES, BARS, AVERAGES, FEED, SYMBOLS, DEAD_LETTERS)
