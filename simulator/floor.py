"""The trading floor of one day: every book, the serials, the stamp; it turns fills into prints."""

import random
from collections.abc import Iterable
from itertools import accumulate

from simulator.book import Book
from simulator.prints import Fill, Print
from simulator.serials import Serials
from simulator.symbols import Instrument

ANCHOR_SPREAD = 0.02  # how far from the reference price a day tends to lead a symbol (one sigma)
ZIPF_SHIFT = 2.0  # weight of the n-th symbol is 1 / (n + shift): 2330 gets a tenth of sixty symbols' prints


class Floor:
    """All mutable state of a trading day."""

    def __init__(self, instruments: Iterable[Instrument], rng: random.Random, serials: Serials) -> None:
        self.rng = rng
        self.serials = serials
        self.books = [Book(each, self._anchor(each)) for each in instruments]
        self.by_symbol = {book.instrument.symbol: book for book in self.books}
        self._weights = list(accumulate(1 / (rank + ZIPF_SHIFT) for rank in range(1, len(self.books) + 1)))
        self._last_us = 0

    def _anchor(self, instrument: Instrument) -> int:
        return int(instrument.reference * (1 + self.rng.gauss(0, ANCHOR_SPREAD)))

    def pick(self) -> Book:
        """A book, by activity."""
        return self.rng.choices(self.books, cum_weights=self._weights)[0]

    def stamp(self, now_us: int) -> int:
        """The match time of the next order: now, and later than the one before."""
        self._last_us = max(now_us, self._last_us + 1)
        return self._last_us

    def match(self, book: Book, fill: Fill, time_us: int, *flags: str) -> Print:
        """A trade on the regular board; the symbol's running volume grows by it."""
        book.volume += fill.size
        return self.show(book, fill, time_us, *flags)

    def show(self, book: Book, fill: Fill, time_us: int, *flags: str) -> Print:
        """A print on the regular board that trades nothing: a trial match, a pause notice."""
        serial = self.serials.next(book.instrument.exchange)
        return book.writer.lots(fill, time_us, serial, book.volume, *flags)

    def odd(self, book: Book, fill: Fill, time_us: int) -> Print:
        """A trade on the odd-lot board."""
        book.odd_volume += fill.size
        serial = self.serials.next(book.instrument.exchange, odd=True)
        return book.writer.odd(fill, time_us, serial, book.odd_volume)
