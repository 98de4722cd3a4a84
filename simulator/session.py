"""One client's connection: who it is, what it subscribed to, and the answers to what it asks."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from simulator import protocol
from simulator.exchange import Exchange
from simulator.protocol import Auth, Bad, Ping, Request, Subscribe, Subscriptions, Unsubscribe
from simulator.routes import Subscription
from simulator.wire import Wire

MOST_AUTHS = 3
POLICY_VIOLATION, GOING_AWAY = 1008, 1001


@dataclass(slots=True, eq=False)
class Session:
    """The protocol state of one connection; all of it ends with the connection."""

    number: int
    wire: Wire
    exchange: Exchange
    authenticated: bool = False
    auths: int = 0
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def hear(self, text: str | bytes) -> None:
        """Answer one frame of the client."""
        if not self.wire.is_open:
            return
        request = protocol.parse(text)
        if isinstance(request, Auth):
            self._authenticate(request.key)
        elif isinstance(request, Bad):
            self._refuse(protocol.BAD_REQUEST, request.why)
        elif not self.authenticated:
            self._refuse(protocol.BAD_REQUEST, "not authenticated")
        else:
            self._follow(request)

    def say(self, event: str, data: object = None) -> None:
        """Send one frame of our own."""
        self._send(protocol.frame(event, data))

    def too_late(self) -> None:
        """No auth frame came in time."""
        self._refuse(protocol.AUTH_TIMEOUT, "No authentication request received in time")
        self.wire.close(GOING_AWAY)

    def leave(self) -> None:
        """The connection is gone: give back what it used of the plan."""
        for each in self.subscriptions.values():
            self.exchange.routes.remove(each)
        self.exchange.account.subscriptions -= len(self.subscriptions)
        self.exchange.account.connections -= self.authenticated
        self.subscriptions.clear()
        self.authenticated = False

    def _send(self, *frames: bytes) -> None:
        self.exchange.reply(self, frames)

    def _refuse(self, code: int, message: str) -> None:
        in_data = self.exchange.strikes("code_in_data") is not None
        self._send(protocol.error(code, message, in_data=in_data))

    def _authenticate(self, key: str) -> None:
        self.auths += 1
        if self.exchange.strikes("cut_in_auth"):
            self.wire.drop()
        elif self.auths > MOST_AUTHS:
            self.wire.close(POLICY_VIOLATION)
        elif key != self.exchange.account.key:
            self._refuse(protocol.INVALID_KEY, "Invalid authentication credentials")
            self.wire.close(None)
        elif not self.authenticated and not self.exchange.account.admits_connection():
            self.wire.close(GOING_AWAY, protocol.OVER_CONNECTIONS)
        else:
            self.exchange.account.connections += not self.authenticated
            self.authenticated = True
            self.say("authenticated", {"message": "Authenticated successfully"})

    def _follow(self, request: Request) -> None:
        match request:
            case Ping(data):
                self.say("pong", {"time": self.exchange.clock.now_us()} | data)
            case Subscriptions():
                self.say("subscriptions", [_described(each) for each in self.subscriptions.values()])
            case Subscribe() if self.exchange.strikes("cut_in_subscribe"):
                self.wire.drop()
            case Subscribe():
                self._subscribe(request)
            case Unsubscribe():
                self._unsubscribe(request)

    def _subscribe(self, request: Subscribe) -> None:
        if request.channel != "trades":
            self._refuse(protocol.BAD_REQUEST, f"channel {request.channel} is not simulated")
            return
        known = [symbol for symbol in request.symbols if self.exchange.lists(symbol)]
        if not known and not request.many:
            self._refuse(protocol.BAD_REQUEST, f"symbol {request.symbols[0]} not found")
            return
        have = {(each.symbol, each.odd): each for each in self.subscriptions.values()}
        new = [symbol for symbol in known if (symbol, request.odd) not in have]
        if not self.exchange.account.admits_subscriptions(len(new)):
            self._refuse(protocol.QUOTA, "Subscription limit exceeded")
            return
        added = {(each.symbol, each.odd): each for each in (self._add(symbol, odd=request.odd) for symbol in new)}
        subscribed = [(have | added)[symbol, request.odd] for symbol in known]
        answers = [_described(each) for each in subscribed]
        self.say("subscribed", answers if request.many else answers[0])
        self.exchange.send_last(self, subscribed)

    def _add(self, symbol: str, *, odd: bool) -> Subscription:
        each = Subscription(uuid.uuid4().hex, symbol, odd, self)
        self.subscriptions[each.id] = each
        self.exchange.account.subscriptions += 1
        self.exchange.routes.add(each)
        return each

    def _unsubscribe(self, request: Unsubscribe) -> None:
        found = [self.subscriptions.pop(each) for each in request.ids if each in self.subscriptions]
        if not found and not request.many:
            self._refuse(protocol.BAD_REQUEST, f"subscription {request.ids[0]} not found")
            return
        for each in found:
            self.exchange.routes.remove(each)
        self.exchange.account.subscriptions -= len(found)
        answers = [_described(each) for each in found]
        self.say("unsubscribed", answers if request.many else answers[0])


def _described(each: Subscription) -> dict[str, Any]:
    told = {"id": each.id, "channel": "trades", "symbol": each.symbol}
    return told | {"intradayOddLot": True} if each.odd else told
