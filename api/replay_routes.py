"""`/api/v1/replay`: how a recorded session goes on, told to the exchange that plays it (docs/replay.md)."""

import asyncio
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api import answers, openapi, problems
from api.alert_routes import Door, json_body
from api.problems import Problem
from market.clock import Clock, Replay
from market.replay import FASTEST

_ANSWER_S = 5.0
_MOST_SAID = 300  # bytes of a refusal that are passed on
_FAILURES = (OSError, HTTPException, msgspec.DecodeError, UnicodeDecodeError)
_http = build_opener(ProxyHandler({}))  # the exchange is a part of this replay, never behind a proxy


class Wish(BaseModel):
    """`speed`: times as fast as it was; what is left out stays as it is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    speed: int | None = Field(None, ge=1, le=FASTEST)
    paused: bool | None = None


@dataclass(frozen=True, slots=True)
class Player:
    """The exchange that plays the tape listens at `control`; None: nobody may tell it from here."""

    control: str | None
    clock: Clock

    async def tell(self, wish: Wish) -> Replay:
        """How the replay stands then; `Problem` where there is none, or no answer."""
        if self.control is None or self.clock.replay() is None:
            raise Problem(409, openapi.NO_REPLAY)
        given = {"speed": wish.speed, "pause": None if wish.paused is None else int(wish.paused)}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        try:
            return msgspec.json.decode(await asyncio.to_thread(_asked, f"{self.control}?{query}"), type=Replay)
        except _FAILURES as error:
            raise Problem(503, f"the exchange that plays the tape does not answer: {error}") from error


def router(player: Player, door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", dependencies=[Depends(door.check_origin)])

    @routes.post(
        "/replay",
        responses=openapi.REPLAY,
        openapi_extra={"requestBody": openapi.asked(Wish.model_json_schema(), {"speed": 20, "paused": False})},
        summary="Pause a replay, let it go on, change its speed",
        operation_id="replay",
    )
    async def _(request: Request) -> Response:
        wish = _wish(await json_body(request))
        door.check_rate()
        return answers.fleeting(msgspec.json.encode(await player.tell(wish)))

    return routes


def _wish(body: bytes) -> Wish:
    try:
        return Wish.model_validate_json(body)
    except ValidationError as error:
        problems.refuse_body(error)


def _asked(address: str) -> bytes:
    """What the exchange answers; a refusal of its own is a `Problem` in its words."""
    try:
        with _http.open(address, timeout=_ANSWER_S) as answer:
            return bytes(answer.read())
    except HTTPError as refusal:
        with refusal:
            said = refusal.read(_MOST_SAID).decode(errors="replace")
        raise Problem(503, f"the exchange that plays the tape answers {refusal.code}: {said}") from refusal
