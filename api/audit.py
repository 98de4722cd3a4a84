"""Every symbol's chain of the trading day, and through which second all of it is proven. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from api.chain import COLUMNS, Break, Chain
from api.liveness import Liveness
from market.calendar import day_bounds_us, trading_day
from market.messages import Bar, Gap, Total

_DAY_S = 86_400


class Exactness(NamedTuple):
    """`through`: epoch second, None: nothing is proven; `broken`: symbols with a broken chain; `held_by`: see Audit."""

    through: int | None
    broken: int | None
    held_by: str | None


class Audit:
    """The chains of `day`, fed by live bars and once by the stored ones, in any order.

    **Exact through second s** means: every trade of `day` through the end of s is counted in the bars that this process
    gives out, for every symbol that traded. Of each symbol it is the least of

    1. the *horizon* (`Live.horizon`): all through it has come out of the pipeline, and the feed was alive at its end;
    2. the second before its first *doubt*: a break of its chain, an open or lost gap, or bars without a counter since
       the last that had one. Trades may be missing from the second of the last bar before the doubt on;
    3. for the seconds from its last bar on, which no counter seals yet: how far the feed was alive without a pause from
       that bar on, or from a later moment at which the exchange's own total was what the bars count. A symbol that has
       not traded since the feed was away is proven up to its last bar until the exchange's total is asked for.

    The whole is exact through the least of all symbols, and `held_by` names the symbol that keeps it from the horizon.
    It is what is known now, and steps back when a later trade, or the quote, shows that the exchange withheld one.
    Bars newer than the horizon are not judged: theirs may still be on their way. A symbol without a bar today has no
    row that could be wrong, and nothing is said of it. Until the day's stored bars are in, nothing is proven.
    """

    def __init__(self, day: date) -> None:
        self.day = day
        self.is_whole = False
        self._chains: dict[str, Chain] = {}
        self._ahead: dict[str, Chain] = {}  # the next day's: its bars may come before our clock's midnight
        self._gaps: dict[str, list[tuple[int, int]]] = {}  # from and to in µs, ascending; those that are not healed
        self._totals: dict[str, Total] = {}  # the last of each symbol
        self._begin_s = day_bounds_us(day)[0] // 1_000_000

    def turn(self, day: date) -> bool:
        """It is `day` now: begin anew unless it is the same; whether it is a new one."""
        if day == self.day:
            return False
        chains = self._ahead if day == self.day + timedelta(days=1) else {}
        self.day, self._chains, self._ahead, self.is_whole = day, chains, {}, False
        self._begin_s = day_bounds_us(day)[0] // 1_000_000
        self._totals.clear()
        for symbol, gaps in self._gaps.items():
            self._gaps[symbol] = [gap for gap in gaps if gap[1] >= self._begin_s * 1_000_000]
        return True

    def note(self, bar: Bar) -> None:
        """A version of a bar; those of other days are nothing to this one."""
        at_s = bar.second - self._begin_s
        if 0 <= at_s < 2 * _DAY_S:
            chains = self._chains if at_s < _DAY_S else self._ahead
            chain = chains.get(bar.symbol)
            if chain is None:
                chain = chains[bar.symbol] = Chain()
            chain.add(bar)

    def note_gap(self, gap: Gap) -> None:
        """The last word on a gap."""
        held, key = self._gaps.setdefault(gap.symbol, []), (gap.from_us, gap.to_us)
        at = bisect_left(held, key)
        is_held = held[at : at + 1] == [key]
        if gap.state == "healed" and is_held:
            del held[at]
        elif gap.state != "healed" and not is_held:
            held.insert(at, key)

    def note_total(self, total: Total) -> None:
        """The exchange's counter of a quiet symbol; those of other days are nothing to this one."""
        if trading_day(total.at_us) == self.day:
            self._totals[total.symbol] = total

    def gaps(self, symbol: str) -> frozenset[tuple[int, int]]:
        """Open and lost gaps of the day, from and to in µs."""
        return frozenset(self._gaps.get(symbol, ()))

    def load(self, symbol: str, numbers: Sequence[int]) -> int:
        """A symbol's stored bars of `day` (as `Chain.of`), below what came live meanwhile; how many there were."""
        chain = Chain.of(numbers)
        if live := self._chains.get(symbol):
            chain.merge(live)
        self._chains[symbol] = chain
        return len(numbers) // COLUMNS

    def exactness(self, horizon: int | None, liveness: Liveness) -> Exactness:
        """Of all symbols."""
        if horizon is None or not self.is_whole:
            return Exactness(None, None, None)
        if horizon < self._begin_s or not self._chains:
            return Exactness(None, 0, None)
        through, held_by = horizon, None
        for symbol, chain in self._chains.items():
            proven = self._proven(symbol, chain, horizon, liveness)
            if proven < through:
                through, held_by = proven, symbol
        broken = sum(1 for chain in self._chains.values() if chain.first_break(horizon))
        return Exactness(through if through >= self._begin_s else None, broken, held_by)

    def of(self, symbol: str, horizon: int | None, liveness: Liveness) -> tuple[int | None, int | None]:
        """A symbol's `exact_through` and `missing_lots`, which no bar of today counts; None: not known."""
        chain = self._chains.get(symbol)
        if chain is None or horizon is None or not self.is_whole:
            return None, None
        proven = self._proven(symbol, chain, horizon, liveness)
        return proven if proven >= self._begin_s else None, chain.missing_lots

    def take_changes(self) -> list[tuple[str, int]]:
        """Symbols and seconds whose bar began, or ceased, to show a break since the last call."""
        return [(symbol, second) for symbol, chain in self._chains.items() for second in chain.take_changes()]

    def break_at(self, symbol: str, second: int) -> Break | None:
        """What a bar of today shows to be broken."""
        chain = self._chains.get(symbol)
        return chain.break_at(second) if chain else None

    def __len__(self) -> int:
        return sum(map(len, self._chains.values()))

    def _proven(self, symbol: str, chain: Chain, horizon: int, liveness: Liveness) -> int:
        """Through which second a chain is proven; before the day's beginning: not at all."""
        last, doubt = chain.last(horizon), chain.doubt(horizon)
        if last is None:
            return horizon
        if doubt and doubt.since is None:
            return self._begin_s - 1
        sealed = self._sealed(symbol, chain, last)
        reach = liveness.reach(sealed)
        bounds = [horizon, sealed - 1 if reach is None else reach]
        bounds += [doubt.since - 1] if doubt and doubt.since is not None else []
        bounds += [from_us // 1_000_000 - 1 for from_us, _ in self._gaps.get(symbol, ())[:1]]
        return min(bounds)

    def _sealed(self, symbol: str, chain: Chain, last: int) -> int:
        """The second of the last bar, or of a later total of the exchange that is what the bars through it count."""
        total = self._totals.get(symbol)
        if total is None or total.at_us // 1_000_000 <= last or total.day_volume != chain.counter(last):
            return last
        return total.at_us // 1_000_000
