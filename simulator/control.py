"""The double's own routes, beside the exchange's: health, statistics, faults, the tape's next step."""

from dataclasses import dataclass, field
from typing import Any

from market.replay import FASTEST
from simulator import faults, protocol, rest
from simulator.exchange import Exchange
from simulator.faults import Fault, Order
from simulator.rest import Answer, Query
from simulator.session import Session
from simulator.tape import Tape
from simulator.tempo import Tempo


@dataclass(slots=True)
class Control:
    """What a test or an operator may ask and do."""

    exchange: Exchange
    sessions: set[Session] = field(default_factory=set)
    tape: Tape | None = None
    tempo: Tempo | None = None

    def answer(self, target: str) -> Answer | None:
        """The answer to one of our routes; None if the path is not ours."""
        path, query = rest.split(target)
        match path:
            case "/healthz":
                return rest.success({"status": "ok"})
            case "/control/stats":
                return rest.success(self._stats())
            case "/control/fault":
                return self._fault(query)
            case "/control/frame":
                return self._frame(query)
            case "/control/begin" | "/control/end":
                return self._trade(begin=path == "/control/begin")
            case "/control/next":
                return self._next()
            case "/control/replay":
                return self._replay(query)
        return None

    def _trade(self, *, begin: bool) -> Answer:
        """Begin printing, or end it; the ledger is whole after an end."""
        (self.exchange.trading.set if begin else self.exchange.trading.clear)()
        return rest.success(self._stats())

    def _next(self) -> Answer:
        return rest.success(self.tape.next(self.exchange)) if self.tape else rest.error(404, "no tape is played")

    def _replay(self, query: Query) -> Answer:
        """`?speed=…` and `?pause=1` or `0`, each if given; how the replay stands then."""
        if self.tempo is None:
            return rest.error(404, "no recorded session is played")
        if speed := query.whole("speed", 0):
            self.tempo.set(float(min(speed, FASTEST)))
        if query["pause"]:
            self.tempo.pause(paused=query["pause"] == "1")
        return rest.success(self.tempo.clock.replay())

    def _stats(self) -> dict[str, Any]:
        return {
            "connections": len(self.sessions),
            "authenticated": self.exchange.account.connections,
            "subscriptions": self.exchange.account.subscriptions,
            "prints": self.exchange.ledger.prints,
            "faults": self.exchange.faults.state(),
        }

    def _fault(self, query: Query) -> Answer:
        try:
            orders = faults.orders(query)
        except ValueError as problem:
            return rest.error(400, str(problem))
        self.strike(orders)
        return rest.success(self.exchange.faults.state())

    def strike(self, orders: list[Order]) -> None:
        """Put faults in force, or let those fall that fall once."""
        for name, value, seconds, after_s in orders:
            if name in faults.STROKES:
                self._fall(name, int(value))
            else:
                self.exchange.faults.set(name, Fault(value, self.exchange.monotonic() + seconds, after_s))

    def _fall(self, name: str, value: int) -> None:
        struck = list(self.sessions)
        for session in struck:
            self._hit(session, name, value)
        self.exchange.faults.count(name, len(struck))

    def _hit(self, session: Session, name: str, value: int) -> None:
        match name:
            case "close":
                code = None if value == faults.NO_STATUS else value
                session.wire.close(code, "fault" if code else "")
            case "drop":
                session.wire.drop()
            case "tear":
                session.wire.tear()
            case _:
                self.exchange.reply(session, [protocol.frame("surprise", {"note": "an event nobody announced"})])

    def _frame(self, query: Query) -> Answer:
        """`?text=…` or `?hex=…`, with `&repeat=n` and `&binary=1`: any frame at all, to every connection."""
        try:
            data = (query["text"].encode() or bytes.fromhex(query["hex"])) * query.whole("repeat", 1)
        except ValueError:
            return rest.error(400, "hex is pairs of hexadecimal digits")
        for session in list(self.sessions):
            self.exchange.ledger.frame(
                self.exchange.clock.now_us(), session.number, b'"%d bytes on demand"' % len(data)
            )
            self.exchange.ledger.flush()
            if query["binary"] == "1":
                session.wire.send_binary(data)
            else:
                session.wire.send([data])
        return rest.success({"bytes": len(data), "connections": len(self.sessions)})
