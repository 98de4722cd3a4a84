"""What the stream loses comes by REST: on a real broker, against the simulated exchange, under faults."""

import asyncio
import json
import os
import re
import signal
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from market.messages import KINDS_IN_BARS, FeedStatus, Gap, Trade, decode_feed, decode_trade
from market.topics import FEED, TRADES, Topic
from simulator.ledger import trades
from tests import oracle
from tests.contract.double import BASE, KEY, Double, a_double
from tests.integration.ingestor_broker import Broker, broker
from tests.integration.ingestor_process import ingestor

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("far_from_midnight")]
RATE, SYMBOLS = 200, 20
TOLD_US = 2_000_000
LOSSES = "swallow=0.02&duplicate=0.05&late=0.01&after=3"


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Broker]:
    """A broker of its own for each test, because the ingestor believes what its topics say of the day."""
    with broker(tmp_path / "kafka") as running:
        yield running


@dataclass
class Scene:
    """An exchange that trades, the ingestor's settings for it, and what its topics hold."""

    double: Double
    kafka: Broker
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def ingestor(self, **settings: str) -> AbstractAsyncContextManager[Process]:
        return ingestor(self.folder / "log", **self.settings | settings)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    async def fault(self, query: str) -> None:
        await self.double.control(f"fault?{query}")

    async def trade(self, seconds: float) -> None:
        """Let the market go on for a while."""
        await self.double.control("begin")
        await asyncio.sleep(seconds)

    def records(self, topic: Topic) -> list[tuple[int, bytes]]:
        """Milliseconds and bytes of what was published in this test."""
        found = self.kafka.records(topic)
        return [(record.timestamp()[1], record.value() or b"") for record in found]

    def gaps(self) -> list[tuple[int, Gap]]:
        feed = [(at_ms, decode_feed(value)) for at_ms, value in self.records(FEED)]
        return [(at_ms, record) for at_ms, record in feed if isinstance(record, Gap)]

    def states(self) -> dict[tuple[str, int, int], str]:
        """The last word on each gap."""
        return {(gap.symbol, gap.from_us, gap.to_us): gap.state for _, gap in self.gaps()}

    def open_gaps(self) -> int:
        statuses = [decode_feed(value) for _, value in self.records(FEED)]
        return [status for status in statuses if isinstance(status, FeedStatus)][-1].open_gaps

    def published(self) -> list[Trade]:
        return [decode_trade(value) for _, value in self.records(TRADES)]

    def missing(self) -> set[tuple[str, int]]:
        """Trades of the ledger that count in bars and are not in the topic."""
        self.double.exchange.ledger.flush()
        printed = {(t["symbol"], t["serial"]) for t in trades(self.folder / "ledger") if oracle.counts(t)}
        return printed - {(trade.symbol, trade.serial) for trade in self.published()}

    async def until(self, condition: Callable[[], object], what: str, within_s: float = 20) -> None:
        deadline = time.monotonic() + within_s
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < deadline, f"not within {within_s} s: {what}\n{self.log()[-3_000:]}"
            await asyncio.sleep(0.2)


@asynccontextmanager
async def a_scene(kafka: Broker, folder: Path) -> AsyncIterator[Scene]:
    market: dict[str, Any] = {"mode": "live", "tape": None, "rate": RATE, "symbols": SYMBOLS, "begin": "when_told"}
    async with a_double(**market, ledger=folder / "ledger") as double:
        address = f"127.0.0.1:{double.port}{BASE}"
        settings = {
            "KAFKA_BOOTSTRAP": kafka.bootstrap, "INGESTOR_FUGLE_API_KEY": KEY, "INGESTOR_PLAN": "advanced",
            "INGESTOR_FUGLE_WS_URL": f"ws://{address}/streaming", "INGESTOR_FUGLE_REST_URL": f"http://{address}",
            "INGESTOR_SYMBOLS": ",".join(double.exchange.instruments),
        }  # fmt: skip
        yield Scene(double, kafka, folder, settings)


def on_a_scene(kafka: Broker, folder: Path, test: Callable[[Scene], Awaitable[None]]) -> None:
    async def inside() -> None:
        async with a_scene(kafka, folder) as scene:
            await test(scene)

    asyncio.run(inside())


async def subscribed(scene: Scene) -> None:
    await scene.until(lambda: scene.double.exchange.account.subscriptions == SYMBOLS, "subscription")


async def whole(scene: Scene) -> None:
    """The market ends, and everything is there."""
    await scene.double.control("end")
    await scene.until(lambda: not scene.missing(), "every trade of the ledger")
    await scene.until(lambda: set(scene.states().values()) <= {"healed"}, "no open gap")
    await scene.until(lambda: scene.open_gaps() == 0, "a status without an open gap")
    printed = {(t["symbol"], t["serial"], t["type"]): t for t in trades(scene.folder / "ledger") if t["size"]}
    for _, value in scene.records(TRADES):
        record = json.loads(value, parse_float=Decimal)
        ours = {name: record.pop(name) for name in ("kind", "received_us", "source")}
        assert record == printed[record["symbol"], record["serial"], record["type"]], ours


def test_swallowed_trades_are_told_within_two_seconds_and_fetched(kafka: Broker, tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        async with scene.ingestor():
            await subscribed(scene)
            await scene.fault(f"{LOSSES}&seconds=5")
            await scene.trade(8)
            await whole(scene)
        landed = [await scene.double.landed(fault) for fault in ("swallow", "duplicate", "late")]
        assert all(landed)
        opened = [(at_ms, gap) for at_ms, gap in scene.gaps() if gap.state == "open"]
        assert opened
        shown: dict[tuple[str, int], int] = {}
        for trade in scene.published():
            shown.setdefault((trade.symbol, trade.time), trade.received_us)
        delays_us = [at_ms * 1_000 - shown[gap.symbol, gap.to_us] for at_ms, gap in opened]
        assert max(delays_us) < TOLD_US
        fetched = [trade for trade in scene.published() if trade.source == "rest"]
        assert landed[0] <= len(fetched) <= landed[0] + landed[2]

    on_a_scene(kafka, tmp_path, test)


@pytest.mark.parametrize("fault", ["rest_500", "rest_429"])
def test_without_rest_a_gap_stays_open_and_heals_when_rest_returns(kafka: Broker, tmp_path: Path, fault: str) -> None:
    async def test(scene: Scene) -> None:
        minute_s = str(45 - time.time() % 60)  # the next minute, which a 429 waits for, is 15 s away
        async with scene.ingestor(CLOCK_OFFSET_S=minute_s):
            await subscribed(scene)
            await scene.fault(f"{fault}=1")
            await scene.fault("swallow=0.02&seconds=2")
            await scene.trade(4)
            await scene.until(lambda: scene.open_gaps() > 0, "a status with open gaps")
            await asyncio.sleep(3)
            assert set(scene.states().values()) == {"open"}
            assert await scene.double.landed(fault) > 0
            assert scene.missing()
            await scene.fault(f"{fault}=0")
            await whole(scene)

    on_a_scene(kafka, tmp_path, test)


def test_what_is_swallowed_just_before_a_symbol_goes_quiet_is_found_by_the_exchanges_total(
    kafka: Broker, tmp_path: Path
) -> None:
    async def test(scene: Scene) -> None:
        async with scene.ingestor():
            await subscribed(scene)
            await scene.trade(2)
            await scene.fault("swallow=1")
            await asyncio.sleep(1)
            await whole(scene)
            assert await scene.double.landed("swallow") > RATE / 2
            assert {symbol for symbol, _, _ in scene.states()} == set(scene.double.exchange.instruments)

    on_a_scene(kafka, tmp_path, test)


def test_a_killed_ingestor_comes_back_and_fetches_exactly_what_it_missed(kafka: Broker, tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        async with scene.ingestor() as process:
            await subscribed(scene)
            await scene.trade(5)
            os.kill(process.pid, signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL
        killed_us = time.time_ns() // 1_000
        before = len(scene.published())
        await asyncio.sleep(2)
        known = scene.published()
        assert len(known) == before
        assert len(scene.missing()) > RATE
        async with scene.ingestor():
            await subscribed(scene)
            await scene.trade(3)
            await whole(scene)
        fetched = [trade for trade in scene.published() if trade.source == "rest"]
        assert min(trade.time for trade in fetched) > killed_us - 2_000_000, "what came before the kill was known"
        read = [int(count) for count in re.findall(r"history_read trades=(\d+)", scene.log())]
        assert read[-1] >= sum(trade.kind in KINDS_IN_BARS for trade in known)
        assert {gap.state for _, gap in scene.gaps()} == {"open", "healed"}

    on_a_scene(kafka, tmp_path, test)
