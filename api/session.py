"""One browser's conversation: its messages obeyed, its snapshots sent one after another, its limits kept."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import count

from api import protocol
from api.client import Client
from api.frames import text_frame
from api.hub import EVERY, Channel, Hub
from api.protocol import Limits, List, Ping, Refusal, Subscribe, Unsubscribe
from api.snapshots import Snapshots

POLICY_VIOLATION = 1008
_PATIENCE = 100  # messages over the limit before the conversation ends


@dataclass(frozen=True, slots=True)
class House:
    """What every conversation needs. `known`: the symbols there are; `is_warm`: what came before is read."""

    hub: Hub
    snapshots: Snapshots
    known: Callable[[], set[str]]
    now_us: Callable[[], int]
    limits: Limits
    is_warm: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Wish:
    """A snapshot still to be sent; one that was asked for by name subscribes its symbol in the same breath."""

    channels: frozenset[Channel]
    since: int | None
    is_named: bool

    def joined(self, other: "Wish") -> "Wish":
        sinces = [self.since, other.since]
        since = None if None in sinces else min(each for each in sinces if each is not None)
        return Wish(self.channels | other.channels, since, self.is_named or other.is_named)


class Session:
    """Speaks for one client. `hear` answers at once; snapshots follow from `work`."""

    def __init__(self, house: House, client: Client, drained: Callable[[], Awaitable[object]]) -> None:
        self._house = house
        self._client = client
        self._drained = drained
        self._wishes: dict[str, Wish] = {}  # by symbol, in the order asked
        self._wished = asyncio.Event()
        self._numbers = count()
        self._recent: deque[float] = deque(maxlen=house.limits.messages_per_s)
        self._excess = 0
        self.has_subscribed = False

    def greet(self) -> None:
        self._say(protocol.welcome(self._house.now_us(), self._house.limits))

    def hear(self, text: str, now_s: float) -> None:
        """One frame of the client, answered in order."""
        if len(self._recent) == self._recent.maxlen and now_s - self._recent[0] < 1:
            self._excess += 1
            self.refuse(Refusal(429, f"at most {self._house.limits.messages_per_s} messages a second"))
            if self._excess > _PATIENCE:
                self._client.end(POLICY_VIOLATION, "too many messages")
            return
        self._recent.append(now_s)
        self.obey(protocol.parse(text, self._house.limits))

    def obey(self, message: protocol.ClientMessage | Refusal) -> None:
        match message:
            case Refusal():
                self.refuse(message)
            case Subscribe():
                self._subscribe(message)
            case Unsubscribe():
                self._unsubscribe(message)
            case List():
                self._acknowledge(message.id, {})
            case Ping():
                self._say(protocol.pong(message.id, self._house.now_us()))

    def refuse(self, refusal: Refusal) -> None:
        self._say(protocol.error(refusal))

    async def work(self) -> None:
        """Send snapshots one by one, each when the last has left: a slow client holds one, not all."""
        while True:
            await self._wished.wait()
            self._wished.clear()
            while self._wishes:
                await self._fulfil(next(iter(self._wishes)))
                await self._drained()

    async def _fulfil(self, symbol: str) -> None:
        since, asked, now = self._range(self._wishes[symbol].since)
        recorded = await self._house.snapshots.recorded(symbol, since, now + 2)
        # No await from here to the end: what arrives before is in the snapshot, what arrives after follows it.
        wish = self._wishes.pop(symbol, None)
        if wish is None:
            return  # unsubscribed meanwhile
        bars, averages = self._house.snapshots.merge(recorded, symbol, since)
        if wish.is_named:
            self._house.hub.subscribe(self._client, wish.channels, symbol)
        shown = [row.value for row in bars if "bars" in wish.channels]
        means = [row.value for row in averages if "averages" in wish.channels]
        complete = recorded.complete and since == asked
        self._say(protocol.snapshot(symbol, shown, means, since, complete=complete))

    def _range(self, since: int | None) -> tuple[int, int, int]:
        """First second to send, first second asked for, this second."""
        now = self._house.now_us() // 1_000_000
        asked = now - protocol.SNAPSHOT_S if since is None else since
        return max(min(asked, now), now - self._house.limits.snapshot_s), min(asked, now), now

    def _subscribe(self, message: Subscribe) -> None:
        self.has_subscribed = True
        refusals = protocol.refused(message.symbols, self._house.known())
        symbols = [symbol for symbol in dict.fromkeys(message.symbols) if symbol not in refusals]
        channels = tuple(dict.fromkeys(message.channels))
        if self._is_too_much(symbols):
            limit = self._house.limits.subscriptions
            self.refuse(Refusal(429, f"at most {limit} symbols at a time; unsubscribe some first", message.id))
            return
        data = frozenset(channels) - {"status"}
        for symbol in symbols:
            # "*" cannot wait for every symbol's snapshot: its live data may come before them, and merges.
            self._house.hub.subscribe(self._client, channels if symbol == EVERY else _events(channels), symbol)
        if data:
            self._wish(symbols, data, message.since)
        self._acknowledge(message.id, refusals)

    def _is_too_much(self, symbols: Iterable[str]) -> bool:
        wants = self._house.hub.wants(self._client)
        held = {symbol for each in wants.values() for symbol in each}
        held |= {symbol for symbol, wish in self._wishes.items() if wish.is_named}
        return len(held.union(symbols)) > self._house.limits.subscriptions

    def _wish(self, symbols: list[str], channels: frozenset[Channel], since: int | None) -> None:
        named = [symbol for symbol in symbols if symbol != EVERY]
        every = sorted(self._house.known()) if EVERY in symbols else []
        for symbol, is_named in [(each, True) for each in named] + [(each, False) for each in every]:
            wish, held = Wish(channels, since, is_named), self._wishes.get(symbol)
            self._wishes[symbol] = held.joined(wish) if held else wish
        self._wished.set()

    def _unsubscribe(self, message: Unsubscribe) -> None:
        wants = self._house.hub.wants(self._client)
        for channel in message.channels:
            for symbol in message.symbols or tuple(wants.get(channel, ())):
                self._house.hub.unsubscribe(self._client, (channel,), symbol)
        for symbol, wish in tuple(self._wishes.items()):
            if not message.symbols or symbol in message.symbols or EVERY in message.symbols:
                self._unwish(symbol, wish, frozenset(message.channels))
        self._acknowledge(message.id, {})

    def _unwish(self, symbol: str, wish: Wish, channels: frozenset[Channel]) -> None:
        if wish.channels <= channels:
            del self._wishes[symbol]
        else:
            self._wishes[symbol] = Wish(wish.channels - channels, wish.since, wish.is_named)

    def _acknowledge(self, number: int | None, refusals: dict[str, Refusal]) -> None:
        """Subscriptions whose snapshot is still to come are effective: nothing of theirs will be missed."""
        wants = self._house.hub.wants(self._client)
        for symbol, wish in self._wishes.items():
            for channel in wish.channels if wish.is_named else ():
                wants.setdefault(channel, set()).add(symbol)
        self._say(protocol.ack(number, wants, refusals))

    def _say(self, payload: bytes) -> None:
        self._client.send(("said", "", next(self._numbers)), text_frame(payload))


def _events(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    return tuple(channel for channel in channels if channel == "status")
