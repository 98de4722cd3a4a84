"""How long the broker takes to confirm a trade; the client's own broker stands in for Kafka."""

import asyncio
from time import monotonic

from ingestor.publisher import Publisher
from market.topics import FEED, TRADES


def test_confirmed_trades_say_how_long_they_took_and_nothing_else_does() -> None:
    publisher = Publisher({"test.mock.num.brokers": 1})

    async def publish() -> None:
        for topic in (TRADES, FEED, TRADES):
            await publisher.publish(topic, "2330", b"{}", 1_796_090_400_000_000)

    asyncio.run(publish())
    assert publisher.flush(10) == 0
    lately = publisher.took().lately
    assert (lately.count, lately.left_out, lately.impossible) == (2, 0, 0)
    assert lately.p50_ms is not None
    assert lately.p50_ms < 10_000


def test_the_last_trade_is_confirmed_without_another_to_ask_for_it() -> None:
    publisher = Publisher({"test.mock.num.brokers": 1})

    async def publish() -> None:
        await publisher.publish(TRADES, "2330", b"{}", 1_796_090_400_000_000)
        deadline_s = monotonic() + 10
        while publisher.unconfirmed():  # as long as nobody has asked
            assert monotonic() < deadline_s, "not asked for within 10 s"
            await asyncio.sleep(0.001)

    asyncio.run(publish())
    assert publisher.took().lately.count == 1
