"""The exchanges' message numbers: from 1 each day, one count per exchange and board, quotes use them too."""

import random
from collections import defaultdict

from simulator.prints import AFTER_HOURS_SERIAL

QUOTES_PER_PRINT = 5  # on average
QUOTED_UP_TO = 20_000_000  # beyond it only prints use numbers, so that 1,000 prints a second last the whole day


class SerialsUsedUpError(RuntimeError):
    """Eight digits are all there is: the rate was too high for the length of the day."""


class Serials:
    """Counts per (exchange, odd lots?)."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._last: dict[tuple[str, bool], int] = defaultdict(int)

    def next(self, exchange: str, *, odd: bool = False) -> int:
        """The number of the next print; the quotes before it have used theirs."""
        last = self._last[exchange, odd]
        quotes = 0 if odd or last > QUOTED_UP_TO else int(self._rng.random() * (2 * QUOTES_PER_PRINT + 1))
        serial = self._last[exchange, odd] = last + 1 + quotes
        if serial >= AFTER_HOURS_SERIAL:
            message = f"{exchange} has used up its serials of the day: lower SIMULATOR_RATE or start at a later hour"
            raise SerialsUsedUpError(message)
        return serial

    def seen(self, exchange: str, serial: int, *, odd: bool) -> None:
        """A number already given out today, before a restart."""
        if serial < AFTER_HOURS_SERIAL:
            self._last[exchange, odd] = max(self._last[exchange, odd], serial)
