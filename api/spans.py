"""What is asked of a symbol, and what is answered. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


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

    @classmethod
    def cut(cls, found: Sequence[tuple[int, bytes]], span: Span) -> Self:
        """Of (second, item) ascending, of which one more than the limit says that there are more."""
        is_more = len(found) > span.limit
        kept = found[-span.limit :] if span.last else found[: span.limit]
        items = [item for _, item in kept]
        if span.last:
            return cls(items, None, kept[0][0] if is_more else None)
        return cls(items, found[span.limit][0] if is_more else None)
