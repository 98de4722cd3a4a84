"""How much of each goal's bound is used up, drawn: left of the line it is met. Pure; no library for a few lines."""

import math
from collections.abc import Sequence
from html import escape

from tests.bench.goals import Judged
from tests.bench.table import number

STYLE = (
    "<style>text{font:12px system-ui,sans-serif;fill:#333}.axis{stroke:#888}.met{fill:#1a7f37;stroke:#1a7f37}"
    ".not{fill:#cf222e;stroke:#cf222e}polyline{fill:none;stroke:#0969da;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}.met{fill:#3fb950;stroke:#3fb950}"
    ".not{fill:#f85149;stroke:#f85149}polyline{stroke:#58a6ff}}</style>"
)
_LEFT, _WIDTH, _ROW, _TOP = 560, 1_000, 22, 34
_DECADES = 1.5  # each way from the line


def drawing(found: Sequence[Judged]) -> str:
    """SVG: a point for each goal with the spread of its rounds, on a logarithmic scale."""
    height = _TOP + _ROW * len(found) + 10
    middle = x(1)
    parts = [line(middle, 24, middle, height - 6, "axis"), label(middle, 16, "goal", "middle")]
    parts += [label(x(share), 16, text, "middle") for share, text in ((0.1, "10 times better"), (10, "10 times worse"))]
    for at, each in enumerate(found):
        parts += _row(each, _TOP + _ROW * at + _ROW // 2)
    return svg(_WIDTH, height, parts)


def _row(each: Judged, y: float) -> list[str]:
    kind = "met" if each.is_met else "not"
    ends = [each.goal.share(value) for value in (each.ratio.least, each.ratio.greatest)]
    words = f"{each.ours.measure}  {each.ours.what}: {number(each.ratio.middle)} ({each.goal})"
    return [
        label(_LEFT - 12, y + 4, words, "end"),
        line(x(ends[0]), y, x(ends[1]), y, kind),
        f'<circle class="{kind}" cx="{x(each.goal.share(each.ratio.middle)):.1f}" cy="{y}" r="4"/>',
    ]


def x(share: float) -> float:
    """Where a share of the bound is drawn; what is beyond the drawing is drawn at its edge."""
    if not share > 0:
        return float(_LEFT)
    decades = max(-_DECADES, min(_DECADES, math.log10(share) if math.isfinite(share) else _DECADES))
    return _LEFT + (_WIDTH - _LEFT - 20) * (decades + _DECADES) / (2 * _DECADES)


def label(at: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{at:.1f}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:g}" x2="{x2:.1f}" y2="{y2:g}"/>'


def svg(width: int, height: int, parts: Sequence[str]) -> str:
    body = "\n".join((STYLE, *parts))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">\n{body}\n</svg>\n'
