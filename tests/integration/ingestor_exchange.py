"""The simulated exchange in this process, a feed against it, and what the feed published."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from ingestor.backoff import Backoff
from ingestor.feed import Account, Feed
from ingestor.intake import Intake
from ingestor.publisher import Headers, Publisher
from ingestor.tally import Tally
from ingestor.watch import Watch
from market.calendar import Calendar, trading_day
from market.clock import Clock
from market.latency import Latency, Took
from market.topics import Topic
from simulator.__main__ import composed
from simulator.control import Control
from simulator.exchange import Exchange
from simulator.server import Front, Timing
from simulator.settings import SimulatorSettings

TAPE = Path(__file__).parents[1] / "golden-tape.json"
TAPE_US = 1_796_090_400_000_000
KEY = "simulated"


@dataclass
class Played:
    """The exchange playing the golden tape, and the address of its stream."""

    url: str
    rest: str
    exchange: Exchange
    control: Control

    def next(self) -> None:
        """Send the tape's next step."""
        assert self.control.answer("/control/next")

    def fault(self, query: str) -> None:
        assert self.control.answer(f"/control/fault?{query}")

    def landed(self, fault: str) -> int:
        return self.exchange.faults.landed[fault]


def tape_clock() -> Clock:
    """A clock that stands at the tape's first second, in its trading day."""
    clock = Clock((TAPE_US - Clock().now_us()) / 1_000_000)
    assert trading_day(clock.now_us()) == trading_day(TAPE_US)
    return clock


@asynccontextmanager
async def golden_tape(plan: str = "advanced", timing: Timing | None = None) -> AsyncIterator[Played]:
    settings = SimulatorSettings(mode="tape", tape=TAPE, api_key=KEY, plan=plan, resend_last="data")
    exchange, control, _ = composed(settings, tape_clock(), Calendar.named("always"))
    front = Front(exchange, control, timing or Timing())
    async with front.serve("127.0.0.1", 0) as server:
        beats = asyncio.create_task(front.beat())
        address = f"127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        base = f"{address}/marketdata/v1.0/stock"
        yield Played(f"ws://{base}/streaming", f"http://{base}", exchange, control)
        beats.cancel()


class Kept(Publisher):
    """A broker that confirms at once and keeps everything; `open` cleared, it is full."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str | None, bytes, Headers | None]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def publish(
        self, topic: Topic, key: str | None, value: bytes, at_us: int, headers: Headers | None = None  # noqa: ARG002
    ) -> None:  # fmt: skip
        await self.open.wait()
        self.records.append((topic.name, key, value, headers))

    async def settled(self) -> None:
        await self.open.wait()

    def took(self) -> Took:
        return Latency().took(0)

    def of(self, topic: Topic) -> list[bytes]:
        return [value for name, _, value, _ in self.records if name == topic.name]


class AtOnce(Backoff):
    """Waits for nothing and remembers how long it should have waited."""

    def __init__(self) -> None:
        super().__init__(random.Random(0))
        self.pauses: list[tuple[bool, float]] = []

    def pause_s(self, *, crowded: bool, lasted_s: float) -> float:
        self.pauses.append((crowded, super().pause_s(crowded=crowded, lasted_s=lasted_s)))
        return 0.0


@dataclass
class Fed:
    """A feed with all that a test looks at."""

    kept: Kept = field(default_factory=Kept)
    tally: Tally = field(default_factory=lambda: Tally(trading_day(TAPE_US)))
    backoff: AtOnce = field(default_factory=AtOnce)

    def feed(self, url: str, *symbols: str, key: str = KEY) -> Feed:
        watch = Watch(self.kept, self.tally, tape_clock(), Calendar.named("always"))
        intake = Intake(frozenset(symbols), self.kept, self.tally, watch, tape_clock())
        return Feed(Account(url, key, symbols, "the plan"), intake, self.tally, self.backoff, lambda: True)


async def until(condition: Callable[[], object], what: str, within_s: float = 20.0) -> None:
    """Wait for a condition; fails with `what` when it does not come true in time."""
    end = monotonic() + within_s
    while not condition():
        assert monotonic() < end, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[asyncio.Future[None]]:
    """`work` in the background, stopped at the end; its failure fails the test."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
