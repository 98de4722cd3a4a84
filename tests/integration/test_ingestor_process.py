"""`python -m ingestor` and its publisher on a real broker."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from ingestor.feed import MAX_FRAME_BYTES
from ingestor.publisher import MAX_UNCONFIRMED, Publisher, PublishError
from market.clock import Clock
from market.messages import FeedStatus, Gap, Pause, Watched, decode_feed, decode_symbol, decode_trade
from market.settings import EX_CONFIG
from market.topics import DEAD_LETTERS, FEED, SYMBOLS, TRADES, Topic
from tests.integration.ingestor_broker import Broker, broker
from tests.integration.ingestor_exchange import KEY, Played, golden_tape, tape_clock, until
from tests.integration.ingestor_process import ingestor

pytestmark = pytest.mark.stack
NOW_US = 1_796_090_400_000_000
STOP_GRACE_S = 10


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker(tmp_path_factory.mktemp("kafka"), tape_clock().offset_s) as running:
        yield running


@pytest.fixture
def publisher(kafka: Broker) -> Publisher:
    return Publisher({"bootstrap.servers": kafka.bootstrap})


def end(kafka: Broker, topic: Topic) -> int:
    return len(kafka.records(topic))


async def publish(publisher: Publisher, count: int) -> None:
    for number in range(count):
        await publisher.publish(TRADES, "2330", b"%d" % number, NOW_US + number * 1_000)


def test_records_arrive_in_order_with_key_and_time(kafka: Broker, publisher: Publisher) -> None:
    first = end(kafka, TRADES)
    asyncio.run(publish(publisher, 1_000))
    assert publisher.flush(10) == 0
    found = kafka.records(TRADES, first)
    assert [record.value() for record in found] == [b"%d" % number for number in range(1_000)]
    assert {record.key() for record in found} == {b"2330"}
    assert [record.timestamp()[1] for record in found] == [NOW_US // 1_000 + number for number in range(1_000)]


def test_while_the_broker_stands_still_publishing_waits_and_nothing_is_lost_or_doubled(
    kafka: Broker, publisher: Publisher
) -> None:
    first, count = end(kafka, TRADES), MAX_UNCONFIRMED + 2_000

    async def scenario() -> None:
        await publish(publisher, 1)
        assert await asyncio.to_thread(publisher.flush, 10) == 0
        os.kill(kafka.pid, signal.SIGSTOP)
        try:
            waiting = asyncio.ensure_future(publish(publisher, count))
            await until(lambda: publisher.unconfirmed() == MAX_UNCONFIRMED, "a full queue")
            assert publisher.flush(0.2) == MAX_UNCONFIRMED
            assert not waiting.done()
        finally:
            os.kill(kafka.pid, signal.SIGCONT)
        await asyncio.wait_for(waiting, 30)

    asyncio.run(scenario())
    assert publisher.flush(30) == 0
    found = [record.value() for record in kafka.records(TRADES, first + 1)]
    assert found == [b"%d" % number for number in range(count)]


def test_the_largest_frame_fits_into_a_dead_letter(kafka: Broker, publisher: Publisher) -> None:
    first = end(kafka, DEAD_LETTERS)
    headers = {"reason": "r" * 500, "source": "feed", "at_us": "1"}
    asyncio.run(publisher.publish(DEAD_LETTERS, None, b"x" * MAX_FRAME_BYTES, NOW_US, dict(headers)))
    assert publisher.flush(10) == 0
    (record,) = kafka.records(DEAD_LETTERS, first)
    assert dict(record.headers() or ()) == {name: value.encode() for name, value in headers.items()}


def test_a_record_the_broker_refuses_ends_the_publishing(kafka: Broker, publisher: Publisher) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    narrow = Topic("narrow", "records of 100 bytes at most", 1)
    admin.create_topics([NewTopic(narrow.name, 1, 1, config={"max.message.bytes": "100"})])[narrow.name].result(10)

    async def scenario() -> None:
        await publisher.publish(narrow, None, b"x" * 1_000, Clock().now_us())
        await until(publisher.serve, "the refusal", within_s=10)

    with pytest.raises(PublishError, match="narrow refused a record"):
        asyncio.run(scenario())


def test_a_record_too_large_for_the_producer_ends_the_publishing(publisher: Publisher) -> None:
    with pytest.raises(PublishError, match="2000000 bytes"):
        asyncio.run(publisher.publish(TRADES, None, b"x" * 2_000_000, NOW_US))


def settings(bootstrap: str, exchange: Played, key: str = KEY) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP": bootstrap, "CLOCK_OFFSET_S": str(tape_clock().offset_s),
        "INGESTOR_FUGLE_WS_URL": exchange.url, "INGESTOR_FUGLE_REST_URL": exchange.rest,
        "INGESTOR_FUGLE_API_KEY": key, "INGESTOR_SYMBOLS": "2330",
    }  # fmt: skip


async def stopped(process: Process) -> int:
    """Exit status after SIGTERM, within what compose gives a service before it kills it."""
    process.terminate()
    return await asyncio.wait_for(process.wait(), STOP_GRACE_S)


def test_the_process_publishes_the_golden_tape_and_stops_cleanly(kafka: Broker, tmp_path: Path) -> None:
    topics = (TRADES, FEED, SYMBOLS, DEAD_LETTERS)
    first = {topic.name: end(kafka, topic) for topic in topics}

    async def scenario() -> None:
        tape = golden_tape()
        async with tape as exchange, ingestor(tmp_path / "log", **settings(kafka.bootstrap, exchange)) as process:
            await until(lambda: exchange.exchange.account.subscriptions, "subscription", within_s=15)
            for _ in range(3):
                exchange.next()
            await asyncio.to_thread(_await_trades, kafka, first[TRADES.name] + 13)
            status = await stopped(process)
        assert status == 0, (tmp_path / "log").read_text()

    asyncio.run(scenario())
    read = {topic.name: kafka.records(topic, first[topic.name]) for topic in topics}
    trades, feed, symbols, dead = ([record.value() or b"" for record in read[topic.name]] for topic in topics)
    assert len([decode_trade(value) for value in trades]) == 13
    reports = [decode_feed(value) for value in feed]
    events = {type(report) for report in reports if not isinstance(report, FeedStatus)}
    assert events - {Gap} == {Pause, Watched}
    last = [report for report in reports if isinstance(report, FeedStatus)][-1]
    assert (last.connected, last.trades, last.dead_letters, last.trading_day) == (False, 13, 0, "2026-12-01")
    assert last.received is not None
    assert last.produced is not None
    of_trades = last.received.lately
    assert (
        of_trades.count + of_trades.left_out + of_trades.impossible == 13
    )  # the tape's clock stands before its trades
    assert 0 < last.produced.lately.count <= 13
    assert [report.symbols for report in reports if isinstance(report, Watched)][-1] == ()
    (info,) = map(decode_symbol, symbols)
    assert info.symbol == "2330"
    assert isinstance(info.reference_price, Decimal)
    assert dead == []
    assert "stopped unconfirmed=0" in (tmp_path / "log").read_text()


def _await_trades(kafka: Broker, offset: int) -> None:
    deadline = time.monotonic() + 10
    while end(kafka, TRADES) < offset:
        assert time.monotonic() < deadline, f"no {offset} trades within 10 s"


def test_a_wrong_key_ends_the_process_with_78_and_a_clear_last_line(kafka: Broker, tmp_path: Path) -> None:
    async def scenario() -> int:
        tape = golden_tape()
        async with tape as exchange:
            wrong = settings(kafka.bootstrap, exchange, "canary")
            async with ingestor(tmp_path / "log", **wrong) as process:
                return await asyncio.wait_for(process.wait(), 15)

    assert asyncio.run(scenario()) == EX_CONFIG
    log = (tmp_path / "log").read_text()
    assert "wrong_key the exchange refuses INGESTOR_FUGLE_API_KEY (code 1000" in log.splitlines()[-1]
    assert "Traceback" not in log
    assert "canary" not in log


def test_without_a_broker_the_process_still_stops_in_time_and_says_what_is_unconfirmed(tmp_path: Path) -> None:
    async def scenario() -> int:
        tape = golden_tape()
        async with tape as exchange, ingestor(tmp_path / "log", **settings("127.0.0.1:1", exchange)) as process:
            await until(lambda: exchange.exchange.account.subscriptions, "subscription", within_s=15)
            exchange.next()
            return await stopped(process)

    assert asyncio.run(scenario()) == 1
    assert "ERROR ingestor stopped unconfirmed=" in (tmp_path / "log").read_text().splitlines()[-1]
