"""`python -m api`: the parts of one process, built, started in one group, stopped by SIGTERM."""

import asyncio
import gc
import logging
import signal
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import uvloop
from fastapi import FastAPI

from api import alert_routes, browsers, mysql, replay_routes, routes, tidying, webhooks
from api.alert_desk import Desk
from api.alert_routes import Door, Setting
from api.alert_store import AlertStore
from api.auditor import Auditor
from api.broadcaster import Broadcaster
from api.explain import Explain
from api.heartbeat import beat
from api.history import History
from api.hops import Hop
from api.hub import Hub
from api.letters import DeadLetters
from api.limits import Limits
from api.live import Live
from api.memory import Memory
from api.metrics import Metrics, Parts
from api.original import Original
from api.ranges import Ranges
from api.recorder import Recorder
from api.replay_routes import Player
from api.server import listen, server
from api.session import House
from api.settings import ApiSettings
from api.snapshots import Snapshots
from api.status import Status
from api.store import Store
from api.symbols import Symbols
from api.trials import Trials, collecting
from api.web import Readiness, Watch, application
from api.webhooks import Webhooks
from market import log
from market.links import RefusedError
from market.settings import EX_CONFIG, KafkaSettings, MarketSettings, load

_SWITCH_S = 0.0005  # a reading thread gets its turn ten times sooner than by default
_COLLECT_AFTER = 50_000  # rows are no containers: looking for cycles among them is time lost


@dataclass(frozen=True, slots=True)
class Api:
    """The parts of one process, built and not yet at work."""

    live: Live
    status: Status
    symbols: Symbols
    recorder: Recorder
    broadcaster: Broadcaster
    auditor: Auditor
    explain: Explain
    store: Store
    history: History
    desk: Desk
    trials: Trials
    app: FastAPI

    def works(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What has to run beside the server, by name."""
        return {
            "recorder": self.recorder.run(),
            "broadcaster": self.broadcaster.run(),
            "auditor": self.auditor.run(),
            "symbols": self.symbols.refresh(),
            "heartbeat": beat(self.live.hub, self.status),
            "tidying": tidying.tidy(self.live.hub.traffic),
            "alerts": self.desk.run(),
            "trials": self.trials.run(),
        }

    async def close(self) -> None:
        self.explain.close()
        await self.store.close()
        await self.history.close()
        await self.desk.close()


def build(settings: ApiSettings, kafka: KafkaSettings, market: MarketSettings, port: int, limits: Limits) -> Api:
    """Connects nothing; `port`: where the page will be; `limits`: of each browser."""
    clock, calendar, options, metrics = market.clock(), market.calendar(), mysql.options(settings), Metrics()
    database, broker, unwatched = Hop("database"), Hop("kafka"), Hop("kafka for the recorder")
    live = Live(Hub(Memory()), clock.now_us, time.monotonic, clock.pace)
    store = Store(options, database, metrics.note_batch)
    history = History(mysql.reader_options(settings), metrics.queried.observe)
    recorder = Recorder(kafka, store, DeadLetters(kafka.client(), clock), unwatched)
    broadcaster = Broadcaster(kafka, live, broker, recorder.stored)
    symbols, ranges = Symbols(history, live), Ranges(history, live, calendar, recorder.is_current)
    explain = Explain(kafka.client(), history, live, ranges, clock)
    status = Status(calendar, live, recorder, broker, database, clock)
    desk, setting = _alerts(settings, market, live, symbols)
    metrics.watch(Parts(status, live.hub, recorder, broadcaster, desk))
    snapshots = Snapshots(history, live.hub.memory, recorder.is_current)
    house = House(live.hub, snapshots, symbols.known, clock.now_us, limits, lambda: broadcaster.progress.caught_up)
    origins = settings.origins(port)
    door = Door(origins)
    routers = [
        routes.router(ranges, symbols, history, status, explain),
        alert_routes.router(setting, door),
        replay_routes.router(Player(settings.replay_control, clock), door),
        browsers.router(house, origins),
    ]
    if settings.original_socket:
        original = Original(live)
        live.followers.append(original.hear)
        routers.append(browsers.original_router(house, origins, original))
    app = application(
        routers,
        Watch(Readiness(database, recorder, broadcaster).reasons, metrics.text, metrics.note_http),
        settings.frontend_dir,
    )
    auditor = Auditor(live, history, lambda: recorder.progress.caught_up)
    trials = Trials(kafka, live.hub, lambda: collecting(calendar, live))
    return Api(live, status, symbols, recorder, broadcaster, auditor, explain, store, history, desk, trials, app)


def _alerts(settings: ApiSettings, market: MarketSettings, live: Live, symbols: Symbols) -> tuple[Desk, Setting]:
    """What tells of them, and what sets them. In a replay it hears nothing, so that nothing fires."""
    hosts = frozenset(settings.webhook_hosts)
    posting = Webhooks(webhooks.key(settings.webhook_secret.get_secret_value()), hosts) if hosts else None
    store = AlertStore(mysql.options(settings))
    desk = Desk(live, market.calendar(), store, posting, is_replay=market.is_replay)
    if not market.is_replay:
        live.followers.append(desk.hear)
    return desk, Setting(store, desk, symbols, hosts, is_replay=market.is_replay)


async def main(settings: ApiSettings, kafka: KafkaSettings, market: MarketSettings) -> None:
    """Runs until SIGTERM or SIGINT; any part's failure is the process's."""
    logger = log.configure("api")
    listener = listen(settings.host, settings.port)
    port = listener.getsockname()[1]
    limits = Limits()
    api = build(settings, kafka, market, port, limits)
    web = server(api.app, limits)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, web.stop)
    logger.info("api.listening host=%s port=%d", settings.host, port)
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(work, name=name) for name, work in api.works().items()]
        await web.serve(sockets=[listener])
        for worker in workers:
            worker.cancel()
    await api.close()


def run() -> None:
    parts = load(ApiSettings), load(KafkaSettings), load(MarketSettings)
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    gc.freeze()  # what was imported stays: nobody has to look through it again
    try:
        uvloop.run(main(*parts))
    except ExceptionGroup as group:
        refused = [error for error in leaves(group) if isinstance(error, RefusedError)]
        if refused:
            logging.getLogger("api").critical("api.refused %s", refused[0])
            sys.exit(EX_CONFIG)
        logging.getLogger("api").critical("api.crashed", exc_info=group)
        for error in leaves(group):
            logging.getLogger("api").critical("api.stopped error=%s: %s", type(error).__name__, error)
        sys.exit(1)


def leaves(group: ExceptionGroup[Exception]) -> list[Exception]:
    """The failures themselves, out of their groups."""
    return [
        leaf for each in group.exceptions for leaf in (leaves(each) if isinstance(each, ExceptionGroup) else [each])
    ]


if __name__ == "__main__":
    run()
