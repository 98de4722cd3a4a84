"""What was told on `status` and `alerts`: the newest of each event, for those who were away meanwhile. Pure."""

from collections.abc import Collection, Hashable, Iterator
from typing import Literal, NamedTuple

from api.alerts import LATEST_S
from api.position import Place, Position

MOST = 5_000
_AT_ONCE = 500
ALERTS: Place = ("alert", 0)  # they stand in no topic; their place is the second they fired for


class Event(NamedTuple):
    """`symbol`: None is every one; `key`: what it is the last word on; `second`: when it was told, of the market.

    `place` and `offset`: where it stands.
    """

    channel: Literal["status", "alerts"]
    symbol: str | None
    key: Hashable
    second: int
    frame: bytes
    place: Place
    offset: int


class Events:
    """The last `most`, in the order they came."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: dict[Hashable, Event] = {}
        self._next: dict[Place, int] = {}

    def reach(self, place: Place, offset: int) -> None:
        """A record of the feed came, whatever it says."""
        self._next[place] = offset + 1

    def keep(self, event: Event) -> None:
        self._held.pop(event.key, None)
        self._held[event.key] = event
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]

    def position(self, now_s: int) -> Position:
        """What was told before it is known to whoever listened until now."""
        return {**self._next, ALERTS: now_s}

    def missed(self, position: Position, since: int) -> Iterator[Event]:
        """What came after a position; where it says nothing of a topic, what was told from the second `since` on."""
        for event in self._held.values():
            if (reached := self._reached(event.place, position)) is None:
                is_missed = event.second >= since
            else:  # an alert may be told so long after the second it fires for
                is_missed = event.offset >= reached - (LATEST_S if event.place == ALERTS else 0)
            if is_missed:
                yield event

    def _reached(self, place: Place, position: Position) -> int | None:
        """What a position says of a place; nothing, if it says more than was ever here: the topic was made anew."""
        reached = position.get(place)
        if reached is None or (place != ALERTS and reached > self._next.get(place, 0)):
            return None
        return reached

    def is_newest(self, event: Event) -> bool:
        """Whether nothing was told of the same since."""
        return self._held.get(event.key) is event


class Missed:
    """Events still to be told to one client."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._held: dict[Hashable, Event] = {}

    def note(self, channels: Collection[str], symbols: Collection[str] | None, position: Position, since: int) -> None:
        """What it missed of some symbols; None: of every one."""
        wanted = None if symbols is None else {None, *symbols}
        for event in self._events.missed(position, since):
            if event.channel in channels and (wanted is None or event.symbol in wanted):
                self._held[event.key] = event

    def take(self, most: int) -> Iterator[Event]:
        """Some, the oldest first; not those of which it has heard a later word meanwhile."""
        for key in tuple(self._held)[: min(most, _AT_ONCE)]:
            event = self._held.pop(key)
            if self._events.is_newest(event):
                yield event

    def __bool__(self) -> bool:
        return bool(self._held)
