"""`python -m tests.bench.report [RUN.json …]`: runs into docs/bench.json, and that into the table and the drawings."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench import saved
from tests.bench.curves import curves
from tests.bench.drawing import drawing
from tests.bench.goals import GOALS, Judged, judged
from tests.bench.result import Figure
from tests.bench.table import lines, processes, unmeasured

DOCS = Path("docs")
KEPT, TABLE = DOCS / "bench.json", DOCS / "performance.md"
BEGIN, END = "<!-- figures of make bench -->\n", "<!-- end of figures -->\n"


def main(files: Sequence[str]) -> None:
    run = saved.read(KEPT) if KEPT.exists() else {}
    for file in files:
        run |= saved.read(Path(file))
    saved.write(KEPT, run)
    figures = [figure for part in run.values() for figure in part.figures]
    told = [*lines(run), *processes(run), "", *measured(run), *unmeasured(run)]
    text = [*told, "", *drawn(judged(figures, GOALS), figures)]
    TABLE.write_text(between(TABLE.read_text("utf-8"), "\n".join(text)), "utf-8")


def drawn(goals: Sequence[Judged], figures: Sequence[Figure]) -> list[str]:
    """The drawings beside the page, and what the page says of them."""
    (DOCS / "bench.svg").write_text(drawing(goals), "utf-8")
    text = ["![How much of each goal's bound is used up](bench.svg)", ""]
    text.append("A point left of the line is a goal that is met; its line is the spread of the rounds.")
    if any(figure.at is not None for figure in figures):
        (DOCS / "bench-growth.svg").write_text(curves(figures), "utf-8")
        text += ["", "![What one more costs, as there are more of them](bench-growth.svg)"]
    return text


def measured(run: saved.Run) -> list[str]:
    """When and where, in words; measures of one run share a line."""
    told: dict[tuple[str, str, int], list[str]] = {}
    for name, part in run.items():
        told.setdefault((part.made[:10], part.machine, part.rounds), []).append(name)
    return [f"- {', '.join(names)}: {day}, {where}, {_rounds(count)}" for (day, where, count), names in told.items()]


def _rounds(count: int) -> str:
    return "1 round" if count == 1 else f"{count} rounds"


def between(text: str, figures: str) -> str:
    """`text` with `figures` in place of what stood between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(f"{TABLE}: the two marks are not there: {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n{figures}\n\n{END}{after}"


if __name__ == "__main__":
    main(sys.argv[1:])
