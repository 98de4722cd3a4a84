"""All records of a topic, by key and version."""

import json
from collections import defaultdict

from confluent_kafka import Consumer, TopicPartition

Key = tuple[str, int]


def newest(bootstrap: str, topic: str) -> dict[Key, set[bytes]]:
    """For each symbol and second the different values of its newest version: one, if rows are what they should be."""
    versions: dict[Key, dict[int, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for value in values(bootstrap, topic):
        row = json.loads(value)
        versions[row["symbol"], row["second"]][row["trades"]].add(value)
    return {key: found[max(found)] for key, found in versions.items()}


def values(bootstrap: str, topic: str) -> list[bytes]:
    """Every value from the topic's start to its end now."""
    return [value for _, value in stamped(bootstrap, topic)]


def stamped(bootstrap: str, topic: str) -> list[tuple[int, bytes]]:
    """Every record's time of publication in milliseconds and its value."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "test", "enable.auto.commit": False})
    try:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
        consumer.assign([TopicPartition(topic, 0, low)])
        found: list[tuple[int, bytes]] = []
        while len(found) < high - low:
            messages = consumer.consume(1_000, timeout=10)
            assert messages, f"{topic} ended after {len(found)} of {high - low} records"
            found += [(message.timestamp()[1], message.value()) for message in messages]
        return found
    finally:
        consumer.close()
