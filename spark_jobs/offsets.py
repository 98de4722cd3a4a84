"""Where a trading day begins in a topic. A call ends within 30 s or raises KafkaException."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, TopicPartition

from market.calendar import day_bounds_us
from market.links import Link
from market.settings import KafkaSettings

log = logging.getLogger("spark")

_TIMEOUT_S = 30.0
# A clock may be wrong; a record that is read too early is only skipped by its content.
_MARGIN_MS = 3_600_000


def wait_for_topics(kafka: KafkaSettings, names: tuple[str, ...], seconds: float) -> dict[str, int]:
    """Their numbers of partitions, once all exist; TimeoutError names what was still missing. Hosts start in any order.

    RefusedError when the broker's certificate is not to be trusted, with which Spark could not do either.
    """
    link, told, deadline = Link(), "", time.monotonic() + seconds
    while missing := [name for name in names if name not in (known := _partitions_by_topic(kafka, link))]:
        if time.monotonic() > deadline:
            mend = link.trouble or "is the broker up, did infra.topics run?"
            still = ", ".join(missing) if known else "broker"
            message = f"after {seconds:.0f} s still no {still} at {kafka.bootstrap}: {mend}"
            raise TimeoutError(message)
        if link.trouble != told:
            told = link.trouble
            log.warning("waiting broker=%s %s", kafka.bootstrap, told)
        time.sleep(0.2)
    return {name: known[name] for name in names}


def _partitions_by_topic(kafka: KafkaSettings, link: Link) -> dict[str, int]:
    """Of all topics there are; none when the broker does not answer."""
    with _asking(kafka, link) as broker:
        try:
            found = broker.list_topics(timeout=1.0).topics
        except KafkaException:
            broker.poll(0)  # hands over what was heard
            link.check()
            return {}
    return {name: len(topic.partitions) for name, topic in found.items() if topic.partitions}


def at_day(kafka: KafkaSettings, topic: str, day: date) -> dict[str, int]:
    """First offset of each partition that can hold a record of `day`; its end if there is none yet."""
    since_ms = day_bounds_us(day)[0] // 1_000 - _MARGIN_MS
    with _asking(kafka) as broker:
        asked = [TopicPartition(topic, partition, since_ms) for partition in _partitions(broker, topic)]
        found = broker.offsets_for_times(asked, timeout=_TIMEOUT_S)
        return {str(at.partition): at.offset if at.offset >= 0 else _end(broker, topic, at.partition) for at in found}


def end(kafka: KafkaSettings, topic: str) -> dict[str, int]:
    """Next offset of each partition."""
    with _asking(kafka) as broker:
        return {str(partition): _end(broker, topic, partition) for partition in _partitions(broker, topic)}


@contextmanager
def _asking(kafka: KafkaSettings, link: Link | None = None) -> Iterator[Consumer]:
    # Asked twice a day: a connection kept open between would only log the broker's restarts.
    own = {"log_level": 0, "error_cb": (link or Link()).hear}
    broker = Consumer(kafka.client(group_id="spark-offsets", enable_auto_commit=False) | own)
    try:
        yield broker
    finally:
        broker.close()


def _partitions(broker: Consumer, topic: str) -> list[int]:
    found = broker.list_topics(topic, timeout=_TIMEOUT_S).topics[topic]
    if found.error is not None or not found.partitions:
        message = f"topic {topic} does not exist: create the topics first (python -m infra.topics)"
        raise LookupError(message)
    return sorted(found.partitions)


def _end(broker: Consumer, topic: str, partition: int) -> int:
    return int(broker.get_watermark_offsets(TopicPartition(topic, partition), timeout=_TIMEOUT_S)[1])


def remembered(path: Path, find: Callable[[], dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    """The start offsets written in `path`, else those found now, which are written there whole or not at all."""
    if path.exists():
        return dict(json.loads(path.read_text("utf-8")))
    found = find()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(found), "utf-8")
    half.replace(path)
    return found
