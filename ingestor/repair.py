"""Fetches by REST what the stream has missed; live trades never wait for it."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from time import monotonic

import httpx
import msgspec

from ingestor.gaps import Gaps, Key
from ingestor.intake import Intake
from ingestor.pages import ROWS, Page, Walk, page
from ingestor.rest import Rest
from ingestor.watch import Watch
from market.calendar import trading_day

_LOOK_S = 0.1
# The exchange's REST may know a trade later than its stream, so one answer without it is not the last word.
_AGAIN_S = (2.0, 10.0, 30.0)
_REST_S = 60.0
_ROWS_AT_ONCE = 50  # then the stream gets a turn

log = logging.getLogger("ingestor")


@dataclass(slots=True)
class _Visit:
    """One walk through a symbol's trades, for the gaps that were open when it began."""

    wanted: frozenset[Key]
    walk: Walk = field(default_factory=Walk)


@dataclass(slots=True)
class _Case:
    """How often complete answers lacked a gap's lots, and when to ask again."""

    answers: int = 0
    due_s: float = 0.0


class Repair:
    """A page of one symbol, then a page of the next: no symbol waits for another's long day."""

    def __init__(self, rest: Rest, watch: Watch, intake: Intake) -> None:
        self._rest = rest
        self._watch = watch
        self._intake = intake
        self._cases: dict[tuple[str, Key], _Case] = {}
        self._visits: dict[str, _Visit] = {}  # in the order of their turns
        self._resting: dict[str, float] = {}  # symbols the exchange has no good answer for, until when

    async def run(self) -> None:
        """Repair until cancelled. Raises PublishError."""
        while True:
            gaps = self._watch.today
            self._plan(gaps, monotonic())
            symbol = next(iter(self._visits), None)
            if symbol is None:
                await asyncio.sleep(_LOOK_S)
            else:
                await self._turn(gaps, symbol, self._visits.pop(symbol))

    def _plan(self, gaps: Gaps, now_s: float) -> None:
        """Begin a visit to every symbol with a gap that is due; end those whose gaps have closed by themselves."""
        self._cases = {case: self._cases.get(case, _Case()) for case in _each(gaps.open)}
        self._visits = {symbol: visit for symbol, visit in self._visits.items() if symbol in gaps.open}
        for (symbol, _), case in self._cases.items():
            is_due = case.due_s <= now_s and self._resting.get(symbol, 0.0) <= now_s
            # A gap may be closed already and only not told yet.
            if is_due and symbol not in self._visits and gaps.missing(symbol, gaps.open[symbol]):
                self._visits[symbol] = _Visit(frozenset(gaps.open[symbol]))

    async def _turn(self, gaps: Gaps, symbol: str, visit: _Visit) -> None:
        """One page: publish what of it is missing, then queue behind the others for the next, or come to a verdict."""
        found = await self._page(gaps, symbol, visit.walk.offset)
        if found is None:
            if self._resting.get(symbol, 0.0) <= monotonic():
                self._visits[symbol] = visit
        elif visit.walk.is_joined(found):  # else it begins again
            await self._publish(gaps, symbol, found)
            missing = gaps.missing(symbol, visit.wanted)
            oldest_us = min((row.time for row, _ in found.rows), default=0)
            if visit.walk.has_more(found) and missing and oldest_us >= min(missing)[0]:
                self._visits[symbol] = visit
            else:
                self._judge(gaps, symbol, missing)

    async def _page(self, gaps: Gaps, symbol: str, offset: int) -> Page | None:
        """None: not this time. Where the fault is not the exchange's but the answer's, the symbol rests a while."""
        try:
            answer = await self._rest.get(f"trades/{symbol}", offset=offset, limit=ROWS)
        except httpx.HTTPError as error:
            log.warning("repair_waits symbol=%s why=%r", symbol, f"{type(error).__name__}: {error}")
            return None
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error:
            log.warning("repair_waits symbol=%s why='status %d'", symbol, answer.status_code)
            return None
        try:
            return _of_today(gaps.day, symbol, answer)
        except msgspec.MsgspecError as error:
            self._resting[symbol] = monotonic() + _REST_S
            log.warning("repair_failed symbol=%s again_in_s=%.0f why=%r", symbol, _REST_S, str(error))
            return None

    async def _publish(self, gaps: Gaps, symbol: str, found: Page) -> None:
        """What is missing, and only that, the oldest first."""
        for number, (row, raw) in enumerate(reversed(found.rows)):
            if number % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
            if gaps.lacks(symbol, row):
                await self._intake.repair(found.trade(raw))

    def _judge(self, gaps: Gaps, symbol: str, missing: Collection[Key]) -> None:
        """The answer was complete: what it lacks is asked for again, ever later, and in the end given up."""
        for key in missing:
            case = self._cases.setdefault((symbol, key), _Case())
            if case.answers < len(_AGAIN_S):
                case.due_s = monotonic() + _AGAIN_S[case.answers]
                case.answers += 1
            else:
                gaps.lose(symbol, key, f"the exchange answered {case.answers + 1} times, without these lots")


def _each(open_now: Mapping[str, Collection[Key]]) -> Iterator[tuple[str, Key]]:
    return ((symbol, key) for symbol, keys in open_now.items() for key in keys)


def _of_today(day: date, symbol: str, answer: httpx.Response) -> Page:
    """The answer's page. Raises msgspec.MsgspecError where it is not one of `day`'s trades."""
    if answer.status_code != HTTPStatus.OK:
        message = f"status {answer.status_code}"
        raise msgspec.ValidationError(message)
    found = page(symbol, answer.content)
    if any(trading_day(row.time) != day for row, _ in found.rows):
        message = "an answer of another day"
        raise msgspec.ValidationError(message)
    return found
