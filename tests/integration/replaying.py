"""An ingestor without a broker against an exchange in this process: live and recorded, or replayed."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from ingestor.__main__ import is_trading
from ingestor.allowance import Allowance
from ingestor.backoff import Backoff
from ingestor.feed import Account, Feed
from ingestor.intake import Intake
from ingestor.recording import About, Recorded, Recording, answers
from ingestor.reference import Reference
from ingestor.repair import Repair
from ingestor.report import Report
from ingestor.rest import Rest
from ingestor.tally import Tally
from ingestor.watch import Watch
from market import replay
from market.calendar import Calendar, trading_day
from market.clock import Clock
from market.messages import KINDS_IN_BARS, Gap, decode_feed, decode_trade
from market.recording import head, parts
from market.replay import Mark, Marks, ReplayClock
from market.topics import FEED, TRADES
from simulator.__main__ import replayed
from simulator.server import Front, Timing
from simulator.settings import SimulatorSettings
from simulator.tempo import Tempo
from tests.contract.double import BASE, KEY
from tests.integration.ingestor_exchange import Kept

CALENDAR = Calendar.named("always")


@dataclass
class Reader:
    """What an ingestor published, and how it is."""

    kept: Kept
    tally: Tally
    watch: Watch

    def trades(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Trades that count in bars, by symbol and serial, without where they came from."""
        found = (decode_trade(value) for value in self.kept.of(TRADES))
        counting = (trade for trade in found if trade.kind in KINDS_IN_BARS)
        return {
            (t.symbol, t.serial): msgspec.structs.asdict(t) | {"received_us": None, "source": None} for t in counting
        }

    def sources(self) -> set[str]:
        return {decode_trade(value).source for value in self.kept.of(TRADES)}

    def feed(self, kind: type) -> list[Any]:
        return [record for value in self.kept.of(FEED) if isinstance(record := decode_feed(value), kind)]

    def gaps(self) -> dict[tuple[str, int, int], str]:
        """The last word on each."""
        return {(gap.symbol, gap.from_us, gap.to_us): gap.state for gap in self.feed(Gap)}


@asynccontextmanager
async def reading(
    port: int, symbols: tuple[str, ...], clock: Clock, folder: Path | None = None
) -> AsyncIterator[Reader]:
    """An ingestor's parts; with `folder`, its session is recorded there."""
    base, chance = f"127.0.0.1:{port}{BASE}", random.Random(0)
    tally, kept = Tally(trading_day(clock.now_us())), Kept()
    watch = Watch(kept, tally, clock, CALENDAR)
    intake = Intake(frozenset(symbols), kept, tally, watch, clock)
    tape = Recording(folder, About(symbols, "always", KEY), clock) if folder else None
    taker, hooks = (Recorded(intake, tape, tally), [answers(tape)]) if tape else (intake, [])
    account = Account(f"ws://{base}/streaming", KEY, symbols, "the plan")
    feed = Feed(account, taker, tally, Backoff(chance), lambda: is_trading(clock, CALENDAR))
    watch.begin(watch.unknown(watch.today.day), [])
    async with httpx.AsyncClient(
        base_url=f"http://{base}", headers={"X-API-KEY": KEY}, event_hooks={"response": hooks}, trust_env=False
    ) as client:
        rest = Rest(client, Allowance(2_000, chance, time.monotonic()), clock)
        works = [feed.run(), watch.run(), Repair(rest, watch, intake).run(), Report(tally, kept, clock, CALENDAR).run()]
        works += [Reference(rest, kept, clock, CALENDAR).run(symbols, 0.001), *([tape.run()] if tape else [])]
        tasks = [asyncio.create_task(each) for each in works]
        try:
            yield Reader(kept, tally, watch)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert {type(each) for each in ended} == {asyncio.CancelledError}


@dataclass
class Replayed:
    """A recorded session that is being played."""

    port: int
    tempo: Tempo
    symbols: tuple[str, ...]
    begin: Callable[[], None]

    @property
    def clock(self) -> ReplayClock:
        return self.tempo.clock


@contextmanager
def a_tempo(folder: Path, market_us: int, speed: float) -> Iterator[Tempo]:
    """A clock that stands at `market_us`, or where an earlier exchange left it."""
    folder.mkdir(exist_ok=True)
    file = folder / "clock.ndjson"
    if not file.exists():
        replay.add(file, Mark(time.time_ns() // 1_000, market_us, speed, "waiting"))
    yield Tempo(ReplayClock(marks=Marks(file)), file)


@asynccontextmanager
async def playing(
    tape: Path, folder: Path, speed: float, port: int = 0, begin: str = "at_once"
) -> AsyncIterator[Replayed]:
    """The exchange of a recorded session, from its beginning or from where its clock in `folder` stands."""
    about = head(parts(tape))
    with a_tempo(folder, about.at, speed) as tempo:
        settings = SimulatorSettings(mode="replay", tape=tape, api_key=KEY, begin=begin)
        exchange, control, (play,), rest = replayed(settings, tempo, tape)
        front = Front(exchange, control, Timing(), rest)
        async with front.serve("127.0.0.1", port) as server:
            tasks = [asyncio.create_task(front.beat()), asyncio.create_task(play())]
            port = next(iter(server.sockets)).getsockname()[1]
            yield Replayed(port, tempo, about.symbols, exchange.trading.set)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    exchange.ledger.close()
