"""What is asked of a symbol, and what is answered. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open epoch seconds of a symbol, and how many items to give at most: the first, or the `last` of them."""

    symbol: str
    start: int
    end: int
    limit: int
    last: bool = False

    def seconds(self, now: int) -> range:
        """The seconds of a filled page; the future has none."""
        end = max(self.start, min(self.end, now))
        return range(max(self.start, end - self.limit) if self.last else self.start, end)[: self.limit]


@dataclass(frozen=True, slots=True)
class Page:
    """Items as JSON; the second at which the next page starts, and the one before which the previous one ends."""

    items: list[bytes]
    next: int | None
    previous: int | None = None
