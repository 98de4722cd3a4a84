"""What one more costs as it grows (P10): a small drawing for each curve, both axes logarithmic."""

import math
from collections.abc import Sequence

from tests.bench.drawing import label, line, svg
from tests.bench.result import Figure
from tests.bench.table import number

_WIDTH, _HEIGHT, _COLUMNS = 300, 190, 3
_INSET = {"left": 48, "right": 24, "top": 34, "bottom": 30}


def curves(figures: Sequence[Figure]) -> str:
    """SVG of all figures that are points of a curve; one curve is all points with the same name."""
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.at is not None and figure.values:
            found.setdefault(f"{figure.what}, {figure.unit}", []).append(figure)
    parts = []
    for number_, (name, points) in enumerate(found.items()):
        row, column = divmod(number_, _COLUMNS)
        parts += _curve(name, sorted(points, key=_at), column * _WIDTH, row * _HEIGHT)
    return svg(_WIDTH * _COLUMNS, _HEIGHT * math.ceil(len(found) / _COLUMNS), parts)


def _curve(name: str, points: Sequence[Figure], left: float, top: float) -> list[str]:
    right, bottom = left + _WIDTH - _INSET["right"], top + _HEIGHT - _INSET["bottom"]
    left, top = left + _INSET["left"], top + _INSET["top"]
    across = placed([_at(each) for each in points], left, right)
    down = placed([each.median for each in points], bottom, top)
    spots = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    parts = [
        label(left - 40, top - 14, name),
        line(left, bottom, right, bottom, "axis"),
        line(left, top, left, bottom, "axis"),
    ]
    parts.append(f'<polyline points="{spots}"/>')
    for x, y, each in zip(across, down, points, strict=True):
        parts += [label(x, bottom + 16, number(_at(each)), "middle"), label(x, y - 6, number(each.median), "middle")]
    return parts


def placed(values: Sequence[float], first: float, last: float) -> list[float]:
    """Positions of positive values on a logarithmic axis, the least at `first` and the greatest at `last`."""
    logs = [math.log10(max(value, 1e-9)) for value in values]
    low, wide = min(logs), max(logs) - min(logs) or 1.0
    return [first + (last - first) * (each - low) / wide for each in logs]


def _at(figure: Figure) -> float:
    return figure.at or 0.0
