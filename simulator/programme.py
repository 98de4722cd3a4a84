"""The day's programme around continuous trading: stages, auctions, trials, pauses, odd lots, 14:30."""

from datetime import date
from functools import partial

from market.calendar import day_bounds_us
from simulator import auctions
from simulator.agenda import Act, Agenda
from simulator.book import Book
from simulator.floor import Floor
from simulator.plan import DISCLOSED_EVERY_US, SECOND_US, Plan
from simulator.prints import Print
from simulator.timetable import Stage

ODD_LOT_SHARE = 0.05  # odd-lot prints beside the regular ones
PAUSES_AMONG = 20  # pauses fall on the most active symbols, where someone is looking
OPEN_DELAY_US, CLOSE_DELAY_US = 120 * SECOND_US, 180 * SECOND_US


class Programme:
    """Enters what the timetable says in the agenda, and does it; `stage` is what the exchange does now."""

    def __init__(self, floor: Floor, plan: Plan, agenda: Agenda, day: date) -> None:
        self.stage = Stage.SHUT
        self._floor = floor
        self._plan = plan
        self._agenda = agenda
        self._timetable = plan.timetable_on(day)
        self._start_us, _ = day_bounds_us(day)

    def start(self, now_us: int) -> None:
        """Begin at any hour: what the timetable has behind it is over, what is ahead will come."""
        timetable = self._timetable
        self._enter(self._stage_at(now_us), now_us)
        for second, stage in timetable.stages:
            self._later(second, now_us, partial(self._change, stage))
        self._later(timetable.after_hours, now_us, self._after_hours)
        self._agenda.at(max(now_us, self._time(timetable.odd_lots_from)), self._odd_lots)
        if self._plan.pause_every_s:
            self._agenda.at(now_us + int(self._plan.pause_every_s * SECOND_US), self._pause)

    def _time(self, second: int) -> int:
        return self._start_us + second * SECOND_US

    def _later(self, second: int, now_us: int, act: Act) -> None:
        if self._time(second) > now_us:
            self._agenda.at(self._time(second), act)

    def _stage_at(self, at_us: int) -> Stage:
        return self._timetable.stage((at_us - self._start_us) / SECOND_US)

    # --- stages

    def _change(self, stage: Stage, at_us: int, now_us: int) -> list[Print]:
        self._enter(stage, at_us)
        return self._close_all(at_us, now_us) if stage is Stage.CLOSED else []

    def _enter(self, stage: Stage, at_us: int) -> None:
        self.stage = stage
        if stage is Stage.CONTINUOUS:
            self._open_all(at_us)
        if stage in (Stage.TRIAL, Stage.CLOSING_TRIAL):
            self._agenda.at(at_us, partial(self._trials, stage))

    def _open_all(self, at_us: int) -> None:
        spread_us = self._timetable.opening_spread_s * SECOND_US
        for book in self._floor.books:
            if book.instrument.matching_interval_s:
                self._agenda.at(at_us + book.instrument.matching_interval_s * SECOND_US, partial(self._call, book))
            if not book.is_open and self._is_delayed():
                self._put_off(book, at_us, at_us + OPEN_DELAY_US, "isDelayedOpen")
                self._agenda.at(at_us + OPEN_DELAY_US, partial(self._open, book))
            elif not book.is_open:
                wait = min(1.0, self._floor.rng.expovariate(4.0)) * spread_us
                self._agenda.at(at_us + int(wait), partial(self._open, book))

    def _close_all(self, at_us: int, now_us: int) -> list[Print]:
        out: list[Print] = []
        for book in self._floor.books:
            if book.is_open and self._is_delayed():
                self._put_off(book, at_us, at_us + CLOSE_DELAY_US, "isDelayedClose")
                self._agenda.at(at_us + CLOSE_DELAY_US, partial(self._close, book))
            elif book.is_open:
                out += self._close(book, at_us, now_us)
        return out

    def _is_delayed(self) -> bool:
        return self._floor.rng.random() < self._timetable.delayed_share

    def _put_off(self, book: Book, at_us: int, until_us: int, flag: str) -> None:
        """Trials with the flag until the auction at `until_us`."""
        for trial_us in range(at_us, until_us, DISCLOSED_EVERY_US):
            self._agenda.at(trial_us, partial(self._trial, book, flag))

    def _open(self, book: Book, _at_us: int, now_us: int) -> list[Print]:
        return [auctions.opening(self._floor, book, now_us)] if self.stage is Stage.CONTINUOUS else []

    def _close(self, book: Book, at_us: int, _now_us: int) -> list[Print]:
        return [auctions.closing(self._floor, book, at_us)]

    def _call(self, book: Book, at_us: int, now_us: int) -> list[Print]:
        """A disposition stock's periodic auction."""
        if self.stage is not Stage.CONTINUOUS:
            return []
        self._agenda.at(at_us + book.instrument.matching_interval_s * SECOND_US, partial(self._call, book))
        return [auctions.periodic(self._floor, book, now_us)] if book.is_open else []

    # --- trials, odd lots, after hours

    def _trials(self, stage: Stage, at_us: int, now_us: int) -> list[Print]:
        if self.stage is not stage:
            return []
        self._agenda.at(at_us + DISCLOSED_EVERY_US, partial(self._trials, stage))
        return [auctions.trial(self._floor, book, now_us) for book in self._floor.books]

    def _trial(self, book: Book, flag: str, _at_us: int, now_us: int) -> list[Print]:
        return [auctions.trial(self._floor, book, now_us, flag)]

    def _after_hours(self, at_us: int, _now_us: int) -> list[Print]:
        return [auctions.after_hours(self._floor, book, at_us) for book in self._floor.books if book.volume]

    def _odd_lots(self, at_us: int, now_us: int) -> list[Print]:
        self._agenda.at(at_us + DISCLOSED_EVERY_US, self._odd_lots)
        if self.stage is not Stage.CONTINUOUS:
            return []
        wanted = max(1, int(self._plan.rate * ODD_LOT_SHARE * DISCLOSED_EVERY_US / SECOND_US))
        picked = {book.instrument.symbol: book for book in (self._floor.pick() for _ in range(wanted))}
        return [auctions.odd_lot(self._floor, book, now_us) for book in picked.values() if book.is_open]

    # --- volatility pauses

    def _pause(self, at_us: int, now_us: int) -> list[Print]:
        self._agenda.at(at_us + int(self._plan.pause_every_s * SECOND_US), self._pause)
        book = self._floor.rng.choice(self._floor.books[:PAUSES_AMONG])
        ends_us = at_us + int(self._plan.pause_lasts_s * SECOND_US)
        if not book.matches or {self.stage, self._stage_at(ends_us)} != {Stage.CONTINUOUS}:
            return []
        for trial_us in range(at_us + DISCLOSED_EVERY_US, ends_us, DISCLOSED_EVERY_US):
            self._agenda.at(trial_us, partial(self._trial, book, ""))
        self._agenda.at(ends_us, partial(self._match_again, book))
        return [auctions.pause(self._floor, book, now_us)]

    def _match_again(self, book: Book, _at_us: int, now_us: int) -> list[Print]:
        return [auctions.resumption(self._floor, book, now_us)]
