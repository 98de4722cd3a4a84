"""Live path: newest versions to everybody who asked, the same bytes to all. Pure: writes to clients, awaits nothing."""

from collections.abc import Hashable, Iterable
from typing import Literal

from api.client import Client, Traffic
from api.events import Event, Events
from api.frames import average_frame, bar_frame
from api.memory import Memory
from api.records import Row

Channel = Literal["bars", "averages", "status", "alerts"]
EVERY = "*"
_CHANNEL: dict[str, Channel] = {"bar": "bars", "average": "averages"}
_FRAME = {"bar": bar_frame, "average": average_frame}


class Hub:
    """Who wants what, and what was said lately."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.events = Events()
        self.traffic = Traffic()
        self._wants: dict[Client, set[tuple[Channel, str]]] = {}
        self._wanted: dict[tuple[Channel, str], set[Client]] = {}

    def publish(self, row: Row, now_s: float) -> bool:
        """Merge a row; if it is news, send it to its subscribers. Whether it was."""
        if not self.memory.accept(row, now_s):
            return False
        self.tell(_CHANNEL[row.kind], row.symbol, (row.kind, row.symbol, row.second), _FRAME[row.kind](row.value))
        return True

    def announce(self, event: Event) -> None:
        """An event to whoever wants it, and to those who come back for it."""
        self.events.keep(event)
        self.tell_any(event.channel, event.symbol, event.key, event.frame)

    def tell(self, channel: Channel, symbol: str, key: Hashable, frame: bytes) -> None:
        """`frame` to the subscribers of one symbol on a channel; a slow one may leave while it is told."""
        wanting = self._wanted
        named, all_ = wanting.get((channel, symbol)), wanting.get((channel, EVERY))
        if named is None and all_ is None:
            return
        for client in tuple(named | all_ if named and all_ else named or all_ or ()):
            client.send(key, frame)

    def tell_any(self, channel: Channel, symbol: str | None, key: Hashable, frame: bytes) -> None:
        """As `tell`; without a symbol to all subscribers of the channel."""
        if symbol is not None:
            self.tell(channel, symbol, key, frame)
            return
        told = {client for (name, _), clients in self._wanted.items() if name == channel for client in clients}
        for client in told:
            client.send(key, frame)

    def tell_all(self, key: Hashable, frame: bytes) -> None:
        for client in tuple(self._wants):
            if not client.is_plain:
                client.send(key, frame)

    def clients(self) -> tuple[Client, ...]:
        return tuple(self._wants)

    def join(self, client: Client) -> None:
        self._wants[client] = set()

    def leave(self, client: Client) -> None:
        for where in self._wants.pop(client, ()):
            self._drop(where, client)

    def subscribe(self, client: Client, channels: Iterable[Channel], symbol: str) -> None:
        """Nothing happens for a client that left."""
        wants = self._wants.get(client)
        if wants is not None:
            for channel in channels:
                wants.add((channel, symbol))
                self._wanted.setdefault((channel, symbol), set()).add(client)

    def unsubscribe(self, client: Client, channels: Iterable[Channel], symbol: str) -> None:
        for channel in channels:
            self._wants.get(client, set()).discard((channel, symbol))
            self._drop((channel, symbol), client)

    def wants(self, client: Client) -> dict[Channel, set[str]]:
        """The effective subscriptions of a client, by channel."""
        subscriptions: dict[Channel, set[str]] = {}
        for channel, symbol in self._wants.get(client, ()):
            subscriptions.setdefault(channel, set()).add(symbol)
        return subscriptions

    def _drop(self, where: tuple[Channel, str], client: Client) -> None:
        clients = self._wanted.get(where)
        if clients is not None:
            clients.discard(client)
            if not clients:
                del self._wanted[where]
