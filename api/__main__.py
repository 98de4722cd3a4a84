"""`python -m api`: the parts of one process, built, started in one group, stopped by SIGTERM."""

import asyncio
import gc
import logging
import signal
import sys
import time

import uvloop

from api import browsers, mysql, routes
from api.auditor import Auditor
from api.broadcaster import Broadcaster
from api.explain import Explain
from api.heartbeat import beat
from api.history import History
from api.hops import Hop
from api.hub import Hub
from api.letters import DeadLetters
from api.live import Live
from api.memory import Memory
from api.protocol import Limits
from api.ranges import Ranges
from api.recorder import Recorder
from api.server import listen, server
from api.session import House
from api.settings import ApiSettings
from api.snapshots import Snapshots
from api.status import Status
from api.store import Store
from api.symbols import Symbols
from api.web import Readiness, application
from market import log
from market.settings import KafkaSettings, MarketSettings, load

_SWITCH_S = 0.0005  # a reading thread gets its turn ten times sooner than by default
_COLLECT_AFTER = 50_000  # rows are no containers: looking for cycles among them is time lost


async def main(settings: ApiSettings, kafka: KafkaSettings, market: MarketSettings) -> None:
    """Runs until SIGTERM or SIGINT; any part's failure is the process's."""
    logger = log.configure("api")
    listener = listen(settings.host, settings.port)
    port = listener.getsockname()[1]
    clock, calendar, options = market.clock(), market.calendar(), mysql.options(settings)
    database, broker, unwatched = Hop("database"), Hop("kafka"), Hop("kafka for the recorder")
    live = Live(Hub(Memory()), clock.now_us, time.monotonic)
    store, history = Store(options, database), History(options)
    recorder = Recorder(kafka, store, DeadLetters(kafka.client(), clock), unwatched)
    broadcaster = Broadcaster(kafka, live, broker)
    symbols, ranges = Symbols(history, live), Ranges(history, live, calendar)
    explain = Explain(kafka.client(), history, live, ranges, clock.offset_s)
    status = Status(calendar, live, recorder, broker, database)
    snapshots = Snapshots(history, live.hub.memory, recorder.is_current)
    house = House(live.hub, snapshots, symbols.known, clock.now_us, Limits(), lambda: broadcaster.progress.caught_up)
    app = application(
        [
            routes.router(ranges, symbols, history, status, explain),
            browsers.router(house, settings.origins(port)),
        ],
        Readiness(database, recorder, broadcaster).reasons,
        settings.frontend_dir,
    )
    web = server(app)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, web.stop)
    logger.info("api.listening host=%s port=%d", settings.host, port)
    async with asyncio.TaskGroup() as group:
        workers = [
            group.create_task(recorder.run(), name="recorder"),
            group.create_task(broadcaster.run(), name="broadcaster"),
            group.create_task(Auditor(live, history, lambda: recorder.progress.caught_up).run(), name="auditor"),
            group.create_task(beat(live.hub, status), name="heartbeat"),
        ]
        await web.serve(sockets=[listener])
        for worker in workers:
            worker.cancel()
    explain.close()
    await store.close()
    await history.close()


def run() -> None:
    parts = load(ApiSettings), load(KafkaSettings), load(MarketSettings)
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    try:
        uvloop.run(main(*parts))
    except ExceptionGroup as group:
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
