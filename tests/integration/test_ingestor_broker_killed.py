"""No trade is lost before Kafka: what a broker took with it into its death is sent again (semantics: the promise)."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from infra.local import ports
from ingestor import publisher
from market.clock import Clock
from market.topics import TRADES
from tests.integration.ingestor_broker import broker

pytestmark = pytest.mark.stack
COUNT = 2_000


async def publish(to: publisher.Publisher, numbers: range) -> None:
    for number in numbers:
        await to.publish(TRADES, "2330", b"%d" % number, Clock().now_us())


def stored_after_a_kill(data: Path) -> list[bytes | None]:
    """Values in the topic, after a broker that stood still was killed with records on their way to it."""
    port = ports.free()
    with broker(data, port=port) as doomed:
        sender = publisher.Publisher({"bootstrap.servers": doomed.bootstrap})
        asyncio.run(publish(sender, range(1)))
        assert sender.flush(10) == 0
        os.kill(doomed.pid, signal.SIGSTOP)
        asyncio.run(publish(sender, range(1, COUNT)))
        sender.flush(1)
        os.kill(doomed.pid, signal.SIGKILL)
    with broker(data, port=port) as again:
        assert sender.flush(30) == 0
        return [record.value() for record in again.records(TRADES)]


def test_what_a_killed_broker_had_not_stored_is_sent_again_once_and_in_order(tmp_path: Path) -> None:
    assert stored_after_a_kill(tmp_path) == [b"%d" % number for number in range(COUNT)]


def test_without_confirmation_a_killed_broker_takes_trades_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "OPTIONS", publisher.OPTIONS | {"acks": "0", "enable.idempotence": False})
    assert len(stored_after_a_kill(tmp_path)) < COUNT
