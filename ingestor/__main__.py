"""`python -m ingestor`: the exchange's stream and its reference data to Kafka, as one process."""

import argparse
import asyncio
import logging
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import uvloop

from ingestor import reference, totals
from ingestor.alive import alive
from ingestor.allowance import Allowance
from ingestor.backoff import Backoff
from ingestor.faults import WrongKeyError, first
from ingestor.feed import Account, Feed
from ingestor.history import History, Past
from ingestor.intake import Intake, MostlyBadError
from ingestor.publisher import Publisher, PublishError
from ingestor.recording import About, Recorded, Recording, answers
from ingestor.reference import Reference
from ingestor.repair import Repair
from ingestor.report import Report
from ingestor.rest import Rest
from ingestor.settings import IngestorSettings
from ingestor.tally import Tally
from ingestor.totals import Totals
from ingestor.watch import Watch
from market.calendar import Calendar, Phase, trading_day
from market.clock import Clock
from market.links import RefusedError
from market.log import configure
from market.settings import EX_CONFIG, KafkaSettings, MarketSettings, load

_FAREWELL_S, _FLUSH_S = 0.5, 2.0
_REST_TIMEOUT_S = 10.0
_RECORDINGS = Path("var/recordings")

Hear = Callable[[httpx.Response], Awaitable[None]]

log = logging.getLogger("ingestor")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the environment says."""

    ingestor: IngestorSettings
    kafka: KafkaSettings
    market: MarketSettings


def account(settings: IngestorSettings) -> Account:
    """The feed's view of the settings."""
    plan = settings.limits()
    return Account(
        url=str(settings.fugle_ws_url),
        key=settings.fugle_api_key.get_secret_value(),
        watched=settings.symbols,
        quota=f"INGESTOR_PLAN={settings.plan} should allow {plan.subscriptions} on {plan.connections} connections",
    )


def recording(configuration: Configuration) -> Recording | None:
    """The session on disk, where that is wanted."""
    settings, market = configuration.ingestor, configuration.market
    if settings.record_folder is None:
        return None
    about = About(settings.symbols, market.market_calendar, settings.fugle_api_key.get_secret_value())
    return Recording(settings.record_folder, about, market.clock())


def rest_client(settings: IngestorSettings, heard: list[Hear]) -> httpx.AsyncClient:
    """The client of the exchange's REST interface; each answer is `heard`."""
    return httpx.AsyncClient(
        base_url=str(settings.fugle_rest_url),
        headers={"X-API-KEY": settings.fugle_api_key.get_secret_value()},
        timeout=_REST_TIMEOUT_S,
        event_hooks={"response": heard},
    )


async def run(configuration: Configuration, publisher: Publisher) -> None:
    """Feed, reports and reference data until SIGTERM or SIGINT; a part that dies takes the others with it."""
    settings, clock, calendar = configuration.ingestor, configuration.market.clock(), configuration.market.calendar()
    calls_per_minute, chance = settings.limits().calls_per_minute, random.Random()  # noqa: S311 - spreads tries
    tally = Tally(trading_day(clock.now_us()))
    watch = Watch(publisher, tally, clock, calendar)
    intake = Intake(frozenset(settings.symbols), publisher, tally, watch, clock)
    tape = recording(configuration)
    taker = Recorded(intake, tape, tally) if tape else intake
    feed = Feed(account(settings), taker, tally, Backoff(chance), lambda: is_trading(clock, calendar))
    report = Report(tally, publisher, clock, calendar)
    history = History(configuration.kafka.client(client_id="ingestor"), Past(watch.unknown(watch.today.day)))
    async with rest_client(settings, [answers(tape)] if tape else []) as client:
        rest = Rest(client, Allowance(calls_per_minute, chance, monotonic()), clock)
        await _until_stopped(
            feed.run(),
            report.run(),
            alive(settings.alive_file),
            *([tape.run()] if tape else []),
            history.run(watch.begin),
            watch.run(),
            Repair(rest, watch, intake).run(),
            Reference(rest, publisher, clock, calendar).run(settings.symbols, reference.pace_s(calls_per_minute)),
            Totals(rest, watch, clock, calendar).run(settings.symbols, totals.pace_s(calls_per_minute)),
        )
    with suppress(TimeoutError):  # a full queue takes no farewell
        await asyncio.wait_for(report.publish(), _FAREWELL_S)


def is_trading(clock: Clock, calendar: Calendar) -> bool:
    """Whether the market is in continuous trading now; a replay that stands is not."""
    replay = clock.replay()
    return calendar.phase(clock.now_us()) == Phase.OPEN and (replay is None or replay.state == "playing")


async def _until_stopped(*parts: Coroutine[Any, Any, None]) -> None:
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part) for part in parts]
        await stopped.wait()
        log.info("stopping")
        for task in tasks:
            task.cancel()


def arguments(argv: Sequence[str]) -> dict[str, Path]:
    """Settings that the command line gives."""
    parser = argparse.ArgumentParser(prog="python -m ingestor", description=__doc__)
    text = f"record the session: a file a day in FOLDER ({_RECORDINGS}), for `make replay`"
    parser.add_argument("--record", metavar="FOLDER", nargs="?", type=Path, const=_RECORDINGS, help=text)
    folder = parser.parse_args(argv).record
    return {"record_folder": folder} if folder else {}


def main(argv: Sequence[str]) -> int:
    """Exit status: 0 stopped, 78 the exchange's key or the broker's link is wrong, 1 whatever else cannot go on."""
    configure("ingestor")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a call otherwise
    configuration = Configuration(load(IngestorSettings, arguments(argv)), load(KafkaSettings), load(MarketSettings))
    publisher = Publisher(configuration.kafka.client(client_id="ingestor"))
    status, why = 0, ""
    try:
        uvloop.run(run(configuration, publisher))
    except* WrongKeyError as group:
        status, why = EX_CONFIG, f"wrong_key {first(group)}"
    except* RefusedError as group:
        status, why = EX_CONFIG, f"broker_refused {first(group)}"
    except* (MostlyBadError, PublishError) as group:
        status, why = 1, f"cannot_go_on {first(group)}"
    left = publisher.flush(_FLUSH_S)
    log.log(logging.ERROR if left else logging.INFO, "stopped unconfirmed=%d", left)
    if why:
        log.critical(why)
    return status or int(left > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
