"""Going on from a position: exactly what came after it, whatever its second, from memory alone."""

import asyncio
from typing import Any

import msgspec
import pytest

from api import position
from api.memory import Memory
from api.messages import SERVER_MESSAGES, StatusMessage
from tests.api_builders import TEN, a_row
from tests.unit.test_api_session import Conversation

HEARD = {("bar", 0): 10}


def row_at(offset: int, at: int, trades: int = 1, **fields: Any) -> Any:
    return msgspec.structs.replace(a_row(at, trades, **fields), partition=0, offset=offset)


def a_memory(*offsets: int, **options: Any) -> Memory:
    memory = Memory(**options)
    for offset in offsets:
        memory.accept(row_at(offset, offset), 0)
    return memory


@pytest.mark.parametrize("given", ["bar/0@12", "average/0@9,bar/0@12", "bar/0@1,bar/11@999999999999"])
def test_a_position_is_read_as_it_was_written(given: str) -> None:
    found = position.parse(given)
    assert found is not None
    assert position.text(found) == given


@pytest.mark.parametrize(
    "given", ["", "bar/0", "bar/0@x", "gap/0@1", "bar/0@1,bar/0@2", "bar/0@1,", "bar/0@" + "9" * 30]
)
def test_what_is_no_position_of_ours_is_none(given: str) -> None:
    assert position.parse(given) is None


def test_memory_holds_what_came_after_any_position_it_has_seen() -> None:
    memory = a_memory(5, 6, 7)
    assert [memory.holds({("bar", 0): at}) for at in (4, 5, 8, 9)] == [False, True, True, False]
    assert not memory.holds({("bar", 0): 6, ("average", 0): 1})
    assert not memory.holds({})


def test_what_memory_forgot_it_does_not_hold() -> None:
    memory = a_memory(5, 6, 7, most_rows=2)
    assert [memory.holds({("bar", 0): at}) for at in (5, 6)] == [False, True]


def test_a_row_that_was_replaced_before_it_was_forgotten_costs_nothing() -> None:
    memory = Memory(keep_s=10)
    memory.accept(row_at(5, 0, 1), 0)
    memory.accept(row_at(6, 0, 2), 5)
    memory.accept(row_at(7, 1), 11)
    assert memory.holds({("bar", 0): 5})


def resuming(**more: Any) -> dict[str, Any]:
    return {"type": "subscribe", "channels": ["bars"], "symbols": ["2330"], "since": TEN} | more


def test_a_resume_brings_what_came_after_the_position_of_any_second_and_asks_no_database() -> None:
    async def run() -> None:
        talk = Conversation()
        for offset, at in ((9, 50), (10, 51), (11, 3)):
            talk.hub.publish(row_at(offset, at), 0)
        talk.says(**resuming(id=4, position="bar/0@10"))
        _, snapshot, ready = await talk.hears()
        assert [bar["second"] - TEN for bar in snapshot["bars"]] == [3, 51]
        assert (snapshot["resumed"], snapshot["complete"], ready["id"]) == (True, True, 4)
        assert talk.snapshots.questions == []
        talk.hub.publish(row_at(12, 52), 0)
        assert (await talk.hears())[-1]["data"]["second"] == TEN + 52

    asyncio.run(run())


def test_a_position_that_memory_does_not_hold_is_answered_by_since() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.snapshots.answer.set()
        talk.hub.publish(row_at(20, 50), 0)
        talk.says(**resuming(position="bar/0@10"))
        (snapshot,) = await talk.hears_of("snapshot")
        assert (snapshot["resumed"], snapshot["since"]) == (False, TEN)
        assert talk.snapshots.questions == [("2330", TEN)]

    asyncio.run(run())


def test_of_every_symbol_a_resume_brings_those_with_news() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.hub.publish(row_at(9, 50), 0)
        talk.hub.publish(row_at(10, 50, symbol="0050"), 0)
        talk.says(**resuming(symbols=["*"], position="bar/0@10"))
        assert [message["symbol"] for message in await talk.hears_of("snapshot")] == ["0050"]

    asyncio.run(run())


def test_a_wish_that_reaches_further_back_than_the_one_under_way_is_fulfilled_in_full() -> None:
    async def run() -> None:
        talk = Conversation()
        talk.says(type="subscribe", channels=["bars"], symbols=["2330"], since=TEN + 30)
        await talk.snapshots.asked.wait()
        talk.says(type="subscribe", channels=["bars"], symbols=["2330"], since=TEN)
        talk.snapshots.answer.set()
        (snapshot,) = await talk.hears_of("snapshot")
        assert snapshot["since"] == TEN

    asyncio.run(run())


def test_every_server_message_has_a_type_of_its_own() -> None:
    assert len({each.__struct_config__.tag for each in SERVER_MESSAGES}) == len(SERVER_MESSAGES)
    assert StatusMessage in SERVER_MESSAGES
