"""Pages of candles: the recorded ones, and those of days whose bars may still change, made when they are asked for."""

from datetime import date

from api.candles import Candle, Interval, candles
from api.history import History, UnavailableError
from api.ranges import Ranges, slowly
from api.spans import Page, Span
from market.calendar import day_bounds_us, trading_day
from market.messages import decode_bar, encode

_MOST_DAYS = 10  # made for one answer: some 0.1 s each
_LATE_S = 3_600  # after midnight the last day's newest bars may be in memory only


class CandleRanges:
    """Candles equal those of the bars that `ranges` has. `UnavailableError` when the database does not answer."""

    def __init__(self, history: History, ranges: Ranges) -> None:
        self._history = history
        self._ranges = ranges

    async def page(self, interval: Interval, span: Span) -> Page:
        """Candles that begin in the span, each whole, also where its bars go beyond."""
        fresh = await self._fresh(span)
        stored = await self._history.candles(interval, span, fresh)
        values = {row.second: row.value for row in stored}
        made = 0
        for day in sorted(fresh, reverse=span.last):
            if made > span.limit:
                break  # those of the other days lie on the far side of the page
            new = [
                each for each in await self._made(interval, span.symbol, day) if span.start <= each.second < span.end
            ]
            values |= {each.second: encode(each) for each in new}
            made += len(new)
        return Page.cut(sorted(values.items()), span)

    async def _fresh(self, span: Span) -> frozenset[date]:
        """Days of the span whose candles are not recorded, or not of all bars."""
        if span.start >= span.end:
            return frozenset()
        first, last = (trading_day(at * 1_000_000) for at in (span.start, span.end - 1))
        now = self._ranges.now()
        recent = {trading_day(at * 1_000_000) for at in (now - _LATE_S, now)}
        days = await self._history.days(first, last)
        fresh = {day for day, is_rolled in days.items() if not is_rolled} | {
            day for day in recent if first <= day <= last
        }
        if len(fresh) > _MOST_DAYS:
            message = (
                f"the candles of {len(fresh)} days are not made yet; ask for fewer days, or run: python -m api.storage"
            )
            raise UnavailableError(message)
        return frozenset(fresh)

    async def _made(self, interval: Interval, symbol: str, day: date) -> list[Candle]:
        start, stop = (at // 1_000_000 for at in day_bounds_us(day))
        rows = await self._ranges.every_row(symbol, range(start, stop))
        return candles(interval, [decode_bar(row.value) async for row in slowly(rows)])
