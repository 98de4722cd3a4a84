"""Stock-Insights in one file: history over HTTP, and live rows that survive whatever happens to the connection.

Needs msgspec, httpx and websockets>=16, and nothing else of this project: copy it. Prices are exact `Decimal`s,
volumes board lots, seconds epoch seconds (UTC). Of two rows with one symbol and second, more `trades` is newer.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from decimal import Decimal
from typing import Any, Generic, Literal, Self, TypeVar

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

Channel = Literal["bars", "averages", "status", "alerts"]
Key = tuple[str, int]
EVERY = "*"
_SILENCE_S = 10.0  # the server speaks once a second
_LONGEST_PAUSE_S = 15.0
_ASK_AGAIN_S = 5  # for a symbol that is not known yet, in heartbeats
_PAGE = 20_000
_AT_ONCE = 100  # symbols in a message; it may have 4 KiB
_ROWS = frozenset({"bars", "averages"})
_MOST_FIRED = 10_000  # alerts known by their id; the server holds 5,000 events
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_FAILURES = (OSError, TimeoutError, WebSocketException, httpx.TransportError)


class Bar(msgspec.Struct, frozen=True):
    """One symbol, one second that traded."""

    symbol: str
    second: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    trades: int
    turnover: Decimal
    vwap: Decimal
    prior_volume: int | None
    day_volume: int | None
    buy_volume: int
    sell_volume: int
    auction: Literal["open", "close", "call"] | None
    last_trade_us: int


class Average(msgspec.Struct, frozen=True):
    """Means of the vwaps of the traded seconds among the last 5, 10 and 15, and how many those were."""

    symbol: str
    second: int
    sma_5: Decimal | None
    count_5: int
    sma_10: Decimal | None
    count_10: int
    sma_15: Decimal | None
    count_15: int
    trades: int


class Gap(msgspec.Struct, frozen=True):
    """`missing_lots` between two trades of a symbol; of two words on one gap the later told (`at_us`) is newer."""

    symbol: str
    from_us: int
    to_us: int
    missing_lots: int
    state: Literal["open", "healed", "lost"]
    reason: str
    at_us: int = 0


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert fired, for `second`; the same `id` is the same firing, wherever it is told. Unused fields are None."""

    id: str
    alert: int
    second: int
    rule: Literal["price", "average", "gap", "stale"]
    symbol: str | None
    direction: Literal["up", "down"] | None
    level: Decimal | None
    fast: int | None
    slow: int | None
    after_s: int | None
    before: Decimal | None
    now: Decimal | None


class Standing(msgspec.Struct, frozen=True):
    """An alert as it stands: `fired` is the last second it fired for, `rule` what was asked for."""

    id: int
    created: int
    fired: int | None
    fires: int
    rule: dict[str, Any]


class SymbolInfo(msgspec.Struct, frozen=True):
    """Reference data of a symbol, its last bar, and through which second it is exact."""

    symbol: str
    name: str | None
    name_en: str | None
    market: str | None
    reference_price: Decimal | None
    limit_up: Decimal | None
    limit_down: Decimal | None
    board_lot: int | None
    last: Bar | None
    exact_through: int | None


class _Limits(msgspec.Struct):
    snapshot_s: int


class _Welcome(msgspec.Struct, tag="welcome"):
    server_time_us: int
    limits: _Limits


class _Refused(msgspec.Struct):
    symbol: str
    code: int
    reason: str


class _Ack(msgspec.Struct, tag="ack"):
    refused: list[_Refused]


class _Snapshot(msgspec.Struct, tag="snapshot"):
    symbol: str
    complete: bool
    resumed: bool
    bars: list[Bar]
    averages: list[Average]


class _Ready(msgspec.Struct, tag="ready"):
    id: int | None


class _Bar(msgspec.Struct, tag="bar"):
    data: Bar


class _Average(msgspec.Struct, tag="average"):
    data: Average


class _Gap(msgspec.Struct, tag="gap"):
    data: Gap


class _Alert(msgspec.Struct, tag="alert"):
    data: Alert


class Status(msgspec.Struct, tag="status", frozen=True):
    """The whole path, once a second; `exact_through`: the second through which all is counted, None if unknown."""

    at_us: int
    phase: str
    trading_day: str
    exact_through: int | None
    position: str


class _Bye(msgspec.Struct, tag="bye"):
    reconnect_after_ms: int


class _Error(msgspec.Struct, tag="error"):
    code: int
    message: str


Row = Bar | Average
Event = Bar | Average | Gap | Alert | Status
R = TypeVar("R", Bar, Average, Gap, SymbolInfo, Standing)
_decode = msgspec.json.Decoder(
    _Welcome | _Ack | _Snapshot | _Ready | _Bar | _Average | _Gap | _Alert | Status | _Bye | _Error
).decode  # fmt: skip


class _Page(msgspec.Struct, Generic[R]):
    items: list[R]
    next: str | None


def _page(body: bytes, kind: type[R]) -> _Page[R]:
    generic: Any = _Page
    page: _Page[R] = msgspec.json.decode(body, type=generic[kind])
    return page


class Problem(RuntimeError):  # noqa: N818 - the standard's word (RFC 9457)
    """What the server refused, in its own words."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status


class History:
    """What is recorded, page by page. Raises `Problem`, `httpx.TransportError`."""

    def __init__(self, server: str) -> None:
        self._http = httpx.Client(base_url=f"{server}/api/v1", timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def bars(self, symbol: str, start: int | None = None, end: int | None = None) -> Iterator[Bar]:
        """Ascending, of seconds in [start, end); without them the newest trading day until now."""
        return self._items(f"/bars/{symbol}", Bar, start=start, end=end, limit=_PAGE)

    def averages(self, symbol: str, start: int | None = None, end: int | None = None) -> Iterator[Average]:
        return self._items(f"/averages/{symbol}", Average, start=start, end=end, limit=_PAGE)

    def symbols(self, q: str = "") -> list[SymbolInfo]:
        """By part of a code or of a name, Chinese or English."""
        return list(self._items("/symbols", SymbolInfo, q=q))

    def gaps(self, symbol: str | None = None, state: str | None = None) -> Iterator[Gap]:
        """The newest first."""
        return self._items("/gaps", Gap, symbol=symbol, state=state)

    def status(self) -> dict[str, Any]:
        return dict(msgspec.json.decode(self._get("/status", {})))

    def explain(self, symbol: str, second: int) -> dict[str, Any]:
        """The bar, the trades it was made of, its revisions, and what proves it."""
        return dict(msgspec.json.decode(self._get(f"/explain/{symbol}/{second}", {})))

    def _items(self, path: str, kind: type[R], **query: Any) -> Iterator[R]:
        asked = {name: value for name, value in query.items() if value is not None}
        while True:
            page = _page(self._get(path, asked), kind)
            yield from page.items
            if page.next is None:
                return
            asked["cursor"] = page.next

    def _get(self, path: str, query: dict[str, Any]) -> bytes:
        return _body(self._http.get(path, params=query))


class Alerts:
    """The alerts of one owner: a random word of 16 to 64 letters and digits. Raises `Problem`, `httpx.TransportError`.

    They fire as `Alert` on a `Live` with the channel `alerts`; of a symbol it follows, or of all.
    """

    def __init__(self, server: str, owner: str) -> None:
        self._http = httpx.Client(base_url=f"{server}/api/v1", timeout=30, headers={"Alert-Owner": owner})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def price(self, symbol: str, direction: Literal["up", "down"], level: Decimal | float, **more: Any) -> Standing:
        """When the price reaches a level; `more`: cool_down_s, webhook."""
        return self.set(type="price", symbol=symbol, direction=direction, level=level, **more)

    def set(self, **rule: Any) -> Standing:
        """Any rule, in the words of /docs."""
        body = msgspec.json.Encoder(decimal_format="number").encode(rule)
        answer = self._http.post("/alerts", content=body, headers={"content-type": "application/json"})
        return msgspec.json.decode(_body(answer), type=Standing)

    def all(self) -> list[Standing]:
        return _page(_body(self._http.get("/alerts")), Standing).items

    def remove(self, alert: int) -> None:
        _body(self._http.delete(f"/alerts/{alert}"))


def _body(answer: httpx.Response) -> bytes:
    if not answer.is_success:
        raise Problem(answer.status_code, answer.text[:500])
    return answer.content


class Live:
    """Rows of some symbols (`*`: all), merged: `bars` and `averages` by (symbol, second) are what is true now.

    So is `gaps`, by (symbol, from_us, to_us), of what was told from `since` on, or as far back as the server knows.
    Reconnects by itself, to the next server of several, and goes on where it was: nothing is lost, doubled or stale.
    `since`: the first epoch second wanted; None: the last 15 minutes.
    """

    def __init__(
        self,
        servers: str | Sequence[str],
        symbols: Sequence[str],
        channels: Sequence[Channel] = ("bars", "averages", "status"),
        since: int | None = None,
    ) -> None:
        self._servers = [servers] if isinstance(servers, str) else list(servers)
        self._symbols, self._channels, self._since = list(symbols), list(channels), since
        self.bars: dict[Key, Bar] = {}
        self.averages: dict[Key, Average] = {}
        self.gaps: dict[tuple[str, int, int], Gap] = {}
        self.status: Status | None = None
        self.refused: dict[str, str] = {}  # symbol to reason; asked for again and again
        self.ready = asyncio.Event()  # all that was asked for is here
        self.connections = self.resumptions = 0
        self._place = ""  # the position to resume from, and the symbols it covers
        self._covered: frozenset[str] = frozenset()
        self._partial: set[str] = set()  # symbols whose snapshot was not whole
        self._fired: dict[str, None] = {}  # alerts may be told again after a cut; the oldest first
        self._asked = self._beats = self._tries = self._failures = 0
        self._earliest = 0
        self._pause_s = 0.0

    async def __aiter__(self) -> AsyncIterator[Event]:
        """What is new, as it comes, without end. Raises `Problem` for what no new try would mend."""
        while True:
            server = self._servers[self._tries % len(self._servers)]
            self._tries += 1
            try:
                async with aclosing(self._hear(server)) as events:
                    async for event in events:
                        yield event
            except InvalidStatus as error:
                if error.response.status_code not in _LATER:
                    raise Problem(error.response.status_code, bytes(error.response.body or b"").decode()) from error
            except Problem as problem:
                if problem.status not in _LATER:
                    raise
            except _FAILURES:
                pass
            self.ready.clear()
            await asyncio.sleep(self._next_pause_s())

    def _next_pause_s(self) -> float:
        """As long as the server asked for; longer with each failure; never all clients at once."""
        asked_s, self._pause_s = self._pause_s, 0.0
        self._failures += 1
        return asked_s + random.uniform(0, min(_LONGEST_PAUSE_S, 0.1 * 2**self._failures))  # noqa: S311 - no secret

    async def _hear(self, server: str) -> AsyncGenerator[Event, None]:
        async with connect(server.replace("http", "ws", 1) + "/ws", max_size=None, compression=None) as socket:
            self.connections += 1
            while True:
                async with asyncio.timeout(_SILENCE_S):
                    text = await socket.recv()
                try:
                    message = _decode(text)
                except msgspec.ValidationError:
                    continue  # a kind of message that this client does not know
                for event in await self._take(message, socket, server):
                    yield event

    async def _take(self, message: Any, socket: ClientConnection, server: str) -> list[Event]:
        match message:
            case _Bar() | _Average():
                return self._news([message.data])
            case _Snapshot():
                return await self._take_snapshot(message, server)
            case _Gap():
                return self._hear_gap(message.data)
            case _Alert() if message.data.id not in self._fired:
                return self._hear_alert(message.data)
            case _Alert():
                return []
            case Status():
                await self._beat(message, socket)
                return [message]
            case _Welcome():
                await self._subscribe_all(message, socket)
            case _:
                self._note(message)
        return []

    def _note(self, message: _Ack | _Ready | _Bye | _Error) -> None:
        match message:
            case _Error():
                raise Problem(message.code, message.message)
            case _Ack():
                self.refused |= {each.symbol: each.reason for each in message.refused}
            case _Ready() if message.id == self._asked and not self._partial:
                self.ready.set()
                self._failures = 0
            case _Bye():
                self._pause_s = message.reconnect_after_ms / 1_000

    async def _subscribe_all(self, welcome: _Welcome, socket: ClientConnection) -> None:
        now = welcome.server_time_us // 1_000_000
        self._since = now - 900 if self._since is None else self._since
        self._earliest = now - welcome.limits.snapshot_s + 60  # what lies before it is history's to tell
        self._partial.clear()
        self.refused.clear()
        covered = [symbol for symbol in self._symbols if symbol in self._covered]
        rest = [symbol for symbol in self._symbols if symbol not in self._covered]
        if covered:
            await self._subscribe(socket, covered, position=self._place)
        if rest:
            await self._subscribe(socket, rest)

    async def _subscribe(self, socket: ClientConnection, symbols: list[str], **more: str | list[Channel]) -> None:
        """In several messages where one would be too large."""
        self.ready.clear()
        since = max(self._since or 0, self._earliest)
        for at in range(0, len(symbols), _AT_ONCE):
            self._asked += 1
            order = {"type": "subscribe", "id": self._asked, "channels": self._channels, "since": since}
            order["symbols"] = symbols[at : at + _AT_ONCE]
            await socket.send(msgspec.json.encode(order | more).decode())

    async def _take_snapshot(self, snapshot: _Snapshot, server: str) -> list[Event]:
        self.resumptions += snapshot.resumed
        if not snapshot.complete:
            self._partial.add(snapshot.symbol)
        else:
            self._partial.discard(snapshot.symbol)
        rows: list[Row] = [*snapshot.bars, *snapshot.averages]
        if not snapshot.resumed and (self._since or 0) < self._earliest:
            rows += await self._older(snapshot.symbol, server)
        return self._news(rows)

    async def _older(self, symbol: str, server: str) -> list[Row]:
        """What no snapshot reaches."""
        rows: list[Row] = []
        async with httpx.AsyncClient(base_url=f"{server}/api/v1", timeout=30) as http:
            kinds: dict[Channel, type[Any]] = {"bars": Bar, "averages": Average}
            for channel, kind in kinds.items():
                query: dict[str, Any] = {"start": self._since, "end": self._earliest, "limit": _PAGE}
                while channel in self._channels:
                    page = _page(_body(await http.get(f"/{channel}/{symbol}", params=query)), kind)
                    rows += page.items
                    if page.next is None:
                        break
                    query["cursor"] = page.next
        return rows

    async def _beat(self, status: Status, socket: ClientConnection) -> None:
        """Keep the place that everything until now has come from; ask again for what did not come."""
        self.status = status
        self._beats += 1
        if self.ready.is_set():
            self._place, self._covered = status.position, frozenset({*self._symbols} - self.refused.keys())
        if self._partial:
            again, self._partial = sorted(self._partial), set()
            # Rows only: the events have been told, and would be told again each second.
            await self._subscribe(socket, again, channels=[each for each in self._channels if each in _ROWS])
        elif self.refused and self._beats % _ASK_AGAIN_S == 0:
            again, self.refused = sorted(self.refused), {}
            await self._subscribe(socket, again)

    def _hear_alert(self, alert: Alert) -> list[Event]:
        self._fired[alert.id] = None
        if len(self._fired) > _MOST_FIRED:
            del self._fired[next(iter(self._fired))]
        return [alert]

    def _hear_gap(self, gap: Gap) -> list[Event]:
        key = gap.symbol, gap.from_us, gap.to_us
        known = self.gaps.get(key)
        if known == gap or (known is not None and gap.at_us < known.at_us):
            return []
        self.gaps[key] = gap
        return [gap]

    def _news(self, rows: list[Row]) -> list[Event]:
        return [row for row in rows if self._merge(row)]

    def _merge(self, row: Row) -> bool:
        """The one rule: of two rows for one symbol and second, the one that counts more trades is newer."""
        held: dict[Key, Any] = self.bars if isinstance(row, Bar) else self.averages
        known = held.get((row.symbol, row.second))
        if known is not None and row.trades <= known.trades:
            return False
        held[row.symbol, row.second] = row
        return True
