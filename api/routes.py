"""HTTP, `/api/v1` (contract: HTTP)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from api import openapi, problems
from api.checks import EARLIEST_S, LATEST_S
from api.csv_text import csv_lines
from api.explain import Explain
from api.history import History
from api.ranges import Page, Ranges, Span
from api.records import Kind
from api.status import Status
from api.symbols import Symbols
from market.calendar import day_bounds_us, trading_day
from market.messages import encode

MOST_ITEMS = 20_000
LONGEST_SPAN_S = 31 * 86_400
_JSON = "application/json"

Symbol = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,16}$", examples=["2330"])]
Second = Annotated[int | None, Query(ge=EARLIEST_S, le=LATEST_S, examples=[1_796_090_400])]
Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS)]


def router(ranges: Ranges, symbols: Symbols, history: History, status: Status, explain: Explain) -> APIRouter:
    """The routes over these parts."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/symbols", responses=openapi.list_of("SymbolWithLast"), summary="Symbols, searched by code and name")
    async def _(q: Annotated[str, Query(max_length=64, description="part of a code or of a name")] = "") -> Response:
        return _json(Page(await symbols.items(q), None).json())

    @routes.get("/gaps", responses=openapi.list_of("Gap"), summary="Gaps, the newest first")
    async def _(
        symbol: Annotated[str | None, Query(pattern=r"^[0-9A-Za-z]{1,16}$")] = None,
        state: Literal["open", "healed", "lost"] | None = None,
    ) -> Response:
        gaps = await history.gaps(symbol, state)
        return _json(Page([encode(gap) for gap in gaps], None).json())

    @routes.get("/explain/{symbol}/{second}", responses=openapi.EXPLANATION, summary="What a second's bar was made of")
    async def _(
        symbol: Symbol, second: Annotated[int, Path(ge=EARLIEST_S, le=LATEST_S, examples=[1_796_090_400])]
    ) -> Response:
        if second * 1_000_000 > status.live.now_us():
            problems.refuse("second", f"{second} has not been yet", "ask for a second of the past, in epoch seconds")
        await symbols.require(symbol)
        return _json(await explain.answer(symbol, second))

    @routes.get("/status", responses=openapi.STATUS, summary="The state of the whole path")
    async def _() -> Response:
        return _json(status.message())

    _add_records(routes, "bar", ranges, symbols, status)
    _add_records(routes, "average", ranges, symbols, status)
    return routes


def _add_records(routes: APIRouter, kind: Kind, ranges: Ranges, symbols: Symbols, status: Status) -> None:
    """`/bars/{symbol}` and `/averages/{symbol}`: the same question about two kinds of records."""
    name = "Bar" if kind == "bar" else "Average"

    @routes.get(f"/{kind}s/{{symbol}}", responses=openapi.list_of(name), summary=f"{name}s, ascending by second")
    async def _(  # noqa: PLR0913, PLR0917 - the query's parameters
        symbol: Symbol,
        start: Second = None,
        end: Second = None,
        limit: Limit = 1_000,
        cursor: Annotated[
            int | None, Query(ge=EARLIEST_S, le=LATEST_S, description="`next` of the page before")
        ] = None,
        fill: Annotated[bool, Query(description="every second, not only those that traded")] = False,  # noqa: FBT002
        format: Literal["json", "csv"] = "json",  # noqa: A002 - the contract's name
    ) -> Response:
        span = _span(symbol, (start, end, cursor), limit, status.live.now_us())
        await symbols.require(symbol)
        if format == "csv":
            return _csv(kind, span, ranges, fill=fill)
        if not fill:
            return _json((await ranges.page(kind, span)).json())
        page = await (ranges.filled_bars(span) if kind == "bar" else ranges.filled_averages(span))
        return _json(page.json())


def _span(symbol: str, given: tuple[int | None, int | None, int | None], limit: int, now_us: int) -> Span:
    """The range asked for; without a start the trading day of its end, without an end until now."""
    start, end, cursor = given
    end = now_us // 1_000_000 + 1 if end is None else end
    if start is None:
        start = day_bounds_us(trading_day((end - 1) * 1_000_000))[0] // 1_000_000
    if start > end:
        problems.refuse("start", f"{start} is after end {end}", "ask for start <= end, in epoch seconds")
    if end - start > LONGEST_SPAN_S:
        problems.refuse("start", f"the range is longer than {LONGEST_SPAN_S} s", "ask for at most 31 days")
    if cursor is not None and not start <= cursor <= end:
        problems.refuse("cursor", "not within start and end", "repeat the query of the page that gave it")
    return Span(symbol, start if cursor is None else cursor, end, limit)


def _json(body: bytes) -> Response:
    return Response(body, media_type=_JSON, headers={"cache-control": "no-store"})


def _csv(kind: Kind, span: Span, ranges: Ranges, *, fill: bool) -> Response:
    if fill:
        problems.refuse("fill", "csv carries the seconds that traded", "leave fill out, or ask for json")
    headers = {
        "content-disposition": f'attachment; filename="{span.symbol}-{kind}s-{span.start}.csv"',
        "cache-control": "no-store",
    }
    lines = csv_lines(kind, ranges.whole(kind, span))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
