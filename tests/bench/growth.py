"""P10: what one more costs as it grows: browsers, trades a second, symbols, partitions. A curve each.

The cost is processor time of all of the pipeline's processes but the simulated exchange. It grows no faster than what
there is of it where one of the most costs no more than one did anywhere before; where it does, the curve bends.
What falls behind spends no more than there is, and would look the cheaper the more it leaves undone: a point whose bars
come more than a second late (p50) is left out, and said to be.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from statistics import median

from market.settings import load
from tests.bench.backlog import NOW_S, drained
from tests.bench.fanout import Pushing, pushing
from tests.bench.footprint import usage
from tests.bench.result import OURS, Figure
from tests.bench.settings import BenchSettings
from tests.bench.stacks import Browser, quantile, stack, trading
from tests.bench.tape import Tape
from tests.e2e.stack import Stack

BROWSERS = (1, 10, 100, 500, 1_000, 2_000)
RATES = (100, 500, 2_000, 5_000, 10_000, 20_000)
SYMBOLS = (5, 50, 500, 2_000)
PARTITIONS = (1, 2, 4)
USUAL_RATE, USUAL_SYMBOLS = 500, 200
_WARM_S = 15.0
_DRAIN_S = 300  # seconds of trades that are caught up with
_EXCHANGE = "simulator"
_BEHIND_MS = 1_000.0
_COST = "processor time of one"
Point = dict[str, float]  # by what is measured
Say = Callable[[str], None]
_UNITS = {"p50": "ms", "p99": "ms", _COST: "µs", "bars that came": "1/s", "trades caught up with": "1/s"}


def measure(rounds: int, say: Say) -> list[Figure]:
    """One round: each point is a stack of its own."""
    with pushing("ours") as server:
        browsers = curve("browsers", BROWSERS, lambda count: of_browsers(server, count), say)
    rates = curve("trades a second", RATES, lambda rate: asyncio.run(of_stack(rate, USUAL_SYMBOLS)), say)
    symbols = curve("symbols", SYMBOLS, lambda count: asyncio.run(of_stack(USUAL_RATE, count)), say)
    return [*browsers, *rates, *symbols, *curve("partitions", PARTITIONS, lambda count: of_partitions(count, say), say)]


def curve(name: str, values: Iterable[int], point: Callable[[int], Point], say: Say) -> list[Figure]:
    """The points that keep up, and the ratio of the last cost of one to the least, which names those left out."""
    found: dict[int, Point] = {}
    behind: list[str] = []
    for value in values:
        seen = point(value)
        told = ", ".join(f"{what} {figure:.1f}" for what, figure in seen.items())
        if is_behind := seen.get("p50", 0.0) > _BEHIND_MS:
            behind.append(f"{value:,}")
        else:
            found[value] = seen
        say(f"P10 {value:,} {name}: {told}{', left out: it falls behind' if is_behind else ''}")
    figures = [
        Figure("P10", f"{name}: {what}", OURS, _UNITS[what], (figure,), at=value)
        for value, each in found.items()
        for what, figure in each.items()
    ]
    return [*figures, *_growth(name, [each[_COST] for each in found.values() if _COST in each], behind)]


def _growth(name: str, costs: Sequence[float], behind: Sequence[str]) -> list[Figure]:
    """Nothing where there is nothing to compare."""
    if len(costs) < 2:
        return []
    note = f"left out, p50 over {_BEHIND_MS:,.0f} ms: {'; '.join(behind)}" if behind else ""
    what = f"{name}: cost of one, at most / at least"
    return [Figure("P10", what, OURS, "", (costs[-1] / min(costs),), note=note)]


def of_browsers(server: Pushing, count: int) -> Point:
    """The cost of one frame to one browser."""
    seen = server.watched(count)
    return {"p50": seen["p50_ms"], "p99": seen["p99_ms"], _COST: 1e6 * seen["server_s"] / seen["bars"]}


async def of_stack(rate: int, symbols: int) -> Point:
    """The cost of one trade at this rate over so many symbols."""
    seconds = load(BenchSettings).seconds
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder), rate, symbols) as up:
        async with Browser().watching(up) as browser, trading(up, _WARM_S):
            before, prints = _spent(up), up.exchange("/control/stats")["prints"]
            late = list(chain.from_iterable(await browser.seconds(seconds)))
            made = up.exchange("/control/stats")["prints"] - prints
            spent_s = _spent(up) - before
    return {
        "p50": median(late), "p99": quantile(late, 0.99), _COST: 1e6 * spent_s / made,
        "bars that came": len(late) / seconds,
    }  # fmt: skip


def of_partitions(count: int, say: Say) -> Point:
    """How fast a backlog is caught up with, the start of the processes included."""
    found = drained(Tape(USUAL_RATE, USUAL_SYMBOLS, _DRAIN_S, NOW_S - _DRAIN_S), say, count)
    assert not found.lost, f"{found.lost} rows lost"
    return {"trades caught up with": found.trades / found.took_s}


def _spent(up: Stack) -> float:
    return sum(spent for name, (_, spent) in usage(up).items() if name != _EXCHANGE)
