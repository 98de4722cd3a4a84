"""The gaps of a trading day: which are open, what of them was told, and what has to be told now. Pure.

A gap is known by its symbol and the times of the two trades around it. When a part of it comes, the neighbours change:
the narrower gaps are opened, and the old one is told as healed, with the lots that came. So at any time the lots of
the open gaps are the lots that are missing, and the healed and open ones together are all that ever were.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from ingestor.coverage import Coverage, Print
from ingestor.trades import Source
from market.messages import Gap

# Frames of one symbol may change places in the stream. Half a second lets them, and is well within the two seconds in
# which a gap must be told; what comes later than that has been missing.
GRACE_S = 0.5

Key = tuple[int, int]  # the times around the gap, in µs


@dataclass(slots=True)
class _Symbol:
    coverage: Coverage = field(default_factory=Coverage)
    told: dict[Key, Gap] = field(default_factory=dict)  # open and lost ones
    how: str = ""
    seen_s: float = 0.0


class Gaps:
    """One trading day; times of `now_s` are monotonic seconds. Until `begin` nothing is told."""

    def __init__(self, day: date, start_us: int) -> None:
        self.day = day
        self._start_us = start_us
        self.begun = False
        self._symbols: defaultdict[str, _Symbol] = defaultdict(_Symbol)
        self._unsettled: set[str] = set()
        self.open: dict[str, set[Key]] = {}  # the gaps that were told as open, by symbol
        self._outbox: list[Gap] = []

    def add(self, symbol: str, trade: Print, source: Source, now_s: float) -> None:
        """Take in a trade that counts in bars."""
        one = self._symbols[symbol]
        one.seen_s = now_s
        if source == "rest" and self.begun:
            self._tell_before_it_is_filled(symbol, trade, now_s)
        effect = one.coverage.add(trade, now_s)
        if effect != "extended":
            one.how = f"came by {source}" if effect == "placed" else "a later trade denies that they ever were"
            self._unsettled.add(symbol)

    def know(self, symbol: str, total: int, time_us: int, now_s: float) -> None:
        """The exchange says that its counter stood at `total` at `time_us`."""
        self._symbols[symbol].coverage.know(total, time_us, now_s)
        self._unsettled.add(symbol)

    def begin(self, past: "Gaps", told: Iterable[Gap]) -> None:
        """Add what was known before this process: the trades, and the last word on each gap. From now on tell."""
        for symbol, one in past._symbols.items():  # noqa: SLF001 - of the same class
            self._symbols[symbol].coverage.merge(one.coverage)
            self._symbols[symbol].how = "had come before"
        for gap in told:
            self._remember(gap)
        self._unsettled |= set(self._symbols)
        self.begun = True

    def changes(self, now_s: float) -> list[Gap]:
        """What has to be told now, in this order: a gap's remains before the gap they are left of."""
        if self.begun:
            for symbol in list(self._unsettled):
                self._settle(symbol, now_s)
        told, self._outbox = self._outbox, []
        return told

    def lose(self, symbol: str, key: Key, reason: str) -> None:
        """Give a gap up; a late trade can heal it still."""
        gap = self._symbols[symbol].told.get(key)
        if gap and gap.state == "open":
            self._tell(replace(gap, state="lost", reason=reason))

    def end(self, reason: str) -> None:
        """Give all open gaps up."""
        for symbol, key in [(symbol, key) for symbol, keys in self.open.items() for key in keys]:
            self.lose(symbol, key, reason)

    def missing(self, symbol: str, within: Iterable[Key]) -> list[Key]:
        """The gaps as they are now in what the gaps `within` were before."""
        holes = self._symbols[symbol].coverage.holes(self._start_us)
        return [(hole.from_us, hole.to_us) for hole in holes if any(_holds(wide, hole[:2]) for wide in within)]

    def lacks(self, symbol: str, trade: Print) -> bool:
        """Whether a trade of this day would fill a hole of the symbol."""
        return self._symbols[symbol].coverage.lacks(trade)

    def lots(self, symbol: str) -> int:
        """Where the symbol's counter stands, as far as this is known."""
        return self._symbols[symbol].coverage.lots()

    def seen_s(self, symbol: str) -> float:
        """When a trade of the symbol came last; 0: never."""
        return self._symbols[symbol].seen_s

    def _settle(self, symbol: str, now_s: float) -> None:
        """Compare what is missing with what was told."""
        one = self._symbols[symbol]
        missing, ripe = self._missing(one, now_s)
        for key in ripe:
            self._tell_missing(symbol, key, missing[key])
        for key in [key for key in one.told if key not in missing]:
            remains = sum(lots for inner, lots in missing.items() if _holds(key, inner))
            self._heal(one, one.told[key], remains)
        if len(ripe) == len(missing):
            self._unsettled.discard(symbol)

    def _tell_before_it_is_filled(self, symbol: str, trade: Print, now_s: float) -> None:
        """What REST brings was missing, also when it was fetched beside something else within the time of grace."""
        one, moment = self._symbols[symbol], (trade.time, trade.time)
        if not one.coverage.lacks(trade) or any(_holds(gap, moment) for gap in one.told):
            return
        missing, _ = self._missing(one, now_s)
        for key in missing:
            if _holds(key, moment):
                self._tell_missing(symbol, key, missing[key])

    def _missing(self, one: _Symbol, now_s: float) -> tuple[dict[Key, int], list[Key]]:
        """Lots by gap, and which gaps may be told. Two holes within one microsecond are one gap."""
        missing: defaultdict[Key, int] = defaultdict(int)
        since: dict[Key, float] = {}
        for hole in one.coverage.holes(self._start_us):
            key = (hole.from_us, hole.to_us)
            missing[key] += hole.lots
            since[key] = min(hole.since_s, since.get(key, hole.since_s))
        return missing, [key for key in missing if key in one.told or now_s - since[key] >= GRACE_S]

    def _tell_missing(self, symbol: str, key: Key, lots: int) -> None:
        one = self._symbols[symbol]
        before = one.told.get(key)
        if before is None:
            reason = f"the running volume jumps over {lots} lots"
            self._tell(Gap(symbol=symbol, from_us=key[0], to_us=key[1], missing_lots=lots, state="open", reason=reason))
        elif before.missing_lots != lots:
            self._tell(replace(before, missing_lots=lots, reason=f"{before.missing_lots - lots} lots {one.how}"))

    def _heal(self, one: _Symbol, gap: Gap, remains: int) -> None:
        came = max(0, gap.missing_lots - remains)
        reason = f"{came} lots {one.how}" + (f", {remains} are still missing" if remains else "")
        self._tell(replace(gap, missing_lots=came, state="healed", reason=reason))

    def _tell(self, gap: Gap) -> None:
        self._remember(gap)
        self._outbox.append(gap)

    def _remember(self, gap: Gap) -> None:
        key, told = (gap.from_us, gap.to_us), self._symbols[gap.symbol].told
        told[key] = gap
        if gap.state == "healed":
            del told[key]
        open_now = {key for key, each in told.items() if each.state == "open"}
        if open_now:
            self.open[gap.symbol] = open_now
        else:
            self.open.pop(gap.symbol, None)


def _holds(wide: Key, narrow: Key) -> bool:
    """Whether one stretch of time is within another."""
    return wide[0] <= narrow[0] and narrow[1] <= wide[1]
