"""How a range of a symbol's records is asked for, and how its pages hang together (contract: HTTP)."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api import problems
from api.answers import Listing
from api.checks import EARLIEST_S, LATEST_S
from api.spans import Page, Span
from market.calendar import day_bounds_us, trading_day

MOST_ITEMS, USUAL_ITEMS = 20_000, 1_000
DAY_S = 86_400

Symbol = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,16}$", examples=["2330"])]
Second = Annotated[int | None, Field(ge=EARLIEST_S, le=LATEST_S)]


class Asked(BaseModel):
    """The query of a range."""

    model_config = ConfigDict(frozen=True)

    start: Second = Field(
        None, description="first epoch second; without it, midnight of `end`'s trading day", examples=[1_796_090_400]
    )
    end: Second = Field(None, description="the second after the last; without it, now", examples=[1_796_090_460])
    limit: int | None = Field(None, ge=1, le=MOST_ITEMS, description=f"items at most; {USUAL_ITEMS} without it")
    cursor: Second = Field(None, description="`next` of the page before: goes on from there")
    before: Second = Field(
        None, description="`previous` of a page, or any second: the last items before it, with `previous` going back"
    )


def span(symbol: str, asked: Asked, now_us: int, longest_days: int, usual_items: int = USUAL_ITEMS) -> Span:
    """The range asked for; without a start the trading day of its end, without an end until now."""
    end = now_us // 1_000_000 + 1 if asked.end is None else asked.end
    start = asked.start
    if start is None:
        start = day_bounds_us(trading_day((end - 1) * 1_000_000))[0] // 1_000_000
    _check(asked, start, end, longest_days)
    limit = asked.limit or usual_items
    if asked.before is not None:
        return Span(symbol, start, asked.before, limit, last=True)
    return Span(symbol, start if asked.cursor is None else asked.cursor, end, limit)


def _check(asked: Asked, start: int, end: int, longest_days: int) -> None:
    if start > end:
        problems.refuse("start", f"{start} is after end {end}", "ask for start <= end, in epoch seconds")
    if end - start > longest_days * DAY_S:
        problems.refuse("start", f"the range is longer than {longest_days} days", "ask for less at a time")
    for name, place in (("cursor", asked.cursor), ("before", asked.before)):
        if place is not None and not start <= place <= end:
            problems.refuse(name, "not within start and end", "repeat the query of the page that gave it")
    if asked.cursor is not None and asked.before is not None:
        problems.refuse("before", "cursor goes forward, before goes back", "give one of them")


def linked(page: Page, asked: Asked, start: int) -> Listing:
    """A page with its cursors; what lies on the other side of a cursor is a page too."""
    following, previous = page.next, page.previous
    if asked.before is not None and (asked.end is None or asked.before < asked.end):
        following = asked.before
    if asked.cursor is not None and (asked.start is None or asked.start < asked.cursor):
        previous = start
    return Listing(page.items, *(None if each is None else str(each) for each in (following, previous)))
