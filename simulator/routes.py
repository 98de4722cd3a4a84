"""Who gets the prints of which symbol and board."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from simulator import protocol
from simulator.prints import Print
from simulator.wire import Wire


class Listener(Protocol):
    """A connection, as far as sending to it goes."""

    @property
    def number(self) -> int: ...
    @property
    def wire(self) -> Wire: ...


@dataclass(slots=True)
class Subscription:
    """One (symbol, board) of one connection."""

    id: str
    symbol: str
    odd: bool
    listener: Listener
    tail: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.tail = protocol.tail(self.id)

    def framed(self, each: Print, head: bytes = protocol.DATA_HEAD) -> bytes:
        return head + each.body + self.tail


class Routes:
    """Subscriptions by (symbol, odd lot)."""

    def __init__(self, *, all_boards_to_all: bool = False) -> None:
        self._by_key: dict[tuple[str, bool], dict[str, Subscription]] = defaultdict(dict)
        self._all_boards = all_boards_to_all

    def add(self, each: Subscription) -> None:
        self._by_key[each.symbol, each.odd][each.id] = each

    def remove(self, each: Subscription) -> None:
        self._by_key[each.symbol, each.odd].pop(each.id, None)

    def of(self, each: Print) -> Iterable[Subscription]:
        """Who gets this print."""
        key = (each.symbol, each.odd and not self._all_boards)
        return self._by_key[key].values() if key in self._by_key else ()

    def deal(self, prints: Iterable[Print]) -> Iterator[tuple[Listener, list[tuple[Subscription, Print]]]]:
        """The prints of one moment, by connection, in their order."""
        dealt: dict[int, tuple[Listener, list[tuple[Subscription, Print]]]] = {}
        for each in prints:
            for subscription in self.of(each):
                listener = subscription.listener
                dealt.setdefault(listener.number, (listener, []))[1].append((subscription, each))
        return iter(dealt.values())
