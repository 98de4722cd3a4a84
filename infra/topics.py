"""`python -m infra.topics`: the contract's topics, created or widened; nothing is ever deleted or narrowed."""

import sys
from concurrent.futures import Future
from dataclasses import replace
from math import ceil
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs forget to export what it documents
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)
from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from infra.admin import exit_status, reached
from market import log
from market.settings import KafkaSettings, MarketSettings, Settings, load
from market.topics import ALL, AVERAGES, BARS, TRADES, Topic

_CALL_S = 15.0
_HOUR_MS = 3_600_000
_DAY_S = 86_400
_WIDE = (TRADES, BARS, AVERAGES)  # the others are small, and read whole


class TopicSettings(Settings):
    """TOPICS_*: partitions of the topics keyed by symbol, copies of every topic, seconds to wait for the broker."""

    model_config = SettingsConfigDict(env_prefix="TOPICS_")

    partitions: PositiveInt = 1
    replication: PositiveInt = 1
    wait_s: PositiveInt = 60


def ensure(admin: AdminClient, settings: TopicSettings, clock_offset_s: float = 0.0) -> list[str]:
    """Bring the broker to the contract; what was changed, in words. `KafkaException` when the broker refuses."""
    there = admin.list_topics(timeout=_CALL_S).topics
    changed = []
    for topic in ALL:
        wanted = settings.partitions if topic in _WIDE else 1
        config = topic_config(topic, clock_offset_s)
        if topic.name not in there:
            new = NewTopic(topic.name, wanted, settings.replication, config=config)
            changed += _create(admin, new)
            continue
        if len(there[topic.name].partitions) < wanted:
            _settle(admin.create_partitions([NewPartitions(topic.name, wanted)], request_timeout=_CALL_S))
            changed.append(f"widened {topic.name} to {wanted} partitions")
        changed += _configure(admin, topic.name, config)
    return changed


def topic_config(topic: Topic, clock_offset_s: float) -> dict[str, str]:
    """Broker settings of a topic.

    A clock that runs ahead stamps records later than the broker would accept; one that is behind, as a replay's is,
    makes them so old that it would delete them.
    """
    if clock_offset_s <= 0:
        return replace(topic, retention_days=topic.retention_days + ceil(-clock_offset_s / _DAY_S)).config()
    return topic.config() | {"message.timestamp.after.max.ms": str(int(clock_offset_s * 1_000) + _HOUR_MS)}


def _create(admin: AdminClient, new: NewTopic) -> list[str]:
    try:
        _settle(admin.create_topics([new], request_timeout=_CALL_S))
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:  # somebody else is bringing it up too
            return []
        raise
    return [f"created {new.topic}"]


def _configure(admin: AdminClient, name: str, config: dict[str, str]) -> list[str]:
    resource = ConfigResource(ResourceType.TOPIC, name)
    now = admin.describe_configs([resource], request_timeout=_CALL_S)[resource].result(_CALL_S)
    differing = {key: value for key, value in config.items() if key not in now or now[key].value != value}
    if not differing:
        return []
    entries = [ConfigEntry(k, v, incremental_operation=AlterConfigOpType.SET) for k, v in differing.items()]
    change = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    _settle(admin.incremental_alter_configs([change], request_timeout=_CALL_S))
    return [f"set {key}={value} on {name}" for key, value in differing.items()]


def _settle(futures: dict[Any, Future[Any]]) -> None:
    for future in futures.values():
        future.result(_CALL_S)


def main() -> int:
    logger = log.configure("topics")
    kafka, settings, market = load(KafkaSettings), load(TopicSettings), load(MarketSettings)

    def work() -> str:
        changed = ensure(reached(kafka, settings.wait_s), settings, market.clock_offset_s)
        return f"topics={len(ALL)} changed={'; '.join(changed) or 'nothing'}"

    return exit_status(logger, kafka, work)


if __name__ == "__main__":
    sys.exit(main())
