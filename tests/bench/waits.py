"""How long trades waited for the rows that count them, from the topics' own records (pure)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Key = tuple[str, int]
_WIDEST = 15


@dataclass(frozen=True, slots=True)
class Counted:
    """A trade and the row that first counts it: the key, and the `trades` the row has then."""

    key: Key
    trades: int
    at_us: int


@dataclass(frozen=True, slots=True)
class Row:
    """A version of a row, when it was written, and whether by the twin."""

    key: Key
    trades: int
    at_ms: int
    twin: bool = False


def in_bars(sent: Iterable[tuple[str, int]]) -> list[Counted]:
    """Trades (symbol, time in µs), in order of time, as bars count them."""
    counts: Counter[Key] = Counter()
    return [_next(counts, (symbol, at_us // 1_000_000), at_us) for symbol, at_us in sent]


def _next(counts: Counter[Key], key: Key, at_us: int) -> Counted:
    counts[key] += 1
    return Counted(key, counts[key], at_us)


def in_averages(sent: Iterable[tuple[str, int]]) -> list[Counted]:
    """The same as averages count them: all trades of the fifteen seconds that end in their own."""
    counts: Counter[Key] = Counter()
    counted = []
    for symbol, at_us in sent:
        second = at_us // 1_000_000
        counts[symbol, second] += 1
        window = sum(counts[symbol, s] for s in range(second - _WIDEST + 1, second + 1))
        counted.append(Counted((symbol, second), window, at_us))
    return counted


def waits_ms(counted: Iterable[Counted], rows: Iterable[Row]) -> list[tuple[int, float]]:
    """(time in µs, wait) of each trade, until the first row that counts it; KeyError names a trade that none does."""
    firsts = _firsts(rows)
    return [(each.at_us, _first(firsts[each.key], each) - each.at_us / 1_000) for each in counted]


def _firsts(rows: Iterable[Row]) -> Mapping[Key, list[Row]]:
    """Of each key the versions that were new when they came; the others change nothing for a reader that merges."""
    firsts: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        known = firsts[row.key]
        if not known or row.trades > known[-1].trades:
            known.append(row)
    return firsts


def _first(versions: Sequence[Row], trade: Counted) -> int:
    for row in versions:
        if row.trades >= trade.trades:
            return row.at_ms
    raise KeyError(trade)


def worst_by_second(waits: Iterable[tuple[int, float]]) -> dict[int, float]:
    """The longest wait of each second's trades."""
    worst: dict[int, float] = {}
    for at_us, wait in waits:
        second = at_us // 1_000_000
        worst[second] = max(wait, worst.get(second, 0.0))
    return worst


def episodes(worst: Mapping[int, float], over_ms: float) -> list[tuple[int, float]]:
    """Runs of seconds over a limit, as the first of them and the longest wait in it: a boundary may touch several."""
    found: list[tuple[int, float]] = []
    last = 0
    for second in sorted(second for second, wait in worst.items() if wait > over_ms):
        if found and second == last + 1:
            found[-1] = (found[-1][0], max(found[-1][1], worst[second]))
        else:
            found.append((second, worst[second]))
        last = second
    return found
