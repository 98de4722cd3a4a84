"""What a user may try with a topic: one real attempt for each operation, and whether the broker let it through."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import NewPartitions, NewTopic

from tests.security.hosts import Hosts

_WAIT_S = 10.0
_REFUSED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}
_WELL = {KafkaError.TOPIC_ALREADY_EXISTS}  # it might have been made, had it not been there


def describe(up: Hosts, user: str, topic: str) -> bool:
    found = up.admin(user).list_topics(topic, timeout=_WAIT_S).topics[topic]
    return _let_through(found.error)


def read(up: Hosts, user: str, topic: str) -> bool:
    """The topic's first record, by a group of the user's own: to a subscription a refusal is told."""
    consumer = up.consumer(user, "ingestor" if user == "ingestor" else f"{user}-tries")
    consumer.subscribe([topic])
    try:
        while (message := consumer.poll(_WAIT_S)) is not None:
            error = message.error()
            if error is None or error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                return error is None
        pytest.fail(f"neither a record of {topic} nor a refusal for {user}")
    finally:
        consumer.close()


def write(up: Hosts, user: str, topic: str) -> bool:
    said: list[KafkaError | None] = []
    producer = Producer(up.kafka_client(user, linger_ms=0))
    producer.produce(topic, b"{}", b"attempt", on_delivery=lambda error, _: said.append(error))
    assert producer.flush(_WAIT_S) == 0
    return _let_through(said[0])


def create(up: Hosts, user: str, topic: str) -> bool:
    return _settled(up.admin(user).create_topics([NewTopic(topic, 1, 1)], request_timeout=_WAIT_S)[topic])


def delete(up: Hosts, user: str, topic: str) -> bool:
    return _settled(up.admin(user).delete_topics([topic], request_timeout=_WAIT_S)[topic])


def alter(up: Hosts, user: str, topic: str) -> bool:
    wider = [NewPartitions(topic, 7)]
    return _settled(up.admin(user).create_partitions(wider, request_timeout=_WAIT_S, validate_only=True)[topic])


OPERATIONS: dict[str, Callable[[Hosts, str, str], bool]] = {
    each.__name__: each for each in (describe, read, write, create, delete, alter)
}


def attempt(up: Hosts, user: str, operation: str, topic: str) -> bool:
    """Whether it went through; any failure that is no refusal is raised."""
    return partial(OPERATIONS[operation], up, user, topic)()


def _settled(future: Any) -> bool:
    try:
        future.result(_WAIT_S)
    except KafkaException as error:
        return _let_through(error.args[0])
    return True


def _let_through(error: KafkaError | None) -> bool:
    if error is None or error.code() in _WELL:
        return True
    if error.code() in _REFUSED:
        return False
    raise KafkaException(error)
