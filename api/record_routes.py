"""`/bars/{symbol}` and `/averages/{symbol}`: the same question about two kinds of records (contract: HTTP)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import answers, openapi, problems
from api.answers import Listing
from api.checks import EARLIEST_S, LATEST_S
from api.csv_text import csv_lines
from api.ranges import Page, Ranges, Span
from api.records import Kind
from api.status import Status
from api.symbols import Symbols
from market.calendar import day_bounds_us, trading_day

MOST_ITEMS, USUAL_ITEMS = 20_000, 1_000
LONGEST_SPAN_S = 31 * 86_400

Symbol = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,16}$", examples=["2330"])]
Second = Annotated[int | None, Field(ge=EARLIEST_S, le=LATEST_S)]


class Asked(BaseModel):
    """The query of a range."""

    model_config = ConfigDict(frozen=True)

    start: Second = Field(
        None, description="first epoch second; without it, midnight of `end`'s trading day", examples=[1_796_090_400]
    )
    end: Second = Field(None, description="the second after the last; without it, now", examples=[1_796_090_460])
    limit: int | None = Field(
        None, ge=1, le=MOST_ITEMS, description=f"items at most: {USUAL_ITEMS} in JSON, the whole range in streams"
    )
    cursor: Second = Field(None, description="`next` of the page before: goes on from there")
    before: Second = Field(
        None, description="`previous` of a page, or any second: the last items before it, with `previous` going back"
    )
    fill: bool = Field(default=False, description="every second, not only those that traded")
    format: Literal["json", "csv", "parquet"] = "json"


def add(routes: APIRouter, kind: Kind, ranges: Ranges, symbols: Symbols, status: Status) -> None:
    """One of the two routes."""
    name = "Bar" if kind == "bar" else "Average"

    @routes.get(
        f"/{kind}s/{{symbol}}",
        responses=openapi.records_of(name),
        summary=f"{name}s, ascending by second",
        operation_id=f"{kind}s",
    )
    async def _(request: Request, symbol: Symbol, asked: Annotated[Asked, Query()]) -> Response:
        span = _span(symbol, asked, status.live.now_us())
        await symbols.require(symbol)
        if asked.format != "json":
            return await _stream(kind, span, ranges, asked)
        page = await _page(kind, span, ranges, fill=asked.fill)
        return answers.json(request, _linked(page, asked, span).json())


async def _page(kind: Kind, span: Span, ranges: Ranges, *, fill: bool) -> Page:
    if not fill:
        return await ranges.page(kind, span)
    return await (ranges.filled_bars(span) if kind == "bar" else ranges.filled_averages(span))


def _span(symbol: str, asked: Asked, now_us: int) -> Span:
    """The range asked for; without a start the trading day of its end, without an end until now."""
    end = now_us // 1_000_000 + 1 if asked.end is None else asked.end
    start = asked.start
    if start is None:
        start = day_bounds_us(trading_day((end - 1) * 1_000_000))[0] // 1_000_000
    _check(asked, start, end)
    limit = asked.limit or (USUAL_ITEMS if asked.format == "json" else LONGEST_SPAN_S)
    if asked.before is not None:
        return Span(symbol, start, asked.before, limit, last=True)
    return Span(symbol, start if asked.cursor is None else asked.cursor, end, limit)


def _check(asked: Asked, start: int, end: int) -> None:
    if start > end:
        problems.refuse("start", f"{start} is after end {end}", "ask for start <= end, in epoch seconds")
    if end - start > LONGEST_SPAN_S:
        problems.refuse("start", f"the range is longer than {LONGEST_SPAN_S} s", "ask for at most 31 days")
    for name, place in (("cursor", asked.cursor), ("before", asked.before)):
        if place is not None and not start <= place <= end:
            problems.refuse(name, "not within start and end", "repeat the query of the page that gave it")
    if asked.cursor is not None and asked.before is not None:
        problems.refuse("before", "cursor goes forward, before goes back", "give one of them")
    if asked.format != "json" and asked.fill:
        problems.refuse("fill", "streams carry the seconds that traded", "leave fill out, or ask for json")


def _linked(page: Page, asked: Asked, span: Span) -> Listing:
    """What lies on the other side of a cursor is a page too."""
    following, previous = page.next, page.previous
    if asked.before is not None and (asked.end is None or asked.before < asked.end):
        following = asked.before
    if asked.cursor is not None and (asked.start is None or asked.start < asked.cursor):
        previous = span.start
    return Listing(page.items, *(None if each is None else str(each) for each in (following, previous)))


async def _stream(kind: Kind, span: Span, ranges: Ranges, asked: Asked) -> Response:
    pages, name = ranges.whole(kind, span), f"{span.symbol}-{kind}s-{span.start}"
    if asked.format == "csv":
        return await answers.stream(csv_lines(kind, pages), "text/csv; charset=utf-8", f"{name}.csv")
    from api.parquet import parquet_chunks  # noqa: PLC0415 - tens of megabytes that only these streams need

    return await answers.stream(parquet_chunks(kind, pages), "application/vnd.apache.parquet", f"{name}.parquet")
