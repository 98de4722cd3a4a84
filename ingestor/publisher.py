"""Records to Kafka: confirmed, idempotent, bounded. Waiting for a full queue is the back-pressure on the feed."""

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from market.latency import Latency, Took
from market.links import Link
from market.topics import TRADES, Topic

MAX_UNCONFIRMED = 10_000
_FULL_WAIT_S = _SETTLE_WAIT_S = 0.002
_LOOK_S = 0.001  # how late a confirmation is seen at most; its latency runs until then
_LOG_EVERY_S = 5.0  # a broker that is down is reported ten times a second
# 64 MiB holds 10,000 trades ten times over; it binds only when dead letters are huge.
_MAX_QUEUE_KB = 65_536

Headers = dict[str, str | bytes | None]

log = logging.getLogger("ingestor")

OPTIONS: dict[str, Any] = {
    "acks": "all",
    "enable.idempotence": True,  # librdkafka's default is off
    "linger.ms": 0,
    "partitioner": "murmur2_random",  # the one Java's clients use, Spark's among them
    "message.timeout.ms": 0,  # never give a trade up; the full queue stops the reading instead
    "queue.buffering.max.messages": MAX_UNCONFIRMED,
    "queue.buffering.max.kbytes": _MAX_QUEUE_KB,
    "socket.nagle.disable": True,
    "log_level": 2,  # its troubles come by error_cb, into our log
}


class PublishError(Exception):
    """A record was refused for good, or the producer is beyond recovery: the process must end."""


class Publisher:
    """Sends records in order. `client` says how to reach the broker (market.settings: KafkaSettings.client)."""

    def __init__(self, client: Mapping[str, Any]) -> None:
        callbacks = {"on_delivery": self._delivered, "error_cb": self._trouble}
        self._producer = Producer({**client, **OPTIONS, **callbacks})
        self._link = Link()
        self._produced = Latency()
        self._looks = False
        self._failure: str | None = None
        self._refused = self._enqueued = 0
        self._logged_s = -_LOG_EVERY_S

    async def publish(
        self, topic: Topic, key: str | None, value: bytes, at_us: int, headers: Headers | None = None
    ) -> None:
        """Enqueue one record stamped `at_us`; waits while 10,000 are unconfirmed. Raises PublishError."""
        while True:
            self.serve()
            try:
                self._producer.produce(topic.name, value, key, timestamp=at_us // 1_000, headers=headers)
            except BufferError:
                await asyncio.sleep(_FULL_WAIT_S)
            except KafkaException as error:
                message = f"{topic.name} refused a record of {len(value)} bytes: {error.args[0].str()}"
                raise PublishError(message) from error
            else:
                self._enqueued += 1
                self._look_soon()
                return

    async def settled(self) -> None:
        """Wait until what was enqueued so far is confirmed, or as many records as that. Raises PublishError."""
        before = self._enqueued
        while self.unconfirmed() > self._enqueued - before:
            await asyncio.sleep(_SETTLE_WAIT_S)
            self.serve()

    def serve(self) -> None:
        """Take what the broker has confirmed since the last call; raises PublishError, or RefusedError (its link)."""
        self._producer.poll(0)
        self._link.check()
        if self._failure:
            raise PublishError(self._failure)

    def took(self) -> Took:
        """How long trades took from the queue until the brokers had confirmed them, so far. Raises as `serve` does.

        librdkafka counts from `produce`: how long `publish` waited for a full queue is not in it.
        """
        self.serve()
        return self._produced.took(monotonic())

    def unconfirmed(self) -> int:
        return len(self._producer)

    def flush(self, deadline_s: float) -> int:
        """Wait for confirmations at most `deadline_s`; how many records wait still or were refused."""
        return self._producer.flush(deadline_s) + self._refused

    def _look_soon(self) -> None:
        """Without further trades nobody would ask for the confirmation of the last."""
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_later(_LOOK_S, self._look)

    def _look(self) -> None:
        """A failure is kept for the next `serve`."""
        self._producer.poll(0)
        self._looks = False
        if self.unconfirmed():
            self._look_soon()

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        """Called from `poll`, which is when the latency ends."""
        if error:
            self._refused += 1
            self._failure = f"{message.topic()} refused a record: {error.str()}"
        elif message.topic() == TRADES.name and (took_s := message.latency()) is not None:
            self._produced.add(took_s * 1_000, monotonic())

    def _trouble(self, error: KafkaError) -> None:
        trouble = self._link.hear(error)
        if error.fatal():
            self._failure = error.str()
        elif monotonic() - self._logged_s >= _LOG_EVERY_S:
            self._logged_s = monotonic()
            log.warning("broker_trouble %s", trouble)
