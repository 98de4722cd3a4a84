"""`/api/v1/alerts`: set one, see one's own, take one away (docs/api.md: alerts)."""

import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import ValidationError

from api import alert_rules, alert_schemas, answers, openapi, problems, webhooks
from api.alert_desk import Desk
from api.alert_rules import Alert, Rule
from api.alert_store import MOST_ALERTS, MOST_OF_ONE, AlertStore, Full
from api.answers import Listing
from api.problems import Problem
from api.symbols import Symbols

MOST_BYTES = 4_096  # as of a frame
MOST_WRITES_A_SECOND = 10

Owner = Annotated[
    str,
    Header(
        alias="Alert-Owner",
        pattern=r"^[0-9A-Za-z_-]{16,64}$",
        description="a random word of your own: who knows it sees, and takes away, what was set with it",
        examples=["9f3c2b7e5d1a4c68"],
    ),
]


@dataclass(slots=True)
class Door:
    """Who may write, and how often: as at `/ws`, a page of another site may not use its visitor's access."""

    origins: Collection[str]
    clock: Callable[[], float] = time.monotonic
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_WRITES_A_SECOND))

    async def check_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and origin not in self.origins:
            detail = f"pages of {origin[:100]!r} may not write; API_ALLOWED_ORIGINS lists those that may"
            raise Problem(403, detail)

    def check_rate(self) -> None:
        """Of what would be written; all writers share it."""
        now_s = self.clock()
        if len(self._recent) == MOST_WRITES_A_SECOND and now_s - self._recent[0] < 1:
            raise Problem(429, f"at most {MOST_WRITES_A_SECOND} changes a second; try again in a second")
        self._recent.append(now_s)


@dataclass(frozen=True, slots=True)
class Setting:
    """What setting an alert needs. `hosts`: those that webhooks may call."""

    store: AlertStore
    desk: Desk
    symbols: Symbols
    hosts: Collection[str]
    is_replay: bool

    async def set(self, rule: Rule, owner: str) -> Alert:
        """The alert, in force; `Problem` for what cannot be."""
        if self.is_replay:
            raise Problem(409, "this is a replay: what it shows has happened before, and nothing fires")
        if rule.webhook is not None and (reason := webhooks.objection(rule.webhook, self.hosts)) is not None:
            problems.refuse("webhook", reason, "leave it out, and listen on /ws to the channel alerts")
        if rule.symbol is not None:
            await self.symbols.require(rule.symbol)
        alert = Alert(0, owner, rule, self.desk.now_s())
        made = await self.store.add(alert)
        if isinstance(made, Full):
            whose, most = ("of one owner", MOST_OF_ONE) if made.of_owner else ("of all", MOST_ALERTS)
            raise Problem(429, f"at most {most} alerts {whose}; take one away first")
        self.desk.reload()
        alert.id = made
        return alert


def router(setting: Setting, door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", dependencies=[Depends(door.check_origin)])

    @routes.post(
        "/alerts",
        status_code=201,
        responses=openapi.ALERT_SET,
        openapi_extra={"requestBody": alert_schemas.ASKED},
        summary="Set an alert",
        operation_id="set_alert",
    )
    async def _(request: Request, word: Owner) -> Response:
        rule = _rule(await json_body(request))
        door.check_rate()
        alert = await setting.set(rule, alert_rules.owner(word))
        made = answers.fleeting(alert.json())
        made.status_code = 201
        made.headers["location"] = f"/api/v1/alerts/{alert.id}"
        return made

    @routes.get("/alerts", responses=openapi.alerts(), summary="The alerts of one owner", operation_id="alerts")
    async def _(request: Request, word: Owner) -> Response:
        found = await setting.store.alerts(alert_rules.owner(word))
        return answers.json(request, Listing([each.json() for each in found]).json())

    @routes.delete(
        "/alerts/{id}",
        status_code=204,
        responses=openapi.ALERT_GONE,
        summary="Take an alert away",
        operation_id="remove_alert",
    )
    async def _(id: Annotated[int, Path(ge=1, lt=2**63, examples=[17])], word: Owner) -> Response:  # noqa: A002 - the path's name
        door.check_rate()
        if not await setting.store.remove(id, alert_rules.owner(word)):
            raise Problem(404, f"no alert {id} of this owner; GET /api/v1/alerts lists them")
        setting.desk.reload()
        return Response(status_code=204)

    return routes


async def json_body(request: Request) -> bytes:
    """Not more than it may have, however it comes; JSON only, which no form of another site can send."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "send it as application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Problem(413, f"a body has at most {MOST_BYTES} bytes")
    return body


def _rule(body: bytes) -> Rule:
    try:
        return alert_rules.parse(body)
    except ValidationError as error:
        problems.refuse_body(error, within=1)
