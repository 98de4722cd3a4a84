"""Whether histories ended in the oracle's rows, wherever they are read; and the smallest that did not."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from tests import oracle
from tests.property import readers
from tests.property.histories import History
from tests.property.readers import Rows
from tests.property.streams import Topic

Differences = dict[str, list[str]]  # by the name of the history


class Published(NamedTuple):
    """The topics; `in_batches`: the averages as micro-batches of many records make them."""

    bars: Topic
    averages: Topic
    in_batches: Topic


def differences(histories: Sequence[History], published: Published, seed: int) -> Differences:
    """Every row that is missing, extra or wrong in the database, in memory or on a page."""
    chance = random.Random(seed)
    topics = [readers.partition(name, getattr(published, name), chance) for name in ("bars", "averages")]
    tables, (page, memory) = readers.recorded(topics, chance), readers.broadcast(topics, chance)
    fallback = readers.recorded([readers.partition("averages", published.in_batches, chance)], chance)
    bars = oracle.bars(trade for history in histories for trade in history.trades())
    means, symbols = oracle.averages(bars), {symbol for symbol, _ in bars}
    return _named(
        [
            ("database bars", tables.by_second("bars"), bars),
            ("database averages", tables.by_second("averages"), means),
            ("page bars", page.rows["bars"], bars),
            ("page averages", page.rows["averages"], means),
            ("memory bars", readers.remembered(memory, "bar", symbols), bars),
            ("memory averages", readers.remembered(memory, "average", symbols), means),
            ("averages in batches", fallback.by_second("averages"), means),
        ]
    )


def bar_differences(histories: Sequence[History], bars: Topic, seed: int) -> Differences:
    """The same of the bars alone, in the database."""
    chance = random.Random(seed)
    tables = readers.recorded([readers.partition("bars", bars, chance)], chance)
    wanted = oracle.bars(trade for history in histories for trade in history.trades())
    return _named([("database bars", tables.by_second("bars"), wanted)])


def _named(views: Iterable[tuple[str, Rows, Rows]]) -> Differences:
    found: Differences = defaultdict(list)
    for view, made, wanted in views:
        for key in made.keys() | wanted.keys():
            if made.get(key) != wanted.get(key):
                found[key[0][:-1]].append(
                    f"{view} {key[1]}: made {_told(made.get(key))}, wanted {_told(wanted.get(key))}"
                )
    return dict(found)


def _told(row: dict[str, Any] | None) -> str:
    return "nothing" if row is None else ", ".join(f"{name}={value}" for name, value in row.items())


def shrunk(history: History, judge: Callable[[Sequence[History]], Differences], rounds: int = 20) -> History:
    """Without any one of its records it would pass. The candidates of a round go through Spark together."""
    for _ in range(rounds):
        smaller = list(history.without_each())
        failing = judge(smaller)
        left = [each for each in smaller if each.name in failing]
        if not left:
            break
        history = left[0]
    return history


def report(histories: Sequence[History], judge: Callable[[Sequence[History]], Differences]) -> str:
    """Empty if all is well; else what failed, and the smallest failure made smaller still."""
    failing = judge(histories)
    if not failing:
        return ""
    smallest = min((each for each in histories if each.name in failing), key=lambda each: len(each.records))
    least = shrunk(smallest, judge)
    why = judge([least]) or failing
    return "\n".join(
        (
            f"{len(failing)} of {len(histories)} histories differ; seeds {sorted(failing)[:20]}",
            f"the smallest, seed {smallest.seed}, shrunk to {len(least.records)} records:",
            *least.values(),
            *why.get(least.name, failing[smallest.name])[:10],
        )
    )
