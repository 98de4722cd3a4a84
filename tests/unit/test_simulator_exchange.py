"""What the exchange's centre promises about order, whatever the sockets do."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from market.clock import Clock
from simulator.account import PLANS, Account
from simulator.exchange import Exchange
from simulator.ledger import Ledger
from simulator.prints import Print
from simulator.routes import Routes, Subscription
from simulator.wire import Wire

TIME = 1_796_054_400_000_000


@dataclass
class Recording:
    """A connection that notes, at each send, what the ledger already holds."""

    path: Path
    number: int = 1
    sent: list[bytes] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    @property
    def wire(self) -> Wire:
        return cast("Wire", self)

    def send(self, frames: Iterable[bytes]) -> None:
        self.sent += frames
        self.held.append(self.path.read_text())


def an_exchange(path: Path) -> tuple[Exchange, Recording]:
    exchange = Exchange(Clock(), Ledger(path), Account("key", PLANS["basic"]), Routes(), {})
    listener = Recording(path)
    exchange.routes.add(Subscription("ID", "2330", odd=False, listener=listener))
    return exchange, listener


def a_print(serial: int, symbol: str = "2330", **more: Any) -> Print:
    body = json.dumps({"symbol": symbol, "time": TIME, "serial": serial} | more).encode()
    return Print(symbol, more.get("type") == "ODDLOT", False, TIME, serial, 1, body)


def test_nothing_is_sent_before_the_ledger_has_it(tmp_path: Path) -> None:
    exchange, listener = an_exchange(tmp_path / "ledger.ndjson")
    exchange.publish([a_print(1), a_print(2)])
    exchange.reply(listener, [b'{"event":"pong"}'])
    first, second = listener.held
    assert '"serial": 1' in first
    assert '"prints":["2330:1","2330:2"]' in first
    assert '"frame":{"event":"pong"}' in second
    exchange.ledger.close()


def test_a_tick_goes_out_in_one_send_with_the_channel_and_id_beside_the_data(tmp_path: Path) -> None:
    exchange, listener = an_exchange(tmp_path / "ledger.ndjson")
    exchange.publish([a_print(1), a_print(2, symbol="2317"), a_print(3, type="ODDLOT"), a_print(4)])
    assert len(listener.held) == 1
    frames = [json.loads(each) for each in listener.sent]
    assert [each["data"]["serial"] for each in frames] == [1, 4]
    assert [{name: each[name] for name in ("event", "id", "channel")} for each in frames] == [
        {"event": "data", "id": "ID", "channel": "trades"}
    ] * 2
    exchange.ledger.close()


def test_what_nobody_subscribed_to_is_recorded_all_the_same(tmp_path: Path) -> None:
    exchange, listener = an_exchange(tmp_path / "ledger.ndjson")
    exchange.publish([a_print(2, symbol="2317")])
    assert (listener.sent, exchange.ledger.prints) == ([], 1)
    exchange.ledger.close()
