"""HTTP, `/api/v1` (contract: HTTP)."""

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api import answers, candle_routes, openapi, problems, record_routes
from api.answers import Listing
from api.candle_ranges import CandleRanges
from api.checks import EARLIEST_S, LATEST_S
from api.explain import Explain
from api.history import History
from api.paging import MOST_ITEMS, USUAL_ITEMS, Symbol
from api.ranges import Ranges
from api.status import Status
from api.symbols import Symbols
from market.messages import encode

_GAP = re.compile(r"(\d{1,17})-([0-9A-Za-z]{1,16})-(\d{1,17})")  # a gap as a cursor: from_us, symbol, to_us


def router(ranges: Ranges, symbols: Symbols, history: History, status: Status, explain: Explain) -> APIRouter:
    """The routes over these parts."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get(
        "/symbols",
        responses=openapi.list_of("SymbolWithLast"),
        summary="Symbols, searched by code and name",
        operation_id="symbols",
    )
    async def _(
        request: Request, q: Annotated[str, Query(max_length=64, description="part of a code or of a name")] = ""
    ) -> Response:
        return answers.json(request, Listing(await symbols.items(q)).json())

    @routes.get("/gaps", responses=openapi.list_of("Gap"), summary="Gaps, the newest first", operation_id="gaps")
    async def _(
        request: Request,
        symbol: Annotated[str | None, Query(pattern=r"^[0-9A-Za-z]{1,16}$")] = None,
        state: Literal["open", "healed", "lost"] | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = USUAL_ITEMS,
        cursor: Annotated[
            str | None, Query(pattern=f"^{_GAP.pattern}$", description="`next` of the page before")
        ] = None,
    ) -> Response:
        last = _GAP.fullmatch(cursor or "")
        after = (int(last[1]), last[2], int(last[3])) if last else None
        gaps = await history.gaps(symbol, state, limit + 1, after)
        following = "{from_us}-{symbol}-{to_us}".format(**gaps[limit - 1]) if len(gaps) > limit else None
        return answers.json(request, Listing([encode(gap) for gap in gaps[:limit]], following).json())

    @routes.get(
        "/explain/{symbol}/{second}",
        responses=openapi.EXPLANATION,
        summary="What a second's bar was made of",
        operation_id="explain",
    )
    async def _(
        symbol: Symbol, second: Annotated[int, Path(ge=EARLIEST_S, le=LATEST_S, examples=[1_796_090_400])]
    ) -> Response:
        if second * 1_000_000 > status.live.now_us():
            problems.refuse("second", f"{second} has not been yet", "ask for a second of the past, in epoch seconds")
        await symbols.require(symbol)
        return answers.fleeting(await explain.answer(symbol, second))

    @routes.get("/status", responses=openapi.STATUS, summary="The state of the whole path", operation_id="status")
    async def _() -> Response:
        return answers.fleeting(status.message())

    record_routes.add(routes, "bar", ranges, symbols, status)
    record_routes.add(routes, "average", ranges, symbols, status)
    candle_routes.add(routes, CandleRanges(history, ranges), symbols, status)
    return routes
