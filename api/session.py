"""One browser's conversation: its messages obeyed, its snapshots sent one after another, its limits kept."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import count

from api import position, protocol
from api.client import Client
from api.events import Missed
from api.frames import text_frame
from api.hub import EVERY, Channel, Hub
from api.limits import Limits
from api.protocol import List, Ping, Refusal, Rows, Subscribe, Unsubscribe
from api.records import Row
from api.snapshots import Snapshots
from api.wishes import Wish, Wishes

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


class Session:
    """Speaks for one client. `hear` answers at once; snapshots follow from `work`."""

    def __init__(self, house: House, client: Client, drained: Callable[[], Awaitable[object]]) -> None:
        self._house = house
        self._client = client
        self._drained = drained
        self._wishes = Wishes()
        self._wished = asyncio.Event()
        self._missed = Missed(house.hub.events)
        self._numbers = count()
        self._recent: deque[float] = deque(maxlen=house.limits.messages_per_s)
        self._excess = 0
        self._answering: int | None = None  # the id of the last subscription
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
        """Send what was missed and then snapshots, each when the last has left: a slow client holds one, not all."""
        while True:
            await self._wished.wait()
            self._wished.clear()
            # A subscription may come while a snapshot is awaited: what it missed goes before what it wishes for.
            while self._missed or self._wishes.first() is not None:
                await self._drained()
                await self._send_next()
            self._say(protocol.ready(self._answering))

    async def _send_next(self) -> None:
        if self._missed:
            for event in self._missed.take(self._client.room // 2):  # the other half is for what comes meanwhile
                self._client.send(event.key, event.frame)
        elif (wanted := self._wishes.first()) is not None:
            await self._fulfil(*wanted)

    async def _fulfil(self, symbol: str, wish: Wish) -> None:
        if self._resume(symbol, wish):
            return
        since, asked, now = self._range(wish.since)
        recorded = await self._house.snapshots.recorded(symbol, since, now + 2)
        # No await from here to the end: what arrives before is in the snapshot, what arrives after follows it.
        if not self._wishes.take(symbol, wish):
            return  # unsubscribed meanwhile, or wished for otherwise: then it comes again
        self._follow(symbol, wish)
        bars, averages = self._house.snapshots.merge(recorded, symbol, since)
        rows = _rows(wish, bars, averages)
        complete = recorded.complete and since == asked
        self._say(protocol.snapshot(symbol, Rows(*rows, since, complete)))

    def _resume(self, symbol: str, wish: Wish) -> bool:
        """Without the database: what came after the client's position, if memory reaches that far."""
        memory, given = self._house.hub.memory, position.of_rows(_place(wish.position))
        if not given or not memory.holds(given):
            return False
        self._wishes.take(symbol, wish)
        self._follow(symbol, wish)
        rows = _rows(wish, memory.rows_after("bar", symbol, given), memory.rows_after("average", symbol, given))
        if wish.is_named or any(rows):  # of `*`, only those that have news
            self._say(protocol.snapshot(symbol, Rows(*rows, wish.since, complete=True, resumed=True)))
        return True

    def _follow(self, symbol: str, wish: Wish) -> None:
        if wish.is_named:
            self._house.hub.subscribe(self._client, wish.channels, symbol)

    def _range(self, since: int) -> tuple[int, int, int]:
        """First second to send, first second asked for, this second."""
        now = self._house.now_us() // 1_000_000
        asked = min(since, now)
        return max(asked, now - self._house.limits.snapshot_s), asked, now

    def _subscribe(self, message: Subscribe) -> None:
        self.has_subscribed = True
        refusals = protocol.refused(message.symbols, self._house.known())
        symbols = [symbol for symbol in dict.fromkeys(message.symbols) if symbol not in refusals]
        channels = tuple(dict.fromkeys(message.channels))
        if self._is_too_much(symbols):
            limit = self._house.limits.subscriptions
            self.refuse(Refusal(429, f"at most {limit} symbols at a time; unsubscribe some first", message.id))
            return
        data = frozenset(channels) - protocol.EVENTS
        for symbol in symbols:
            # "*" cannot wait for every symbol's snapshot: its live data may come before them, and merges.
            self._house.hub.subscribe(self._client, channels if symbol == EVERY else _events(channels), symbol)
        if data:
            self._wish(symbols, message)
        if message.since is not None or message.position is not None:
            since = self._house.now_us() // 1_000_000 if message.since is None else message.since
            self._missed.note(channels, None if EVERY in symbols else symbols, _place(message.position), since)
        self._answering = message.id
        self._acknowledge(message.id, refusals)
        self._wished.set()

    def _is_too_much(self, symbols: Iterable[str]) -> bool:
        wants = self._house.hub.wants(self._client)
        held = {symbol for each in wants.values() for symbol in each}
        held |= {symbol for symbol, _ in self._wishes.named()}
        return len(held.union(symbols)) > self._house.limits.subscriptions

    def _wish(self, symbols: list[str], message: Subscribe) -> None:
        channels: frozenset[Channel] = frozenset(message.channels) - protocol.EVENTS
        since = self._house.now_us() // 1_000_000 - protocol.SNAPSHOT_S if message.since is None else message.since
        for symbol in symbols:
            if symbol != EVERY:
                self._wishes.add(symbol, Wish(channels, since, message.position, is_named=True))
        for symbol in sorted(self._house.known()) if EVERY in symbols else ():
            self._wishes.add(symbol, Wish(channels, since, message.position, is_named=False))

    def _unsubscribe(self, message: Unsubscribe) -> None:
        wants = self._house.hub.wants(self._client)
        for channel in message.channels:
            for symbol in message.symbols or tuple(wants.get(channel, ())):
                self._house.hub.unsubscribe(self._client, (channel,), symbol)
        self._wishes.remove(message.symbols, frozenset(message.channels))
        self._acknowledge(message.id, {})

    def _acknowledge(self, number: int | None, refusals: dict[str, Refusal]) -> None:
        """Subscriptions whose snapshot is still to come are effective: nothing of theirs will be missed."""
        wants = self._house.hub.wants(self._client)
        for symbol, wish in self._wishes.named():
            for channel in wish.channels:
                wants.setdefault(channel, set()).add(symbol)
        self._say(protocol.ack(number, wants, refusals))

    def _say(self, payload: bytes) -> None:
        self._client.send(("said", "", next(self._numbers)), text_frame(payload))


def _place(given: str | None) -> position.Position:
    return position.parse(given or "") or {}


def _events(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    return tuple(channel for channel in channels if channel in protocol.EVENTS)


def _rows(wish: Wish, bars: Iterable[Row], averages: Iterable[Row]) -> tuple[list[bytes], list[bytes]]:
    """The records' bytes, of the channels wished for."""
    return (
        [row.value for row in bars if "bars" in wish.channels],
        [row.value for row in averages if "averages" in wish.channels],
    )
