"""Alerts at work: told to sockets at once, written down by one replica of several, posted to webhooks by it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from api.alert_store import DEADLINE_S, TRIES, AlertStore, Post
from api.alerts import Alerts, Firing
from api.events import ALERTS, Event
from api.frames import text_frame
from api.history import UnavailableError
from api.live import Live
from api.mysql import pauses
from api.told import told
from api.webhooks import Webhooks
from market.calendar import Calendar

log = logging.getLogger("api.alert_desk")

_LOOK_S = 0.25  # how soon a silence, or an average that has settled, is seen
_READ_S = 1.0  # how soon another replica's alerts are known; HOLDS_AFTER_S is longer
_EXPIRE_S = 600.0
_DUE_S = 1.0  # how soon posts are found that are to be tried again, or that another replica left behind
_MOST_WAITING = 1_000
_PAUSES_S = (1, 10, 60)  # before the second try, the third and the fourth

Claim = tuple[float, Firing, bytes]


@dataclass(slots=True)
class Counts:
    """Since the start: firings, those that could not be written down, posts that were taken and that were given up."""

    fired: int = 0
    dropped: int = 0
    posted: int = 0
    given_up: int = 0


class Desk:
    """`live` tells it records by `hear`; `webhooks`: None where they are off; in a replay nothing is done at all."""

    def __init__(
        self, live: Live, calendar: Calendar, store: AlertStore, webhooks: Webhooks | None, *, is_replay: bool = False
    ) -> None:
        self.alerts = Alerts(live.now_us, live.is_whole)
        self.counts = Counts()
        self._live = live
        self._calendar = calendar
        self._store = store
        self._webhooks = webhooks
        self._is_replay = is_replay
        self._claims: asyncio.Queue[Claim] = asyncio.Queue(_MOST_WAITING)
        self._changed, self._due = asyncio.Event(), asyncio.Event()

    def hear(self, record: object, fresh: bool) -> None:  # noqa: FBT001 - as `Live` tells it
        """A record as it comes."""
        for firing in self.alerts.take(record, fresh=fresh):
            self._tell(firing)

    def now_s(self) -> int:
        """The second of the market's clock."""
        return self._live.now_us() // 1_000_000

    def reload(self) -> None:
        """The table has changed: read it now."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        if self._is_replay:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look(), name="alerts.look")
            group.create_task(self._insisting(self._read), name="alerts.read")
            group.create_task(self._claim(), name="alerts.claim")
            group.create_task(self._insisting(self._expire), name="alerts.expire")
            if self._webhooks is not None:
                group.create_task(self._insisting(partial(self._post, self._webhooks)), name="alerts.post")

    async def close(self) -> None:
        await self._store.close()
        if self._webhooks is not None:
            await self._webhooks.close()

    async def _insisting(self, work: Callable[[], Awaitable[None]]) -> None:
        """Again and again, with a pause while the database is away."""
        waits = pauses()
        while True:
            try:
                await work()
                waits = pauses()
            except UnavailableError:
                await asyncio.sleep(next(waits))

    def _tell(self, firing: Firing) -> None:
        body, rule = told(firing), firing.alert.rule
        self.counts.fired += 1
        key = ("alert", firing.alert.id, firing.second)
        event = Event("alerts", rule.symbol, key, firing.second, text_frame(body), ALERTS, firing.second)
        self._live.hub.announce(event)
        try:
            self._claims.put_nowait((time.monotonic(), firing, body))
        except asyncio.QueueFull:
            self._drop(firing, "too many wait for the database")

    def _drop(self, firing: Firing, reason: str) -> None:
        self.counts.dropped += 1
        log.error("alert.dropped id=%d second=%d reason=%r", firing.alert.id, firing.second, reason)

    async def _look(self) -> None:
        while True:
            found = self.alerts.settle(self._live.horizon())
            found += self.alerts.listen(self._live.pulse.status, self._calendar.phase(self._live.now_us()))
            for firing in found:
                self._tell(firing)
            await asyncio.sleep(_LOOK_S)

    async def _read(self) -> None:
        """What is in force, whenever it has changed, here or by another replica."""
        known: tuple[int, ...] | None = None
        while True:
            self._changed.clear()
            mark = await self._store.mark()
            if mark != known:
                self.alerts.load(await self._store.alerts())
                known = mark
            await _either(self._changed, _READ_S)

    async def _claim(self) -> None:
        """One after the other; what the database did not take waits here, and is not lost by a failure."""
        while True:
            since_s, firing, body = await self._claims.get()
            while not await self._is_claimed(firing, body):
                if time.monotonic() - since_s > DEADLINE_S:
                    self._drop(firing, f"the database has not answered for {DEADLINE_S:g} s")
                    break
                await asyncio.sleep(1.0)

    async def _is_claimed(self, firing: Firing, body: bytes) -> bool:
        """False while the database is away."""
        try:
            if await self._store.claim(firing, body, posts=self._webhooks is not None):
                log.info("alert.fired id=%d second=%d", firing.alert.id, firing.second)
                self._due.set()
        except UnavailableError:
            return False
        return True

    async def _expire(self) -> None:
        while True:
            gone = await self._store.expire(self.now_s())
            if gone:
                log.info("alert.expired number=%d", gone)
            await asyncio.sleep(_EXPIRE_S)

    async def _post(self, webhooks: Webhooks) -> None:
        """Those that are due, a few at a time."""
        while True:
            self._due.clear()
            posts, late = await self._store.due(self.now_s())
            self.counts.given_up += late
            await asyncio.gather(*(self._deliver(webhooks, post) for post in posts))
            if not posts:
                await _either(self._due, _DUE_S)

    async def _deliver(self, webhooks: Webhooks, post: Post) -> None:
        is_taken = await webhooks.call(f"{post.alert}-{post.second}", post.url, post.body.encode())
        is_over = is_taken or post.tries >= TRIES
        self.counts.posted += is_taken
        self.counts.given_up += is_over and not is_taken
        with contextlib.suppress(UnavailableError):  # then it is posted again when the lease ends, under the same id
            await self._store.settle(post, None if is_over else _PAUSES_S[post.tries - 1])


async def _either(event: asyncio.Event, within_s: float) -> None:
    """Until it is set, or so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await event.wait()
