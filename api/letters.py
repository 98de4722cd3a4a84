"""Records nobody may use, kept where they can be looked at: the original bytes, the reason, the source."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from api.mysql import pauses
from api.records import Raw
from market.clock import Clock
from market.topics import DEAD_LETTERS, LETTER_BYTES

log = logging.getLogger("api.letters")

_CONFIRM_S = 10.0
Letter = tuple[Raw, str]


class DeadLetters:
    """Confirmed by the broker before `bury` returns, however long that takes: then the offset may be stored."""

    def __init__(self, config: Mapping[str, Any], clock: Clock) -> None:
        own = {"acks": "all", "enable.idempotence": True, "linger.ms": 0, "message.max.bytes": LETTER_BYTES}
        self._config = {**config, **own}
        self._clock = clock
        self._producer: Producer | None = None
        self.buried = 0

    async def bury(self, letters: Sequence[Letter]) -> None:
        waiting = list(letters)
        for pause_s in pauses():
            waiting = await asyncio.to_thread(self._send, waiting)
            if not waiting:
                break
            log.warning("letters.retry unconfirmed=%d pause_s=%.2f", len(waiting), pause_s)
            await asyncio.sleep(pause_s)
        self.buried += len(letters)
        for raw, reason in letters:
            log.warning("letters.buried source=%s reason=%r", source(raw), reason)

    def _send(self, letters: list[Letter]) -> list[Letter]:
        """Produce and wait; those the broker did not confirm."""
        producer = self._producer = self._producer or Producer(self._config)
        confirmed: set[int] = set()
        for number, (raw, reason) in enumerate(letters):

            def note(error: KafkaError | None, _message: Message, number: int = number) -> None:
                if error is None:
                    confirmed.add(number)

            producer.produce(
                DEAD_LETTERS.name, raw.value, raw.key, headers=self._headers(raw, reason), on_delivery=note
            )
        if producer.flush(_CONFIRM_S):
            producer.purge()
            producer.flush(_CONFIRM_S)
        return [letter for number, letter in enumerate(letters) if number not in confirmed]

    def _headers(self, raw: Raw, reason: str) -> dict[str, str | bytes | None]:
        return {"reason": reason, "source": source(raw), "at_us": str(self._clock.now_us())}


def source(raw: Raw) -> str:
    """Where a record stood, as `bars/0@123`."""
    return f"{raw.topic}/{raw.partition}@{raw.offset}"
