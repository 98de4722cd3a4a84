"""`python -m spark_jobs`: the streaming application; ends with an error when a query ends."""

import logging
import signal
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

from market import topics
from market.clock import Clock
from market.log import configure
from market.settings import KafkaSettings, load
from spark_jobs.days import due, is_over
from spark_jobs.engine import Engine, TradingDay, prune, reject_query
from spark_jobs.offsets import wait_for_topics
from spark_jobs.settings import SparkSettings
from spark_jobs.spark import session

log = logging.getLogger("spark")
TICK_S = 0.2
PATIENCE_S = 300.0


def known_days(checkpoints: Path) -> dict[date, bool]:
    """Days with a checkpoint, and whether they are closed."""
    folders = checkpoints.glob("????-??-??")
    return {date.fromisoformat(folder.name): (folder / "closed").exists() for folder in folders}


class Application:
    """Opens, watches and closes trading days."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._open: dict[date, TradingDay] = {}
        self._rejects = reject_query(engine)

    def tick(self) -> None:
        """Open what is due, close what is over; raises what a query died of."""
        now_us, settings = self._clock.now_us(), self._engine.settings
        for day in due(known_days(settings.spark_checkpoints), now_us):
            if day not in self._open:
                self._open[day] = TradingDay(self._engine, day)
        for day, running in list(self._open.items()):
            if is_over(day, now_us, settings.grace) and running.drained():
                self._open.pop(day).close()
                prune(settings.spark_checkpoints, day - timedelta(days=settings.spark_keep_days))
        self._check()

    def stop(self) -> None:
        for day in self._open.values():
            day.stop()
        self._rejects.stop()

    def _check(self) -> None:
        for query in (self._rejects, *(query for day in self._open.values() for query in day.queries)):
            failure = query.exception()
            if failure is not None:
                raise failure
            if not query.isActive:
                message = f"query {query.name} ended by itself"
                raise RuntimeError(message)


def main() -> int:
    configure("spark")
    settings, kafka = load(SparkSettings), load(KafkaSettings)
    stopping = threading.Event()
    spark = session(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    # The JVM takes longer to start than anything else, so it does not wait for the broker to begin.
    wait_for_topics(kafka, (topics.TRADES.name, topics.BARS.name, topics.DEAD_LETTERS.name), PATIENCE_S)
    application = Application(Engine(spark, kafka, settings), settings.clock())
    application.tick()
    if settings.spark_ready_file:
        settings.spark_ready_file.touch()
    log.info("running trigger=%s master=%s", settings.spark_trigger, settings.spark_master)
    while not stopping.wait(TICK_S):
        application.tick()
    application.stop()
    spark.stop()
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
