"""What the ingestor says of itself: the state behind the once-a-second `feed` status."""

from dataclasses import dataclass, field
from datetime import date

from market.calendar import Phase, trading_day
from market.latency import Latency, Took
from market.messages import FeedStatus

_US = 1_000_000


@dataclass(slots=True)
class Tally:
    """Connection state and the counters of the trading day."""

    day: date
    connection: str | None = None  # the name of the one that stands
    confirmed: frozenset[str] = frozenset()  # the symbols whose subscription the exchange has confirmed
    alive_through_us: int | None = None
    trades: int = 0
    trades_in_bars: int = 0
    reconnects: int = 0
    dead_letters: int = 0
    open_gaps: int = 0
    generation: int = 0  # connections since the start, to tell them apart in the log
    received: Latency = field(default_factory=Latency)
    _since: tuple[str | None, int] = (None, 0)  # a connection, and when its first trade came

    @property
    def connected(self) -> bool:
        return self.connection is not None

    def proven(self, time_us: int, now_us: int) -> None:
        """A frame stamped `time_us` came; a stamp of the future proves no more than now."""
        self.alive_through_us = max(self.alive_through_us or 0, min(time_us, now_us))

    def stamp(self, time_us: int, now_us: int, pace: float) -> None:
        """A trade stamped `time_us` came; of one from before its connection's first trade came, only that it did.

        That is the first itself as well (unless stamped ahead of our clock): a new subscriber is sent the last one.
        """
        if self.connection != self._since[0]:
            self._since = self.connection, now_us
        if time_us < self._since[1]:
            self.received.leave_out(now_us / _US)
        else:
            self.received.add((now_us - time_us) / pace / 1_000, now_us / _US)

    def roll(self, today: date) -> None:
        """The counters of a new trading day begin at 0."""
        if today != self.day:
            self.day = today
            self.trades = self.trades_in_bars = self.reconnects = self.dead_letters = 0

    def status(self, now_us: int, phase: Phase, produced: Took | None = None) -> FeedStatus:
        self.roll(trading_day(now_us))
        return FeedStatus(
            at_us=now_us,
            trading_day=self.day.isoformat(),
            connected=self.connected,
            alive_through_us=self.alive_through_us,
            phase=phase,
            symbols=len(self.confirmed),
            trades=self.trades,
            trades_in_bars=self.trades_in_bars,
            open_gaps=self.open_gaps,
            reconnects=self.reconnects,
            dead_letters=self.dead_letters,
            connection=self.connection,
            received=self.received.took(now_us / _US),
            produced=produced,
        )
