"""Any conversation on `/ws`, with rows arriving and cuts in between: the client holds exactly what was published.

The server is real; only broker and database are away, so that memory alone answers.
"""

import json
from contextlib import ExitStack
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from websockets.sync.client import ClientConnection, connect

from api.limits import Limits
from tests.api_builders import TEN, a_bar, an_average
from tests.api_server import Served, served

SYMBOLS = ("0050", "1101", "2330")
CHANNELS = {"bars": "bar", "averages": "average"}
EVENTS = ("status", "alerts")
some_symbols = st.lists(st.sampled_from([*SYMBOLS, "*"]), min_size=1, max_size=3, unique=True)
some_channels = st.lists(st.sampled_from([*CHANNELS, *EVENTS]), min_size=1, max_size=3, unique=True)
rubbish = st.one_of(
    st.text(max_size=60),
    st.sampled_from(['{"type":"subscribe"}', '{"type":"ping","id":-1}', "[" * 3_000, "x" * 5_000, "{}", "null"]),
    st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8)).map(json.dumps),
)

Rows = dict[tuple[str, str, int], int]  # channel, symbol, second: trades


class Conversation(RuleBasedStateMachine):
    """One client after another; the rows of those before it are there too."""

    server: ClassVar[Served]
    versions: ClassVar[Rows] = {}
    offset: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.wants: dict[str, set[str]] = {channel: set() for channel in (*CHANNELS, *EVENTS)}
        self.held: Rows = {}
        self.position: str | None = None
        self.sockets = ExitStack()
        self.socket: ClientConnection | None = self.opened()
        self.number = 0

    def opened(self) -> ClientConnection:
        socket = self.sockets.enter_context(connect(self.server.ws, max_size=None, compression=None))
        assert json.loads(socket.recv(10))["type"] == "welcome"
        return socket

    def teardown(self) -> None:
        self.sockets.close()

    def says(self, **message: Any) -> dict[str, Any]:
        """Send, and hear everything up to the answer."""
        assert self.socket is not None
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, **message}))
        return self.hears_until(lambda heard: heard.get("id") == self.number)

    def hears_until(self, is_it: Any) -> dict[str, Any]:
        assert self.socket is not None
        while True:
            heard = json.loads(self.socket.recv(10))
            self.hear(heard)
            if is_it(heard):
                return dict(heard)

    def hear(self, message: dict[str, Any]) -> None:
        for channel, kind in CHANNELS.items():
            rows = message.get(channel, ()) if message["type"] == "snapshot" else ()
            live = [message["data"]] if message["type"] == kind else []
            for row in (*rows, *live):
                key = channel, row["symbol"], row["second"]
                assert not live or row["trades"] > self.held.get(key, 0), "a live row is news, always"
                self.held[key] = max(row["trades"], self.held.get(key, 0))

    @rule(symbol=st.sampled_from(SYMBOLS), at=st.integers(0, 20), channel=st.sampled_from(sorted(CHANNELS)))
    def a_row_comes(self, symbol: str, at: int, channel: str) -> None:
        key = channel, symbol, TEN + at
        self.versions[key] = self.versions.get(key, 0) + 1
        Conversation.offset += 1
        make = a_bar if channel == "bars" else an_average
        self.server.take(make(at, self.versions[key], symbol=symbol), first_offset=self.offset)

    @precondition(lambda self: self.socket)
    @rule(symbols=some_symbols, channels=some_channels)
    def subscribes(self, symbols: list[str], channels: list[str]) -> None:
        self.is_acknowledged(self.says(type="subscribe", symbols=symbols, channels=channels), symbols, channels)
        self.hears_until(lambda heard: heard["type"] == "ready" and heard["id"] == self.number)

    def is_acknowledged(self, ack: dict[str, Any], symbols: list[str], channels: list[str]) -> None:
        for channel in channels:
            self.wants[channel] |= set(symbols)
        assert ack["subscriptions"] == {channel: sorted(wanted) for channel, wanted in self.wants.items()}
        assert ack["refused"] == []

    @precondition(lambda self: self.socket)
    @rule(symbols=some_symbols | st.just([]), channels=some_channels)
    def unsubscribes(self, symbols: list[str], channels: list[str]) -> None:
        ack = self.says(type="unsubscribe", symbols=symbols, channels=channels)
        for channel in channels:
            self.wants[channel] -= set(symbols or self.wants[channel])
        assert ack["subscriptions"] == {channel: sorted(wanted) for channel, wanted in self.wants.items()}
        self.forget()

    def forget(self) -> None:
        """What is not subscribed any more grows stale; a client would throw it away."""
        self.held = {key: trades for key, trades in self.held.items() if self.is_wanted(key)}

    def is_wanted(self, key: tuple[str, str, int]) -> bool:
        channel, symbol, _ = key
        return bool({symbol, "*"} & self.wants[channel])

    @precondition(lambda self: self.socket)
    @rule(text=rubbish)
    def talks_rubbish(self, text: str) -> None:
        assert self.socket is not None
        self.socket.send(text)
        answer = self.hears_until(lambda heard: heard["type"] in {"error", "pong", "ack"})
        assert answer["code"] in {400, 413}

    @precondition(lambda self: self.socket)
    @rule()
    def asks_for_its_subscriptions(self) -> None:
        ack = self.says(type="list")
        assert ack["subscriptions"] == {channel: sorted(wanted) for channel, wanted in self.wants.items()}

    @precondition(lambda self: self.socket)
    @rule()
    def is_cut_after_a_heartbeat(self) -> None:
        assert self.socket is not None
        self.is_up_to_date()
        self.position = json.loads(self.server.do(self.server.api.status.message))["position"]
        self.socket.socket.close()
        self.socket = None

    @precondition(lambda self: not self.socket)
    @rule()
    def comes_back(self) -> None:
        self.socket = self.opened()
        wanted, self.wants = self.wants, {channel: set() for channel in self.wants}
        for channel, symbols in wanted.items():
            if symbols:
                asked = sorted(symbols)
                more = {"position": self.position} if self.position else {}
                ack = self.says(type="subscribe", symbols=asked, channels=[channel], since=TEN, **more)
                self.is_acknowledged(ack, asked, [channel])
                self.hears_until(lambda heard: heard["type"] == "ready" and heard["id"] == self.number)

    @invariant()
    def is_up_to_date(self) -> None:
        if self.socket is None:
            return
        assert self.says(type="ping")["type"] == "pong"
        assert self.held == {key: trades for key, trades in self.versions.items() if self.is_wanted(key)}


def test_whatever_is_said_and_whenever_it_is_cut_a_client_holds_what_was_published() -> None:
    with served(*SYMBOLS, limits=Limits(messages_per_s=100_000)) as server:
        Conversation.server = server
        run_state_machine_as_test(
            Conversation,
            settings=settings(
                max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
