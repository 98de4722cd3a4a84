"""`/bars/{symbol}` and `/averages/{symbol}`: the same question about two kinds of records (contract: HTTP)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import answers, openapi, paging, problems
from api.csv_text import csv_lines
from api.paging import DAY_S, USUAL_ITEMS, Symbol
from api.ranges import Ranges
from api.records import Kind
from api.spans import Page, Span
from api.status import Status
from api.symbols import Symbols

LONGEST_DAYS = 31


class Asked(paging.Asked):
    """The query of a range of seconds."""

    limit: int | None = Field(
        None,
        ge=1,
        le=paging.MOST_ITEMS,
        description=f"items at most: {USUAL_ITEMS} in JSON, the whole range in streams",
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
        if asked.format != "json" and asked.fill:
            problems.refuse("fill", "streams carry the seconds that traded", "leave fill out, or ask for json")
        usual = USUAL_ITEMS if asked.format == "json" else LONGEST_DAYS * DAY_S
        span = paging.span(symbol, asked, status.live.now_us(), LONGEST_DAYS, usual)
        await symbols.require(symbol)
        if asked.format != "json":
            return await _stream(kind, span, ranges, asked)
        page = await _page(kind, span, ranges, fill=asked.fill)
        return answers.json(request, paging.linked(page, asked, span.start).json())


async def _page(kind: Kind, span: Span, ranges: Ranges, *, fill: bool) -> Page:
    if not fill:
        return await ranges.page(kind, span)
    return await (ranges.filled_bars(span) if kind == "bar" else ranges.filled_averages(span))


async def _stream(kind: Kind, span: Span, ranges: Ranges, asked: Asked) -> Response:
    pages, name = ranges.whole(kind, span), f"{span.symbol}-{kind}s-{span.start}"
    if asked.format == "csv":
        return await answers.stream(csv_lines(kind, pages), "text/csv; charset=utf-8", f"{name}.csv")
    from api.parquet import parquet_chunks  # noqa: PLC0415 - tens of megabytes that only these streams need

    return await answers.stream(parquet_chunks(kind, pages), "application/vnd.apache.parquet", f"{name}.parquet")
