"""Where the live path begins to read: what the database has needs no warming."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from api import broadcaster
from api.broadcaster import Broadcaster
from api.hops import Hop
from api.hub import Hub
from api.live import Live
from api.memory import Memory
from market.settings import KafkaSettings

BY_TIME = {"bars": 1_000, "averages": 2_000, "feed": 50}


class Broker:
    """Says which offset each time is at; the topics' numbers are fixed."""

    def offsets_for_times(self, timed: list[TopicPartition], _timeout: float) -> list[TopicPartition]:
        return [TopicPartition(each.topic, each.partition, BY_TIME[each.topic]) for each in timed]


def starts(monkeypatch: pytest.MonkeyPatch, stored: Mapping[tuple[str, int], int]) -> dict[str, int]:
    """The offsets it begins at when the database has stored so far."""

    async def told(_within_s: float) -> Mapping[tuple[str, int], int]:
        return stored

    async def reads(self: Any, *_: Any) -> None:
        assert self is part._reader

    monkeypatch.setattr(broadcaster.Reader, "run", reads)
    live = Live(Hub(Memory()), lambda: 0, lambda: 0.0)
    part = Broadcaster(KafkaSettings(bootstrap="nowhere:1"), live, Hop("kafka"), told)
    asyncio.run(part.run())
    partitions = [TopicPartition(topic, 0) for topic in broadcaster.TOPICS]
    found = part._starts(Broker(), partitions)  # type: ignore[arg-type]
    return {each.topic: each.offset for each in found}


def test_rows_are_read_from_shortly_before_where_the_database_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {("bars", 0): 7_000, ("averages", 0): 1_500, ("feed", 0): 9_000}
    found = starts(monkeypatch, stored)
    assert (found["bars"], found["averages"]) == (6_000, 2_000)  # never further back than memory keeps
    assert found["feed"] == BY_TIME["feed"]  # what the feed said proves seconds, and is stored nowhere


def test_without_the_databases_word_all_that_memory_keeps_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = starts(monkeypatch, {})
    assert {topic: found[topic] for topic in BY_TIME} == BY_TIME
