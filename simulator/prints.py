"""What the exchange prints: one `data` object of the trades channel, as bytes, with the keys needed to route it."""

from typing import NamedTuple

from simulator import ticks
from simulator.symbols import Instrument

AFTER_HOURS_SERIAL = 99_999_999


class Print(NamedTuple):
    """One print: `time` in µs, `odd` for the odd-lot board, `body` its JSON object."""

    symbol: str
    odd: bool
    trial: bool
    time: int
    serial: int
    size: int
    body: bytes

    @property
    def identified(self) -> bool:
        """Whether it has the time and serial that a trade is known by."""
        return self.time > 0 and 0 < self.serial <= AFTER_HOURS_SERIAL

    @property
    def trades(self) -> bool:
        """Whether something changed hands: neither a trial match nor a pause notice."""
        return not self.trial and self.size > 0


class Fill(NamedTuple):
    """A match inside the book: price in cents, size in the board's unit, the best bid and ask that go with it."""

    price: int
    size: int
    bid: int | None = None
    ask: int | None = None


class Writer:
    """Writes the prints of one instrument; what never changes in a day is written once."""

    def __init__(self, instrument: Instrument) -> None:
        self.symbol = instrument.symbol
        self._down, self._up = instrument.limits
        board = f'"exchange":"{instrument.exchange}","market":"{instrument.market}"'
        self._lots = f'{{"symbol":"{self.symbol}","type":"EQUITY",{board}'
        self._odd = f'{{"symbol":"{self.symbol}","type":"ODDLOT",{board}'

    def lots(self, fill: Fill, time: int, serial: int, volume: int | None, *flags: str) -> Print:
        """A print of the regular board; `volume` is the day's running total after it."""
        names = (*flags, *self._limit_flags(fill))
        body = _closed(self._opened(self._lots, fill, time, serial), fill, volume, names)
        return Print(self.symbol, False, "isTrial" in flags, time, serial, fill.size, body)

    def odd(self, fill: Fill, time: int, serial: int, volume: int) -> Print:
        """A print of the odd-lot board, in shares."""
        body = _closed(self._opened(self._odd, fill, time, serial), fill, volume)
        return Print(self.symbol, True, False, time, serial, fill.size, body)

    @staticmethod
    def _opened(head: str, fill: Fill, time: int, serial: int) -> str:
        return f'{head},"time":{time},"serial":{serial},"price":{ticks.text(fill.price)},"size":{fill.size}'

    def _limit_flags(self, fill: Fill) -> list[str]:
        seen = (("Price", fill.price), ("Bid", fill.bid), ("Ask", fill.ask))
        up = [f"isLimitUp{name}" for name, value in seen if value == self._up]
        return up + [f"isLimitDown{name}" for name, value in seen if value == self._down]


def _closed(opened: str, fill: Fill, volume: int | None, flags: tuple[str, ...] = ()) -> bytes:
    """The rest of the object; what is unknown is absent, and a flag is there only when it is true."""
    parts = [opened]
    if volume is not None:
        parts.append(f',"volume":{volume}')
    if fill.bid is not None:
        parts.append(f',"bid":{ticks.text(fill.bid)}')
    if fill.ask is not None:
        parts.append(f',"ask":{ticks.text(fill.ask)}')
    parts += [f',"{flag}":true' for flag in flags]
    return ("".join(parts) + "}").encode()
