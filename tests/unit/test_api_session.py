import asyncio
import json
from typing import Any

from api.events import Event
from api.hub import Hub
from api.limits import Limits
from api.memory import Memory
from api.session import House, Session
from api.snapshots import Recorded
from tests.api_builders import TEN, FakeWire, a_client, a_row


class FakeSnapshots:
    """Answers when told; memory alone."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.answer = asyncio.Event()
        self.asked = asyncio.Event()
        self.questions: list[tuple[str, int]] = []

    async def recorded(self, symbol: str, since: int, _until: int) -> Recorded:
        self.questions.append((symbol, since))
        self.asked.set()
        await self.answer.wait()
        return Recorded([], [], complete=True)

    def merge(self, _: Recorded, symbol: str, since: int) -> tuple[list[Any], list[Any]]:
        return self.memory.rows("bar", symbol, since), self.memory.rows("average", symbol, since)


class Conversation:
    """A session over fakes, its snapshots at work."""

    def __init__(self, **limits: int) -> None:
        self.hub = Hub(Memory())
        self.snapshots = FakeSnapshots(self.hub.memory)
        self.wire = FakeWire()
        self.client = a_client(self.wire, self.hub.leave)
        self.hub.join(self.client)
        house = House(
            self.hub,
            self.snapshots,  # type: ignore[arg-type]
            lambda: {"2330", "0050"},
            lambda: (TEN + 60) * 1_000_000,
            Limits(**limits),
        )
        self.writable = asyncio.Event()
        self.writable.set()
        self.session = Session(house, self.client, self.writable.wait)
        self.work = asyncio.create_task(self.session.work())

    def says(self, now_s: float = 0.0, **message: Any) -> None:
        self.session.hear(json.dumps(message), now_s)

    async def hears(self) -> list[dict[str, Any]]:
        """All messages so far, once whatever can happen has happened."""
        for _ in range(20):
            await asyncio.sleep(0)
        return [json.loads(frame[frame.index(b"{") :]) for frame in self.wire.written]

    async def hears_of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in await self.hears() if message["type"] == kind]


def test_live_data_follows_the_snapshot_and_nothing_falls_between() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.says(type="subscribe", channels=["bars"], symbols=["2330"], since=TEN)
        await talk.snapshots.asked.wait()
        talk.hub.publish(a_row(1), 0)  # while the database is asked
        talk.snapshots.answer.set()
        await talk.hears()
        talk.hub.publish(a_row(2), 0)
        ack, snapshot, ready, live = await talk.hears()
        assert ready["type"] == "ready"
        assert ack["subscriptions"]["bars"] == ["2330"]
        assert [bar["second"] for bar in snapshot["bars"]] == [TEN + 1]
        assert live["data"]["second"] == TEN + 2

    asyncio.run(run())


def test_what_a_later_subscription_missed_comes_before_what_it_wishes_for() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.hub.events.keep(Event("status", "0050", "gap", TEN, b'{"type":"gap"}', ("feed", 0), 7))
        more: dict[str, Any] = {"type": "subscribe", "channels": ["bars", "status"], "since": TEN}
        talk.says(**more, symbols=["2330"])
        await talk.snapshots.asked.wait()
        talk.says(**more, symbols=["0050"])  # while the database is asked
        talk.snapshots.answer.set()
        told = [message["type"] for message in await talk.hears()]
        assert told == ["ack", "ack", "snapshot", "gap", "snapshot", "ready", "ready"]

    asyncio.run(run())


def test_what_was_missed_waits_until_there_is_room_for_it() -> None:
    async def run() -> None:
        talk = Conversation()
        for number in range(4_000):
            talk.hub.events.keep(Event("status", "2330", number, TEN, b'{"type":"gap"}', ("feed", 0), number))
        talk.client.pause(0.0)
        talk.writable.clear()
        for number in range(talk.client.room - 10):
            talk.client.send(("waits", number), b'{"type":"pong"}')
        talk.says(type="subscribe", channels=["status"], symbols=["2330"], since=TEN)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not talk.client.gone
        talk.writable.set()
        talk.client.resume()
        assert len(await talk.hears_of("gap")) == 4_000

    asyncio.run(run())


def test_unsubscribing_before_the_snapshot_came_calls_it_off() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.says(type="subscribe", channels=["bars"], symbols=["2330"])
        await talk.snapshots.asked.wait()
        talk.says(type="unsubscribe", channels=["bars"], symbols=["2330"])
        talk.snapshots.answer.set()
        await talk.hears()
        talk.hub.publish(a_row(1), 0)
        assert [message["type"] for message in await talk.hears()] == ["ack", "ack", "ready"]
        assert talk.hub.wants(talk.client) == {}

    asyncio.run(run())


def test_every_symbol_gets_its_snapshot_and_new_ones_are_heard_too() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.snapshots.answer.set()
        talk.says(type="subscribe", channels=["bars"], symbols=["*"])
        symbols = [message["symbol"] for message in await talk.hears() if message["type"] == "snapshot"]
        assert symbols == ["0050", "2330"]
        talk.hub.publish(a_row(1, symbol="9999"), 0)
        assert (await talk.hears())[-1]["data"]["symbol"] == "9999"

    asyncio.run(run())


def test_status_alone_needs_no_snapshot() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.says(type="subscribe", channels=["status"], symbols=["2330"])
        ack, ready = await talk.hears()
        assert ack["subscriptions"] == {"bars": [], "averages": [], "status": ["2330"], "alerts": []}
        assert ready["type"] == "ready"

    asyncio.run(run())


def test_alerts_have_no_past_and_come_at_once() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.says(type="subscribe", channels=["alerts"], symbols=["2330"])
        talk.hub.tell_any("alerts", "2330", "key", b'{"type":"alert"}')
        assert [message["type"] for message in await talk.hears()] == ["ack", "alert", "ready"]
        assert talk.snapshots.questions == []

    asyncio.run(run())


def test_more_subscriptions_than_allowed_are_refused() -> None:
    async def run() -> None:
        talk = Conversation(subscriptions=1)
        talk.says(type="subscribe", id=5, channels=["bars"], symbols=["2330", "0050"])
        (error,) = await talk.hears()
        assert (error["type"], error["code"], error["id"]) == ("error", 429, 5)

    asyncio.run(run())


def test_a_since_too_long_ago_is_answered_as_far_as_allowed_and_says_so() -> None:
    async def run() -> None:
        talk = Conversation(snapshot_s=100)
        talk.snapshots.answer.set()
        talk.says(type="subscribe", channels=["bars"], symbols=["2330"], since=TEN - 5_000)
        (snapshot,) = await talk.hears_of("snapshot")
        assert (snapshot["since"], snapshot["complete"]) == (TEN + 60 - 100, False)

    asyncio.run(run())


def test_a_since_in_the_future_is_now() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.snapshots.answer.set()
        talk.says(type="subscribe", channels=["bars"], symbols=["2330"], since=TEN + 9_999)
        (snapshot,) = await talk.hears_of("snapshot")
        assert snapshot["since"] == TEN + 60

    asyncio.run(run())


def test_messages_beyond_the_rate_are_refused_until_a_second_has_passed() -> None:
    async def run() -> None:
        talk = Conversation(messages_per_s=2)
        for now_s in (0.0, 0.1, 0.2, 1.15):
            talk.says(now_s, type="ping")
        assert [message["type"] for message in await talk.hears()] == ["pong", "pong", "error", "pong"]

    asyncio.run(run())
