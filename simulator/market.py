"""One trading day of a market shaped like Taiwan's. Pure: the seed and the times it is asked at decide every print."""

import random
from dataclasses import replace
from datetime import date

from market.calendar import day_bounds_us
from simulator import ticks
from simulator.agenda import Agenda
from simulator.book import Book
from simulator.floor import Floor
from simulator.plan import SECOND_US, Plan
from simulator.prints import Print
from simulator.programme import Programme
from simulator.serials import Serials
from simulator.symbols import Instrument
from simulator.timetable import Stage

CLUSTERS = 0.08  # share of arrivals that bring several orders on one symbol
LARGEST_CLUSTER = 8
PICKS = 8  # tries to find a symbol that is open and not paused
CATCH_UP_US = SECOND_US  # after a stall of the machine no more than this is made up for
EX_DIVIDEND = 0.03  # share of symbols whose reference price is not the close of the day before


class Market:
    """`resume` what was printed before, `start` once, then `step` as time goes on; `again` varies the chance."""

    def __init__(self, instruments: list[Instrument], plan: Plan, day: date, again: int = 0) -> None:
        self.day = day
        self.plan = plan
        self.start_us, self.end_us = day_bounds_us(day)
        self._rng = random.Random(f"{plan.seed} {day} {again}")
        self.floor = Floor(instruments, self._rng, Serials(self._rng))
        self._timetable = plan.timetable_on(day)
        self._agenda = Agenda()
        self._programme = Programme(self.floor, plan, self._agenda, day)
        self._next_us = 0.0

    def resume(self, each: Print) -> None:
        """Take over a print of this day from before a restart; call in the order of printing."""
        if book := self.floor.by_symbol.get(each.symbol):
            self.floor.serials.seen(book.instrument.exchange, each.serial, odd=each.odd)
            book.resume(each)

    def start(self, now_us: int) -> None:
        """Begin at any hour of the day."""
        self._next_us = float(now_us)
        self._programme.start(now_us)

    def step(self, now_us: int) -> list[Print]:
        """Everything printed up to now, in order."""
        out = self._agenda.run(now_us)
        self._next_us = max(self._next_us, now_us - CATCH_UP_US)
        while self._is_continuous and self._next_us <= now_us:
            out += self._arrival(now_us)
        return out

    def next_us(self) -> float:
        """When `step` will next have something to say, if time goes on as planned."""
        act_us = self._agenda.next_us()
        next_us = self.end_us if act_us is None else min(self.end_us, act_us)
        return min(next_us, self._next_us) if self._is_continuous else next_us

    def tomorrow(self) -> list[Instrument]:
        """The same securities on the next day: today's close is the reference, less a dividend for a few."""
        return [self._carried(book) for book in self.floor.books]

    @property
    def _is_continuous(self) -> bool:
        return self._programme.stage is Stage.CONTINUOUS

    def _carried(self, book: Book) -> Instrument:
        table = book.instrument.tick_table
        steps = self._rng.randint(1, 8) if self._rng.random() < EX_DIVIDEND else 0
        reference = ticks.floor(table, max(1, book.last - steps * ticks.step(table, book.last)))
        return replace(book.instrument, reference=reference, previous_close=book.last)

    def _arrival(self, now_us: int) -> list[Print]:
        """One order, or a cluster of them on one symbol; the wait after it keeps the rate whatever was printed."""
        book = next((book for book in (self.floor.pick() for _ in range(PICKS)) if book.matches), None)
        orders = self._rng.randint(2, LARGEST_CLUSTER) if self._rng.random() < CLUSTERS else 1
        out = [each for _ in range(orders) for each in self._matched(book, now_us)] if book else []
        pace = self.plan.rate * self._timetable.pace_at((now_us - self.start_us) / SECOND_US)
        self._next_us += self._rng.expovariate(1.0) * max(1, len(out)) * SECOND_US / pace
        return out

    def _matched(self, book: Book, now_us: int) -> list[Print]:
        at = self.floor.stamp(now_us)
        return [self.floor.match(book, fill, at, "isContinuous") for fill in book.order(self._rng)]
