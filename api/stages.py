"""What the timetable, and the exchange's notices of a symbol, say of a second (semantics: session). Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from market.calendar import Calendar, Phase, day_bounds_us, trading_day
from market.messages import Delay

Stage = Literal["closed", "trial", "open"]

LONGEST_DELAY_S = 4 * 60  # an opening call is put off by two minutes, a closing call by three
_US = 1_000_000
_COLLECTING_S, _CALL_S, _END_S = ((13 * 60 + minute) * 60 for minute in (25, 30, 34))


@dataclass(frozen=True, slots=True)
class Stages:
    """`traded` and `closes`: seconds of a symbol's trades, ascending, and of its closing calls, as far as they matter.

    `delays`: the notices that a call was put off.
    """

    calendar: Calendar
    delays: Sequence[Delay] = ()
    traded: Sequence[int] = ()
    closes: Collection[int] = ()

    def at(self, second: int) -> Stage:
        """Trial: orders are collected for a call, and by design nothing trades before it."""
        if (since_s := closing_s(self.calendar, second)) is not None:
            return self._closing(second, since_s)
        match self.calendar.phase(second * _US):
            case Phase.OPEN:
                return "trial" if any(second < self._opened(each) for each in self._put_off("open", second)) else "open"
            case Phase.TRIAL:
                return "trial"
            case _:
                return "closed"

    def _closing(self, second: int, since_s: int) -> Stage:
        """Until its closing call, after it, or, when there was none of it at 13:30, until the session's end."""
        if since_s < _CALL_S:
            return "trial"
        called = [at for at in self.closes if _is_one_day(at, second)]
        if called:
            return "closed" if second > min(called) else "trial"
        return "trial" if any(self._put_off("close", second)) else "open"

    def _put_off(self, auction: Literal["open", "close"], second: int) -> Iterable[Delay]:
        return (d for d in self.delays if d.auction == auction and _is_one_day(d.time_us // _US, second))

    def _opened(self, delay: Delay) -> int:
        """The second that ends a delayed opening."""
        told = delay.time_us // _US
        return next((at for at in self.traded if at >= told), told + LONGEST_DELAY_S)


def closing_s(calendar: Calendar, second: int) -> int | None:
    """Seconds since midnight if the second is within the closing call's time, a postponed one's too; else None."""
    if calendar.always:
        return None
    day = trading_day(second * _US)
    since_s = second - day_bounds_us(day)[0] // _US
    return since_s if _COLLECTING_S <= since_s < _END_S and calendar.trades_on(day) else None


def calls(calendar: Calendar, seconds: range) -> Iterator[int]:
    """The seconds of a range at which a closing call may be."""
    for each in _closings(calendar, seconds):
        yield from range(max(each.start, seconds.start), min(each.stop, seconds.stop))


def widened(calendar: Calendar, seconds: range, delays: Iterable[Delay]) -> range:
    """The seconds whose trades decide of the stages of these: with closing calls, and the ends of delayed openings."""
    windows = [*_closings(calendar, seconds), *(_opening(calendar, each) for each in delays if each.auction == "open")]
    met = [seconds, *(each for each in windows if each.start < seconds.stop and seconds.start < each.stop)]
    return range(min(each.start for each in met), max(each.stop for each in met))


def _closings(calendar: Calendar, seconds: range) -> Iterator[range]:
    """The closing calls' times, the postponed ones' too, of the days of a range."""
    day, last = trading_day(seconds.start * _US), trading_day(seconds.stop * _US)
    while not calendar.always and day <= last:
        if calendar.trades_on(day):
            midnight = day_bounds_us(day)[0] // _US
            yield range(midnight + _CALL_S, midnight + _END_S)
        day += timedelta(days=1)


def _opening(calendar: Calendar, delay: Delay) -> range:
    told = delay.time_us // _US
    begin_us, _ = calendar.session_us(trading_day(delay.time_us)) or (delay.time_us, 0)
    return range(begin_us // _US, told + LONGEST_DELAY_S)


def _is_one_day(one: int, other: int) -> bool:
    return trading_day(one * _US) == trading_day(other * _US)
