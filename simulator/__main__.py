"""`python -m simulator`: the exchange's double as one process."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from market.calendar import Calendar
from market.clock import Clock
from market.log import configure
from market.recording import RecordingError, parts
from market.replay import ReplayClock
from market.settings import EX_CONFIG, MarketSettings, load
from simulator import faults, live, tape
from simulator.account import PLANS, Account
from simulator.control import Control
from simulator.exchange import Exchange
from simulator.ledger import Ledger
from simulator.plan import Plan
from simulator.player import Player
from simulator.recorded import RecordedRest
from simulator.rest import Rest, parameters
from simulator.routes import Routes
from simulator.serials import SerialsUsedUpError
from simulator.server import Front, Timing
from simulator.settings import SimulatorSettings
from simulator.survey import survey
from simulator.symbols import instruments
from simulator.tape import Tape
from simulator.tempo import Tempo
from simulator.timetable import ALWAYS, DAY

Driver = Callable[[], Coroutine[Any, Any, Any]]


def composed(settings: SimulatorSettings, clock: Clock, calendar: Calendar) -> tuple[Exchange, Control, list[Driver]]:
    """The exchange, its control, and what drives it: the clock in live and day mode, nothing on a tape."""
    listed = instruments(settings.symbols, settings.seed)
    played = Tape(tape.read(settings.tape)) if settings.mode == "tape" and settings.tape else None
    exchange = Exchange(
        clock=clock,
        ledger=Ledger(settings.ledger),
        account=Account(settings.api_key.get_secret_value(), PLANS[settings.plan]),
        routes=Routes(all_boards_to_all=played is not None),
        instruments={each.symbol: each for each in listed},
        resend=settings.resend_last,
    )
    if settings.begin == "at_once":
        exchange.trading.set()
    control = Control(exchange, tape=played)
    if settings.faults:
        control.strike(faults.orders(parameters(settings.faults)))
    if played:
        exchange.open_day(played.day(), listed)
        return exchange, control, []
    market = live.opened(listed, _plan(settings, calendar), exchange)
    return exchange, control, [partial(live.trade, market, exchange)]


def replayed(settings: SimulatorSettings, tempo: Tempo, tape: Path) -> tuple[Exchange, Control, list[Driver], Rest]:
    """The exchange of a recorded session, driven by the replay's clock. Raises RecordingError."""
    files = parts(tape)
    found = survey(files)
    exchange = Exchange(
        clock=tempo.clock,
        ledger=Ledger(None),
        account=Account(settings.api_key.get_secret_value(), PLANS[settings.plan]),
        routes=Routes(),
        instruments={},
        resend="none",  # whatever came again is recorded
    )
    if settings.begin == "at_once":
        exchange.trading.set()
    exchange.open_day(found.head.day, found.instruments())
    control = Control(exchange, tempo=tempo)
    rest = RecordedRest(exchange, told={f"ticker/{symbol}": body for symbol, body in found.tickers.items()})
    player = Player(found, exchange, tempo, rest.told, lambda: control.sessions)
    return exchange, control, [partial(player.run, files)], rest


def _plan(settings: SimulatorSettings, calendar: Calendar) -> Plan:
    return Plan(
        seed=settings.seed,
        rate=settings.rate,
        timetable=DAY if settings.mode == "day" else ALWAYS,
        pause_every_s=settings.pause_every_s,
        pause_lasts_s=settings.pause_lasts_s,
        calendar=calendar if settings.mode == "day" else Calendar(always=True),
    )


async def run(settings: SimulatorSettings, market: MarketSettings, log: logging.Logger) -> None:
    """Serve until SIGTERM or SIGINT; any part that dies takes the process with it."""
    clock, rest = market.clock(), None
    if isinstance(clock, ReplayClock) and market.market_replay and settings.tape:
        exchange, control, drivers, rest = replayed(settings, Tempo(clock, market.market_replay), settings.tape)
    else:
        exchange, control, drivers = composed(settings, clock, market.calendar())
    front = Front(exchange, control, Timing(settings.heartbeat_s, settings.auth_timeout_s, settings.queue_bytes), rest)
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    try:
        async with front.serve(settings.host, settings.port) as server, asyncio.TaskGroup() as group:
            log.info("listening address=%s mode=%s", server.sockets[0].getsockname()[:2], settings.mode)
            tasks = [group.create_task(each()) for each in (front.beat, *drivers)]
            await stopped.wait()
            for task in tasks:
                task.cancel()
    finally:
        exchange.ledger.close()
    log.info("stopped")


def main() -> None:
    """Read the settings and run; what it cannot go on with is the last line."""
    settings, market = load(SimulatorSettings), load(MarketSettings)
    log, ended = configure("simulator"), 0
    if (settings.mode == "replay") != market.is_replay:
        log.critical("SIMULATOR_MODE=replay and MARKET_REPLAY go together: `make replay` sets both")
        sys.exit(EX_CONFIG)
    try:
        asyncio.run(run(settings, market, log))
    except* (OSError, SerialsUsedUpError, RecordingError) as group:
        log.critical("cannot_go_on why=%s", "; ".join(map(str, group.exceptions)))
        ended = 1
    sys.exit(ended)


if __name__ == "__main__":
    main()
