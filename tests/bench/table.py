"""A run as a table in Markdown: a line for each goal, then the figures that no goal is about."""

from collections.abc import Iterable, Sequence

from tests.bench.goals import GOALS, Judged, judged
from tests.bench.result import OURS, Figure
from tests.bench.saved import Run

RESIDENT, IDLE = "resident, ", "cores, idle, "  # and the name of a process
_HEAD = ("| | measure | ours | beside | ratio (least–greatest) | goal | |", "|---|---|--:|---|--:|--:|---|")


def lines(run: Run) -> list[str]:
    """The whole table; what has not been measured has no line in it (`unmeasured`)."""
    figures = [figure for part in run.values() for figure in part.figures]
    found = judged(figures, GOALS)
    rows = [_goal(each, figures) for each in found]
    seen = {(each.ours.measure, each.ours.what) for each in found}
    rest = [each for each in figures if (each.measure, each.what) not in seen and not _stands_elsewhere(each)]
    rows += [_plain(what, rest) for what in dict.fromkeys((each.measure, each.what) for each in rest)]
    return [*_HEAD, *sorted(rows, key=_number)]


def processes(run: Run) -> list[str]:
    """P7 process by process, the greatest first; nothing where it was not measured."""
    figures = {each.what: each for each in run["P7"].figures} if "P7" in run else {}
    held = [each for what, each in figures.items() if what.startswith(RESIDENT)]
    rows = [
        _row((name, shown(each), number(figures[IDLE + name].median)))
        for each in sorted(held, key=lambda each: -each.median)
        for name in (each.what.removeprefix(RESIDENT),)
    ]
    return ["", "| process | resident | cores, idle |", "|---|--:|--:|", *rows] if rows else []


def unmeasured(run: Run) -> list[str]:
    """A line that names each measure, or what of one, that has a goal and no figure; none if all have."""
    ours = [each for part in run.values() for each in part.figures if each.subject == OURS and each.values]
    known = {each.measure for each in ours}
    open_ = [goal for goal in GOALS if not any(map(goal.concerns, ours))]
    names = dict.fromkeys(f"{goal.measure} `{goal.what}`" if goal.measure in known else goal.measure for goal in open_)
    return [f"- not measured yet: {', '.join(names)}"] if names else []


def _stands_elsewhere(figure: Figure) -> bool:
    """In the table of processes, or in the curves."""
    return figure.measure == "P10" or figure.what.startswith((RESIDENT, IDLE))


def _goal(each: Judged, figures: Sequence[Figure]) -> str:
    ours = each.ours
    ratio = str(each.ratio) if each.other else ""
    cells = (ours.measure, ours.what, shown(ours), _beside(ours, figures), ratio, str(each.goal), str(each))
    return _row(cells)


def _plain(named: tuple[str, str], figures: Iterable[Figure]) -> str:
    same = [each for each in figures if (each.measure, each.what) == named]
    ours = next((shown(each) for each in same if each.subject == OURS), "")
    return _row((*named, ours, _others(same), "", "", ""))


def _beside(ours: Figure, figures: Iterable[Figure]) -> str:
    return _others([each for each in figures if (each.measure, each.what) == (ours.measure, ours.what)])


def _others(figures: Iterable[Figure]) -> str:
    return "; ".join(f"{each.subject} {shown(each)}" for each in figures if each.subject != OURS)


def shown(figure: Figure) -> str:
    """The median with its unit and what is to be said of it; why there is none, or why it counts for nothing."""
    if not figure.values:
        return f"did not run: {figure.note}"
    wrong = "wrong: " if figure.correct is False else ""
    note = f" ({wrong}{figure.note})" if figure.note or wrong else ""
    return f"{number(figure.median)} {figure.unit}{note}".rstrip()


def number(value: float) -> str:
    """Three digits that mean something, and every digit of a whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _number(row: str) -> int:
    return int(row[3 : row.index(" ", 3)])
