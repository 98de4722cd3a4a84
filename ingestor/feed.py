"""One connection after another to the exchange: authenticate, subscribe, read, notice silence (fugle.md §1)."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from ingestor import faults
from ingestor.backoff import Backoff
from ingestor.frames import Authenticated, Frame, Refused, Subscribed
from ingestor.recording import Takes
from ingestor.silence import Silence
from ingestor.subscriptions import Subscriptions
from ingestor.tally import Tally
from ingestor.trades import Trade

_OPEN_S, _AUTH_S, _CLOSE_S, _WATCH_S = 10.0, 10.0, 1.5, 0.5
# Below 1 MiB by what a Kafka record adds, so that any frame that can be read fits into a dead letter.
MAX_FRAME_BYTES = 960 * 1_024
_MAX_FRAMES_WAITING = 16  # more stay in the kernel and, when that is full, with the exchange

log = logging.getLogger("ingestor")


@dataclass(frozen=True, slots=True)
class Account:
    """Where to connect, as whom, and for what; `quota` says in words what the plan allows."""

    url: str
    key: str
    watched: tuple[str, ...]
    quota: str


class Feed:
    """Keeps one connection alive for ever; `is_trading` says whether the market is in continuous trading now."""

    def __init__(
        self, account: Account, intake: Takes, tally: Tally, backoff: Backoff, is_trading: Callable[[], bool]
    ) -> None:
        self._account = account
        self._intake = intake
        self._tally = tally
        self._backoff = backoff
        self._is_trading = is_trading
        self._silence = Silence()
        self._subscriptions = Subscriptions((), monotonic())
        self._subscribed_s: float | None = None

    async def run(self) -> None:
        """Connect, read, and connect again until cancelled. Raises WrongKeyError and what Intake raises."""
        while True:
            self._subscribed_s, fault = None, None
            try:
                await self._connection()
            except* faults.NETWORK as group:
                fault = faults.first(group)
            finally:
                self._tally.connection, self._tally.confirmed = None, frozenset()
            if fault is not None:  # the connection never ends by itself
                await self._pause(fault)

    async def _pause(self, fault: BaseException) -> None:
        lasted_s = 0.0 if self._subscribed_s is None else monotonic() - self._subscribed_s
        pause_s = self._backoff.pause_s(crowded=faults.is_crowded(fault), lasted_s=lasted_s)
        self._tally.reconnects += 1
        why = faults.described(fault)
        log.warning("connection_lost connection=%d again_in_s=%.1f why=%r", self._tally.generation, pause_s, why)
        await asyncio.sleep(pause_s)

    async def _connection(self) -> None:
        """One socket, from the first byte to the last: when this returns or raises, it is closed."""
        self._tally.generation += 1
        async with connect(
            self._account.url,
            compression=None,
            open_timeout=_OPEN_S,
            close_timeout=_CLOSE_S,
            ping_interval=None,  # liveness is the protocol's own heartbeat
            max_size=MAX_FRAME_BYTES,
            max_queue=_MAX_FRAMES_WAITING,
        ) as socket:
            self._silence.connected(monotonic())
            await self._authenticate(socket)
            await self._subscribe(socket, self._account.watched)
            self._subscriptions = Subscriptions(self._account.watched, monotonic())
            self._subscribed_s, self._tally.connection = monotonic(), uuid4().hex
            log.info("connected connection=%d symbols=%d", self._tally.generation, len(self._account.watched))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch(socket))
                group.create_task(self._read(socket))

    async def _authenticate(self, socket: ClientConnection) -> None:
        await _send(socket, "auth", {"apikey": self._account.key})
        try:
            async with asyncio.timeout(_AUTH_S):
                while not isinstance(frame := await self._next(socket), Authenticated):
                    if isinstance(frame, Refused):
                        raise faults.refusal(frame)
        except TimeoutError as error:
            message = f"no answer to auth within {_AUTH_S:.0f} s"
            raise faults.LostError(message) from error

    async def _subscribe(self, socket: ClientConnection, symbols: tuple[str, ...]) -> None:
        await _send(socket, "subscribe", {"channel": "trades", "symbols": symbols})

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            match await self._next(socket):
                case Subscribed(symbols):
                    self._subscriptions.confirm(symbols)
                    self._tally.confirmed = frozenset(self._account.watched).difference(self._subscriptions.missing())
                case Refused() as refused:
                    self._heed(refused)

    async def _next(self, socket: ClientConnection) -> Frame:
        """The next frame, published. Bytes, because websockets ends the connection over a frame that is not UTF-8."""
        data = await socket.recv(decode=False)
        self._silence.busy()
        frame = await self._intake.take(data)
        self._silence.heard(monotonic(), trade=isinstance(frame, Trade))
        return frame

    def _heed(self, refused: Refused) -> None:
        if faults.over_connections(refused):
            message = f"the exchange gives the connection up (code {refused.code}: {refused.text})"
            raise faults.CrowdedError(message)
        if faults.over_quota(refused):
            missing = len(self._subscriptions.missing())
            why = (
                f"{missing} symbols wait for a subscription; {self._account.quota}, shared by all that use the account"
            )
            log.error("over_quota text=%r why=%r", refused.text, why)
        else:
            log.error("refused code=%s text=%r", refused.code, refused.text)

    async def _watch(self, socket: ClientConnection) -> None:
        """Twice a second: end a silent connection, ask again for what is unconfirmed."""
        while True:
            await asyncio.sleep(_WATCH_S)
            now_s = monotonic()
            verdict = self._silence.verdict(now_s, trading=self._is_trading())
            if verdict:
                raise faults.LostError(verdict)
            if self._silence.wants_ping(now_s):
                await _send(socket, "ping", {})
            overdue = self._subscriptions.overdue(now_s)
            if overdue:
                log.error("unconfirmed count=%d symbols=%s", len(overdue), ",".join(overdue[:20]))
                await self._subscribe(socket, overdue)


async def _send(socket: ClientConnection, event: str, data: object) -> None:
    await socket.send(msgspec.json.encode({"event": event, "data": data}), text=True)
