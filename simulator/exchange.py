"""The exchange's centre: what was printed goes to the ledger first, then to whoever subscribed, through the faults."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from market.clock import Clock
from simulator import protocol
from simulator.account import Account
from simulator.faults import Fault, Faults
from simulator.ledger import Day, Ledger
from simulator.prints import Print
from simulator.routes import Listener, Routes, Subscription
from simulator.symbols import Instrument

Resend = Literal["data", "snapshot", "none"]
EXTRA = b'"sessionPhase":"X","newField":{"nested":[1,2]},'
_HEADS = {"data": protocol.DATA_HEAD, "snapshot": protocol.SNAPSHOT_HEAD}


@dataclass(slots=True)
class Exchange:
    """Shared by every connection. `resend`: how the last trade comes again after a subscribe."""

    clock: Clock
    ledger: Ledger
    account: Account
    routes: Routes
    instruments: dict[str, Instrument]
    day: date = date.min
    resend: Resend = "data"
    faults: Faults = field(default_factory=Faults)
    trading: asyncio.Event = field(default_factory=asyncio.Event)  # unset: nothing is printed
    last: dict[tuple[str, bool], Print] = field(default_factory=dict)
    is_away: bool = False  # nobody is let in to the stream
    monotonic: Callable[[], float] = time.monotonic

    def lists(self, symbol: str) -> bool:
        """Whether the symbol can be subscribed to."""
        return symbol in self.instruments

    def open_day(self, day: date, instruments: list[Instrument]) -> None:
        """A new trading day: its prices are recorded, and what was printed before is history."""
        self.day = day
        self.instruments = {each.symbol: each for each in instruments}
        self.last.clear()
        prices = {each.symbol: (each.reference, each.previous_close) for each in instruments}
        self.ledger.day(Day(day.isoformat(), prices))

    def publish(self, prints: list[Print]) -> None:
        """Print: record all of it, then send what the faults let through."""
        for each in prints:
            self.ledger.trade(each)
            self.remember(each)
        self.deliver(self._spared(prints) if self.faults.active else prints)

    def remember(self, each: Print) -> None:
        """The last trade of a symbol is what a new subscriber gets."""
        if each.trades:
            self.last[each.symbol, each.odd] = each

    def deliver(self, prints: Iterable[Print]) -> None:
        """Send prints to their subscribers; the ledger is written before the sockets."""
        dealt = list(self.routes.deal(prints))
        if dealt and self._hears_nothing():
            dealt = []
        now = self.clock.now_us()
        for listener, parts in dealt:
            self.ledger.sent(now, listener.number, (each for _, each in parts))
        self.ledger.flush()
        extra = bool(dealt) and self.strikes("extra_fields") is not None
        for listener, parts in dealt:
            listener.wire.send([subscription.framed(_widened(each) if extra else each) for subscription, each in parts])

    def reply(self, listener: Listener, frames: Iterable[bytes]) -> None:
        """Send frames that are not prints."""
        if self.faults.active and self.strikes("silent"):
            return
        now, frames = self.clock.now_us(), list(frames)
        for each in frames:
            self.ledger.frame(now, listener.number, each)
        self.ledger.flush()
        listener.wire.send(frames)

    def send_last(self, listener: Listener, subscribed: Iterable[Subscription]) -> None:
        """After a subscribe the last trade comes again, verbatim, as the resend setting says."""
        head = _HEADS.get(self.resend)
        last = [(each, self.last.get((each.symbol, each.odd))) for each in subscribed]
        known = [(each, found) for each, found in last if found is not None]
        if head is None or not known or self._hears_nothing():
            return
        self.ledger.sent(self.clock.now_us(), listener.number, (each for _, each in known))
        self.ledger.flush()
        listener.wire.send([subscription.framed(each, head) for subscription, each in known])

    def strikes(self, name: str) -> Fault | None:
        """Whether a fault hits now."""
        return self.faults.strikes(name, self.monotonic()) if self.faults.active else None

    def _hears_nothing(self) -> bool:
        return bool(self.faults.active) and (self.strikes("silent") or self.strikes("mute")) is not None

    def _spared(self, prints: list[Print]) -> list[Print]:
        """What is sent now: without the swallowed and the late ones, with the doubled ones twice."""
        now: list[Print] = []
        for each in prints:
            if not any(True for _ in self.routes.of(each)) or self.strikes("swallow"):
                continue
            if late := self.strikes("late"):
                asyncio.get_running_loop().call_later(late.after_s, self.deliver, [each])
                continue
            now.append(each)
            if self.strikes("duplicate"):
                now.append(each)
        return now


def _widened(each: Print) -> Print:
    return each._replace(body=b"{" + EXTRA + each.body[1:])
