"""Alerts in MySQL: what is in force, which replica may tell a firing on, and the posts that are due."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiomysql
import msgspec
from pydantic import ValidationError

from api import alert_rules
from api.alert_rules import Alert
from api.alerts import Firing
from api.history import UnavailableError
from api.mysql import FAILURES, connect, final, is_passing

log = logging.getLogger("api.alert_store")

MOST_ALERTS, MOST_OF_ONE = 500, 50
LIVES_S, USED_UP_S = 30 * 86_400, 86_400  # how long an alert stands, and one that has fired for the only time
MOST_POSTS = 1_000  # that wait for their receivers; further ones are only told to sockets
TRIES = 4
DEADLINE_S = 600  # nobody is told of what fired longer ago
LEASE_S = 30  # a replica that took a post and died leaves it to the others after so long
_AT_ONCE = 16
_ANSWER_S = 5.0

_COLUMNS = "id, owner, rule, created_s, fired_second, fires"
_ADD = """INSERT INTO alerts (owner, rule, cool_down_s, created_s) SELECT %s, %s, %s, %s FROM DUAL
WHERE (SELECT COUNT(*) FROM alerts) < %s AND (SELECT COUNT(*) FROM alerts WHERE owner = %s) < %s"""
# One row, changed by one statement: of all replicas that saw it fire, one changes it.
_CLAIM = """UPDATE alerts SET fired_second = %s, fires = fires + 1 WHERE id = %s
AND (fired_second IS NULL OR fired_second + cool_down_s <= %s)"""
_POST = """INSERT INTO alert_posts (alert_id, second, url, body, due_at)
SELECT %s, %s, %s, %s, UTC_TIMESTAMP(6) FROM DUAL WHERE (SELECT COUNT(*) FROM alert_posts) < %s"""
_DUE = """SELECT alert_id, second, url, body, tries FROM alert_posts WHERE due_at <= UTC_TIMESTAMP(6)
ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED"""
_LATER = """UPDATE alert_posts SET due_at = UTC_TIMESTAMP(6) + INTERVAL %s SECOND, tries = tries + %s
WHERE alert_id = %s AND second = %s"""
_TOO_LATE = "DELETE FROM alert_posts WHERE second < %s"
_DONE = "DELETE FROM alert_posts WHERE alert_id = %s AND second = %s"
_EXPIRED = "DELETE FROM alerts WHERE created_s < %s OR (cool_down_s IS NULL AND fired_second < %s)"


class Post(msgspec.Struct, frozen=True):
    """A webhook's call that is due; `tries`: this one included."""

    alert: int
    second: int
    url: str
    body: str
    tries: int


@dataclass(frozen=True, slots=True)
class Full:
    """No alert more: of this owner, or of all."""

    of_owner: bool


class AlertStore:
    """One connection of the writer's; UnavailableError while the database does not answer."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._connection: aiomysql.Connection | None = None
        self._alone = asyncio.Lock()

    async def add(self, alert: Alert) -> int | Full:
        """The new alert's id."""
        rule = alert_rules.text(alert.rule).decode()
        values = (alert.owner, rule, alert.rule.cool_down_s, alert.created_s, MOST_ALERTS, alert.owner, MOST_OF_ONE)
        async with self._transaction() as cursor:
            if await cursor.execute(_ADD, values):
                return int(cursor.lastrowid)
            await cursor.execute("SELECT COUNT(*) FROM alerts WHERE owner = %s", (alert.owner,))
            return Full(of_owner=(await cursor.fetchone())[0] >= MOST_OF_ONE)

    async def remove(self, number: int, owner: str) -> bool:
        """Whether there was one; what it had still to post is called off."""
        async with self._transaction() as cursor:
            found = await cursor.execute("DELETE FROM alerts WHERE id = %s AND owner = %s", (number, owner))
            if found:
                await cursor.execute("DELETE FROM alert_posts WHERE alert_id = %s", (number,))
            return bool(found)

    async def mark(self) -> tuple[int, ...]:
        """A few numbers that are others whenever an alert came, went or fired."""
        async with self._transaction() as cursor:
            await cursor.execute("SELECT COUNT(*), COALESCE(MAX(id), 0), COALESCE(SUM(fires), 0) FROM alerts")
            return tuple(map(int, await cursor.fetchone()))

    async def alerts(self, owner: str | None = None) -> list[Alert]:
        """Of one owner or of all, the oldest first."""
        where, values = ("", ()) if owner is None else ("WHERE owner = %s", (owner,))
        async with self._transaction() as cursor:
            await cursor.execute(f"SELECT {_COLUMNS} FROM alerts {where} ORDER BY id", values)  # noqa: S608 - ours
            rows = await cursor.fetchall()
        return [alert for row in rows if (alert := _alert(row)) is not None]

    async def claim(self, firing: Firing, body: bytes, *, posts: bool) -> bool:
        """Whether it is this replica's to write down; then its post is due, if it wants one and `posts` are made."""
        alert, second = firing.alert, firing.second
        async with self._transaction() as cursor:
            is_ours = bool(await cursor.execute(_CLAIM, (second, alert.id, second)))
            if is_ours and posts and alert.rule.webhook is not None:
                values = (alert.id, second, alert.rule.webhook, body.decode(), MOST_POSTS)
                if not await cursor.execute(_POST, values):
                    log.error("alert.not_posted id=%d second=%d waiting=%d", alert.id, second, MOST_POSTS)
            return is_ours

    async def due(self, now_s: int) -> tuple[list[Post], int]:
        """Some posts that nobody else takes for the next `LEASE_S` seconds; how many were too late, and are gone."""
        async with self._transaction() as cursor:
            late = int(await cursor.execute(_TOO_LATE, (now_s - DEADLINE_S,)))
            await cursor.execute(_DUE, (_AT_ONCE,))
            rows = await cursor.fetchall()
            for alert, second, *_ in rows:
                await cursor.execute(_LATER, (LEASE_S, 1, alert, second))
        return [Post(alert, second, url, body, tries + 1) for alert, second, url, body, tries in rows], late

    async def settle(self, post: Post, again_s: float | None = None) -> None:
        """Answered or given up; or to be tried again in so many seconds."""
        where = (post.alert, post.second)
        async with self._transaction() as cursor:
            await cursor.execute(*((_DONE, where) if again_s is None else (_LATER, (again_s, 0, *where))))

    async def expire(self, now_s: int) -> int:
        """Alerts whose time is over; how many there were."""
        async with self._transaction() as cursor:
            return int(await cursor.execute(_EXPIRED, (now_s - LIVES_S, now_s - USED_UP_S)))

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[aiomysql.Cursor]:
        is_done = False
        try:
            async with asyncio.timeout(_ANSWER_S), self._alone:
                try:
                    self._connection = self._connection or await connect(self._options)
                    async with self._connection.cursor() as cursor:
                        yield cursor
                    await self._connection.commit()
                    is_done = True
                finally:
                    if not is_done:  # the server rolls back whatever was open; an answer may still be on its way
                        await self.close()
        except FAILURES as error:
            if not is_passing(error):
                raise final(error) from error
            log.warning("alert_store.unavailable error=%r", error)
            raise UnavailableError(str(error) or f"no answer within {_ANSWER_S:g} s") from error


def _alert(row: tuple[Any, ...]) -> Alert | None:
    """None for a rule of a newer version than this: that replica tells of it."""
    number, owner, rule, *more = row
    try:
        return Alert(number, owner, alert_rules.parse(rule), *more)
    except ValidationError:
        log.warning("alert_store.unknown_rule id=%d", number)
        return None
