"""What was told on `status` and `alerts` while a client was away comes when it is back, the newest of each."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from api.alerts import LATEST_S, Firing
from api.events import ALERTS, Event, Events, Missed
from api.records import Raw
from market.messages import Delay, Pause
from stock_insights_client import Gap, Live
from tests.api_builders import TEN, a_bar, a_gap, a_raw, a_status
from tests.api_server import AFTER_TEN_S, Served, served
from tests.unit.test_api_alerts import an_alert, price
from tests.waiting import until


def an_event(key: int, offset: int, symbol: str | None = "2330", **more: Any) -> Event:
    event = Event("status", symbol, key, TEN + offset, b"frame", ("feed", 0), offset)
    return event._replace(**more)


def events_of(*events: Event, most: int = 100) -> Events:
    events_ = Events(most)
    for event in events:
        events_.reach(event.place, event.offset)
        events_.keep(event)
    return events_


def keys(events: Iterator[Event]) -> list[Any]:
    return [event.key for event in events]


def test_of_each_the_last_word_is_kept_in_the_order_told() -> None:
    events = events_of(an_event(1, 0), an_event(2, 1), an_event(1, 2))
    assert [(event.key, event.offset) for event in events.missed({}, 0)] == [(2, 1), (1, 2)]


def test_a_position_counts_where_it_speaks_of_the_topic_and_else_the_second() -> None:
    events = events_of(an_event(1, 0), an_event(2, 1), an_event(3, 2, place=("feed", 1)))
    assert keys(events.missed({("feed", 0): 1}, TEN + 9)) == [2]
    assert keys(events.missed({("feed", 0): 1}, TEN + 2)) == [2, 3]


def test_a_position_of_a_topic_that_was_made_anew_hides_nothing() -> None:
    events = events_of(an_event(1, 0), an_event(2, 1))
    assert keys(events.missed({("feed", 0): 5_000}, TEN + 1)) == [2]


def test_an_alert_is_told_up_to_a_minute_after_the_second_it_fires_for() -> None:
    events = events_of(an_event(1, TEN + 1, place=ALERTS), an_event(2, TEN + 2, place=ALERTS))
    assert keys(events.missed({ALERTS: TEN + 2 + LATEST_S}, 0)) == [2]


def test_the_oldest_go_first() -> None:
    assert keys(events_of(*(an_event(at, at) for at in range(5)), most=3).missed({}, 0)) == [2, 3, 4]


def test_what_was_told_again_meanwhile_is_not_told_as_it_was() -> None:
    events = events_of(an_event(1, 0), an_event(2, 1))
    missed = Missed(events)
    missed.note(["status"], None, {}, 0)
    events.keep(an_event(1, 7))
    assert keys(missed.take(9)) == [2]
    assert not missed


def test_only_of_what_was_asked_for_and_of_every_symbol_what_is_of_every_one() -> None:
    events = events_of(an_event(1, 0), an_event(2, 1, "0050"), an_event(3, 2, None), an_event(4, 3, channel="alerts"))
    missed = Missed(events)
    missed.note(["status"], ["2330"], {}, 0)
    assert keys(missed.take(9)) == [1, 3]


def test_so_many_are_taken_as_there_is_room_for() -> None:
    missed = Missed(events_of(*(an_event(at, at) for at in range(5))))
    missed.note(["status"], None, {}, 0)
    assert [keys(missed.take(2)), keys(missed.take(0)), keys(missed.take(9))] == [[0, 1], [], [2, 3, 4]]


@pytest.fixture
def api() -> Iterator[Served]:
    with served("2330", "0050") as up:
        yield up


def told(socket: ClientConnection, **asked: Any) -> list[dict[str, Any]]:
    """What comes until all that was asked for is there, but the heartbeats."""
    socket.send(json.dumps({"type": "subscribe", "id": 9, "symbols": ["2330"], **asked}))
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1]["type"] != "ready":
        message = json.loads(socket.recv(10))
        heard += [message] if message["type"] not in {"welcome", "status"} else []
    return heard


def position(api: Served) -> str:
    return str(json.loads(api.do(api.api.status.message))["position"])


def test_gaps_pauses_and_delays_told_meanwhile_come_before_ready(api: Served) -> None:
    api.take(a_status(0), a_gap(0, 1), a_bar(0))
    before = position(api)
    since_us = (TEN + 3) * 1_000_000
    records = [
        a_gap(0, 1, "healed", at_us=since_us),
        Pause(symbol="2330", time_us=since_us, direction="up"),
        Delay(symbol="2330", time_us=since_us, auction="close"),
        a_gap(2, 3, symbol="0050"),
    ]
    api.take(*records, first_offset=3)
    with connect(api.ws) as socket:
        heard = told(socket, channels=["bars", "status"], since=TEN, position=before)
    assert [message["type"] for message in heard] == ["ack", "gap", "pause", "delay", "snapshot", "ready"]
    assert heard[1]["data"]["state"] == "healed"
    assert heard[3]["data"]["auction"] == "close"


def test_without_a_position_they_come_from_since_on_and_without_both_there_are_none(api: Served) -> None:
    api.take(a_gap(0, 1, at_us=(TEN + 2) * 1_000_000), a_gap(5, 6, at_us=(TEN + 7) * 1_000_000))
    with connect(api.ws) as socket:
        assert [each["type"] for each in told(socket, channels=["status"])] == ["ack", "ready"]
        assert [each["type"] for each in told(socket, channels=["status"], since=TEN + 3)] == ["ack", "gap", "ready"]


def test_an_alert_that_fired_meanwhile_is_told_and_a_known_one_only_within_the_minute(api: Served) -> None:
    alert = an_alert(17, **price(1085))
    desk, now = api.api.desk, TEN + AFTER_TEN_S
    api.do(lambda: desk._tell(Firing(alert, now - 5 * LATEST_S)))
    before = position(api)
    api.do(lambda: desk._tell(Firing(alert, now)))
    with connect(api.ws) as socket:
        heard = told(socket, channels=["alerts"], position=before)
    assert [each["data"]["second"] for each in heard if each["type"] == "alert"] == [now]


def test_a_delayed_call_stands_in_the_status_until_it_is_made(api: Served) -> None:
    now_s = TEN + AFTER_TEN_S
    told_us = (now_s - 5) * 1_000_000
    api.take(
        Delay(symbol="2330", time_us=told_us, auction="open"), Delay(symbol="0050", time_us=told_us, auction="open")
    )

    def delayed() -> list[str]:
        return [each["symbol"] for each in json.loads(api.do(api.api.status.message))["delayed"]]

    assert delayed() == ["0050", "2330"]
    api.take(a_bar(AFTER_TEN_S - 1, auction="open"))
    assert delayed() == ["0050"]


def test_a_client_that_was_cut_ends_with_the_last_word_on_each_gap_and_hears_none_twice(api: Served) -> None:
    heard: list[Gap] = []

    async def follow(live: Live) -> None:
        async with aclosing(aiter(live)) as events:  # type: ignore[type-var]
            async for event in events:
                heard.extend([event] if isinstance(event, Gap) else [])

    async def is_true(condition: Any) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - whatever comes is counted
                await asyncio.sleep(0.01)

    async def run() -> None:
        live = Live(api.url, ["2330"], ["status"], since=TEN)
        following = asyncio.create_task(follow(live))
        await is_true(lambda: live._place)
        cut = tuple(api.do(api.api.live.hub.clients))
        api.do(lambda: [client._wire.transport.abort() for client in cut])  # type: ignore[attr-defined]
        for offset, gap in enumerate((a_gap(0, 1), a_gap(2, 3), a_gap(0, 1, "healed", at_us=TEN * 1_000_000 + 9))):
            api.do(lambda gap=gap, offset=offset: api.api.live.take(gap, a_raw(gap, 10 + offset), fresh=True))
        await is_true(lambda: live.connections == 2 and live.ready.is_set() and len(live.gaps) == 2)
        await is_true(lambda: live.status is not None and "feed/0@13" in live._place)
        following.cancel()
        await asyncio.wait([following])
        assert sorted(gap.state for gap in live.gaps.values()) == ["healed", "open"]

    api.take(a_status(0), a_bar(0))
    asyncio.run(run())
    assert len(heard) == len(set(heard))


def test_only_trial_matches_are_told_of_what_trades_holds(api: Served) -> None:
    def a_match(kind: str, price: str) -> Raw:
        value = f'"symbol":"2330","type":"EQUITY","exchange":"TWSE","time":{TEN}000000,"serial":1,"size":7'
        return Raw("trades", 0, 0, b"2330", f'{{{value},"price":{price},"kind":"{kind}"}}'.encode(), 0)

    matches = [
        a_match("continuous", "1085"),
        a_match("trial", "1090.5"),
        Raw("trades", 0, 1, None, b'{"kind":"trial"', 0),
    ]
    with connect(f"{api.ws}?channels=status&symbols=2330") as socket:
        until(lambda: "ready" in str(socket.recv(5)), "it listens", 5)
        api.do(lambda: api.api.trials._deliver(matches))
        message = json.loads(socket.recv(5))
        while message["type"] == "status":
            message = json.loads(socket.recv(5))
    assert message == {"type": "trial", "data": {"symbol": "2330", "time": TEN * 1_000_000, "price": 1090.5, "size": 7}}
