"""`/candles/{symbol}`: bars of a minute or of a trading day."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import answers, openapi, paging
from api.candle_ranges import CandleRanges
from api.candles import Interval
from api.paging import Symbol
from api.status import Status
from api.symbols import Symbols

_LONGEST_DAYS: dict[Interval, int] = {"1m": 366, "1d": 3_660}


class Asked(paging.Asked):
    """The query of a range of candles: of those that begin in it."""

    interval: Interval = Field("1m", description="a minute, or a trading day, which begins at midnight in Taipei")


def add(routes: APIRouter, candles: CandleRanges, symbols: Symbols, status: Status) -> None:
    """The route."""

    @routes.get(
        "/candles/{symbol}",
        responses=openapi.candles(),
        summary="Candles of a minute or a day, ascending",
        operation_id="candles",
    )
    async def _(request: Request, symbol: Symbol, asked: Annotated[Asked, Query()]) -> Response:
        span = paging.span(symbol, asked, status.live.now_us(), _LONGEST_DAYS[asked.interval])
        await symbols.require(symbol)
        page = await candles.page(asked.interval, span)
        return answers.json(request, paging.linked(page, asked, span.start).json())
