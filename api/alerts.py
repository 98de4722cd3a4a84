"""Alerts judged on live records: which of them fire, and for which second (docs/api.md: alerts). Pure.

An alert fires for what has just come to pass: a record that is a replay, of an older second than the newest of its
symbol, or later than a minute only tells where things stood.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from api.alert_rules import Alert, AverageRule, GapRule, PriceRule, Rule, StaleRule
from api.crossings import difference, lost_since_us, reached
from market.calendar import Phase
from market.messages import Average, Bar, FeedStatus, Gap

LATEST_S = 60  # what comes later than this is no news
_MOST_PENDING = 120  # seconds of one symbol that wait until they settle
_MOST_GAPS = 64  # open ones of one symbol
_TRADING = (Phase.TRIAL, Phase.OPEN, Phase.CLOSING)
_US = 1_000_000
R = TypeVar("R", Bar, Average)
K = TypeVar("K", PriceRule, AverageRule, GapRule, StaleRule)


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert's, for a second of the market's clock; `before` and `now`: what was compared, None where nothing is.

    Of a price: the last before and the one that reached; of averages: fast less slow; of a gap: the missing lots.
    """

    alert: Alert
    second: int
    before: Decimal | None = None
    now: Decimal | None = None


@dataclass(slots=True)
class _Prices:
    """The newest second of a symbol, and the traded one before it."""

    newest: Bar
    before: Bar | None = None


@dataclass(slots=True)
class _Means:
    """A symbol's last settled average, and those that may still change."""

    settled: Average | None = None
    pending: dict[int, Average] = field(default_factory=dict)


class Alerts:
    """`is_whole(symbol, first, last)`: whether no trade of a symbol can be missing in these seconds."""

    def __init__(self, now_us: Callable[[], int], is_whole: Callable[[str, int, int], bool]) -> None:
        self._now_us = now_us
        self._is_whole = is_whole
        self._alerts: dict[int, Alert] = {}
        self._of: dict[tuple[type[Rule], str | None], list[Alert]] = {}
        self._prices: dict[str, _Prices] = {}
        self._means: dict[str, _Means] = {}
        self._waiting: set[str] = set()  # symbols with averages that have not settled
        self._gaps: dict[str, set[tuple[int, int]]] = {}

    def __len__(self) -> int:
        return len(self._alerts)

    def load(self, alerts: Iterable[Alert]) -> None:
        """All that are in force. What fired here and is not written down yet is not forgotten."""
        known, self._alerts, self._of = self._alerts, {each.id: each for each in alerts}, {}
        for each in self._alerts.values():
            here = known.get(each.id)
            if here is not None and (here.fired_second or 0) > (each.fired_second or 0):
                each.fired_second, each.fires = here.fired_second, here.fires
            self._of.setdefault((type(each.rule), each.rule.symbol), []).append(each)

    def take(self, record: object, *, fresh: bool) -> list[Firing]:
        """What a record of a topic sets off; `fresh`: it was not read to catch up with the past."""
        match record:
            case Bar():
                return self._price(record, fresh=fresh)
            case Average():
                self._keep(record, fresh=fresh)
            case Gap():
                return list(self._gap(record, fresh=fresh))
        return []

    def settle(self, horizon: int | None) -> list[Firing]:
        """What averages of seconds through `horizon` set off: nothing will change them any more."""
        fired: list[Firing] = []
        for symbol in tuple(self._waiting) if horizon is not None else ():
            means = self._means[symbol]
            for second in sorted(second for second in means.pending if second <= (horizon or 0)):
                fired += self._cross(means.settled, means.pending[second])
                means.settled = means.pending.pop(second)
            if not means.pending:
                self._waiting.discard(symbol)
        return fired

    def listen(self, status: FeedStatus | None, phase: Phase) -> list[Firing]:
        """What the feed's silence sets off; asked for now and then, as silence is no record."""
        now_us = self._now_us()
        lost_us = None if status is None or phase not in _TRADING else lost_since_us(status, now_us)
        fired: list[Firing] = []
        for alert, rule in self._watching(StaleRule, None) if lost_us is not None else ():
            second = (lost_us or 0) // _US + rule.after_s
            if second * _US <= now_us and self._is_news(second):
                fired += _fired(alert, second)
        return fired

    def _watching(self, kind: type[K], symbol: str | None) -> Iterator[tuple[Alert, K]]:
        """Alerts of a kind on a symbol, with their rules."""
        for alert in self._of.get((kind, symbol), ()):
            if isinstance(alert.rule, kind):
                yield alert, alert.rule

    def _is_news(self, second: int) -> bool:
        return self._now_us() // _US - second <= LATEST_S

    def _price(self, bar: Bar, *, fresh: bool) -> list[Firing]:
        held = self._prices.get(bar.symbol)
        if held is None:
            held = self._prices[bar.symbol] = _Prices(bar)
        if bar.second < held.newest.second:
            held.before = held.before and _newer(held.before, bar)
            return []
        if bar.second > held.newest.second:
            held.before, held.newest = held.newest, bar
        held.newest = _newer(held.newest, bar)
        if held.before is None or (PriceRule, bar.symbol) not in self._of:  # for nearly every bar
            return []
        is_news = fresh and held.newest is bar and self._is_news(bar.second)
        return list(self._reach(held.before.close, bar)) if is_news else []

    def _reach(self, before: Decimal, bar: Bar) -> Iterator[Firing]:
        for alert, rule in self._watching(PriceRule, bar.symbol):
            now = bar.high if rule.direction == "up" else bar.low
            if reached(rule, before, now):
                yield from _fired(alert, bar.second, before, now)

    def _keep(self, average: Average, *, fresh: bool) -> None:
        means = self._means.get(average.symbol)
        if means is None:
            means = self._means[average.symbol] = _Means()
        if means.settled is not None and average.second <= means.settled.second:
            means.settled = _newer(means.settled, average)
        elif not fresh or (AverageRule, average.symbol) not in self._of:
            means.settled = average  # nobody waits for what becomes of it
        else:
            means.pending[average.second] = _newer(means.pending.get(average.second, average), average)
            self._waiting.add(average.symbol)
            if len(means.pending) > _MOST_PENDING:
                means.settled = means.pending.pop(min(means.pending))

    def _cross(self, before: Average | None, now: Average) -> Iterator[Firing]:
        if before is None or not self._is_news(now.second):
            return
        for alert, rule in self._watching(AverageRule, now.symbol):
            was, is_ = difference(before, rule), difference(now, rule)
            if was is None or is_ is None or not reached(rule, was, is_):
                continue
            reach_s = rule.slow - 1
            if all(self._is_whole(now.symbol, each.second - reach_s, each.second) for each in (before, now)):
                yield from _fired(alert, now.second, was, is_)

    def _gap(self, gap: Gap, *, fresh: bool) -> Iterator[Firing]:
        held, span = self._gaps.setdefault(gap.symbol, set()), (gap.from_us, gap.to_us)
        if gap.state != "open":
            held.discard(span)
            return
        is_known = any(from_us <= gap.from_us and gap.to_us <= to_us for from_us, to_us in held)
        if len(held) < _MOST_GAPS:
            held.add(span)
        second = (gap.at_us or gap.to_us) // _US
        if fresh and not is_known and self._is_news(second):
            for alert, _ in self._watching(GapRule, gap.symbol):
                yield from _fired(alert, second, None, Decimal(gap.missing_lots))


def _newer(held: R, record: R) -> R:
    """Of two versions of one second the one that counts more trades; another second's changes nothing."""
    is_newer = record.second == held.second and record.trades > held.trades
    return record if is_newer else held


def _fired(alert: Alert, second: int, before: Decimal | None = None, now: Decimal | None = None) -> Iterator[Firing]:
    """The alert, if it may, having fired."""
    if alert.may_fire(second):
        alert.fired_second, alert.fires = second, alert.fires + 1
        yield Firing(alert, second, before, now)
