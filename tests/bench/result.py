"""What the bench keeps of a run: figures by subject, one value a round, and their ratios (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

OURS = "Stock-Insights"


@dataclass(frozen=True)
class Figure:
    """One quantity of one subject: a value for each interleaved round, in `unit`."""

    measure: str  # P1 … P10
    what: str  # "trade → bar, p50, 500/s, 200 symbols"
    subject: str  # OURS, or the anchor's name
    unit: str
    values: tuple[float, ...]
    correct: bool | None = None  # rows equal to the oracle's; None where there are no rows
    note: str = ""  # why a subject could not run, or is wrong
    at: float | None = None  # of a curve: how many symbols, trades a second, browsers, partitions

    @property
    def median(self) -> float:
        return median(self.values)


@dataclass(frozen=True)
class Ratio:
    """Ours / an anchor's, round by round: the median and the least and greatest of the rounds."""

    middle: float
    least: float
    greatest: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f}–{self.greatest:.2f})"


def ratio(ours: Figure, other: Figure) -> Ratio:
    """Of the rounds that both have: one that fails has its first ones. ValueError names figures without any."""
    if not (ours.values and other.values):
        message = f"{ours.what}: {len(ours.values)} rounds of {ours.subject}, {len(other.values)} of {other.subject}"
        raise ValueError(message)
    return of_rounds([a / b for a, b in zip(ours.values, other.values, strict=False)])


def of_rounds(ratios: Sequence[float]) -> Ratio:
    return Ratio(median(ratios), min(ratios), max(ratios))
