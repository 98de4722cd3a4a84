"""`/ws`: who may connect, and the life of a connection."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from api import problems, protocol
from api.client import Client, Wire
from api.original import PATH, Original
from api.protocol import Refusal
from api.session import POLICY_VIOLATION, House, Session

log = logging.getLogger("api.browsers")


class BrowserWire(Wire, Protocol):
    """What the server's socket offers beside ASGI."""

    writable: asyncio.Event

    def attach(self, client: Client) -> None: ...


def router(house: House, origins: frozenset[str]) -> APIRouter:
    routes = APIRouter()

    @routes.websocket("/ws")
    async def _(websocket: WebSocket) -> None:
        async with _joined(websocket, house, origins) as joined:
            if joined is not None:
                client, wire = joined
                await _converse(websocket, Session(house, client, wire.writable.wait), client, house)

    return routes


def original_router(house: House, origins: frozenset[str], original: Original) -> APIRouter:
    """The first version's socket, whatever comes from the client is nothing to it."""
    routes = APIRouter()

    @routes.websocket(PATH)
    async def _(websocket: WebSocket) -> None:
        async with _joined(websocket, house, origins, is_plain=True) as joined:
            if joined is None:
                return
            client, _ = joined
            original.clients.add(client)
            try:
                while (await websocket.receive())["type"] != "websocket.disconnect":
                    pass
            finally:
                original.clients.discard(client)

    return routes


@asynccontextmanager
async def _joined(
    websocket: WebSocket, house: House, origins: frozenset[str], *, is_plain: bool = False
) -> AsyncIterator[tuple[Client, BrowserWire] | None]:
    """The client of a connection while it lasts; None, and the answer says why, if it may not connect."""
    if (refusal := _refusal(websocket, house, origins)) is not None:
        await websocket.send_denial_response(problems.response(refusal.code, refusal.message, {}))
        yield None
        return
    await websocket.accept()
    wire: BrowserWire = websocket.scope["extensions"]["wire"]
    client = Client(wire, house.hub.leave, house.limits.mailbox, house.hub.traffic)
    client.is_plain = is_plain
    wire.attach(client)
    house.hub.join(client)
    try:
        yield client, wire
    finally:
        client.leave()


def _refusal(websocket: WebSocket, house: House, origins: frozenset[str]) -> Refusal | None:
    """A page of another site could use its visitor's access; a program sends no origin."""
    origin = websocket.headers.get("origin")
    if origin is not None and origin not in origins:
        return Refusal(403, f"pages of {origin[:100]!r} may not connect; API_ALLOWED_ORIGINS lists those that may")
    if not house.is_warm():  # else a page that came back first would be told that its symbols do not exist
        return Refusal(503, "the API has just started and reads what came before; try again in a second")
    if len(house.hub.clients()) >= house.limits.connections:
        return Refusal(503, f"at most {house.limits.connections} connections; try again later")
    return None


async def _converse(websocket: WebSocket, session: Session, client: Client, house: House) -> None:
    session.greet()
    asked = protocol.from_query(websocket.query_params)
    if asked is not None:
        session.obey(asked)
    loop = asyncio.get_running_loop()
    hurry = loop.call_later(house.limits.subscribe_within_s, _hurry, session, client, house)
    snapshots = asyncio.create_task(session.work(), name="session.snapshots")
    try:
        await _listen(websocket.receive, session, loop.time)
    except WebSocketDisconnect:
        pass
    finally:
        hurry.cancel()
        snapshots.cancel()
        await asyncio.wait([snapshots])


async def _listen(receive: Callable[[], Awaitable[object]], session: Session, clock: Callable[[], float]) -> None:
    while True:
        message = await receive()
        if not isinstance(message, dict) or message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if text is None:
            session.refuse(Refusal(400, "binary frames are not understood; send JSON as text"))
        else:
            session.hear(text, clock())


def _hurry(session: Session, client: Client, house: House) -> None:
    if not session.has_subscribed:
        session.refuse(Refusal(408, f"no subscription within {house.limits.subscribe_within_s} s"))
        client.end(POLICY_VIOLATION, "no subscription")
