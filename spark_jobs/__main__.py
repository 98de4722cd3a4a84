"""`python -m spark_jobs`: the streaming application, or one of its repairs; ends with an error when a query ends."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import date

from market import topics
from market.links import RefusedError
from market.log import configure
from market.settings import EX_CONFIG, KafkaSettings, load
from spark_jobs.application import Application
from spark_jobs.engine import Engine
from spark_jobs.offsets import wait_for_topics
from spark_jobs.rebuild import rebuild
from spark_jobs.settings import SparkSettings
from spark_jobs.slots import SlotsError, needed_by, wait_for_slots
from spark_jobs.spark import session

log = logging.getLogger("spark")
TICK_S = 0.2
PATIENCE_S = 300.0


def stream(engine: Engine) -> None:
    """Until SIGTERM or SIGINT; raises what a query died of."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    application = Application(engine, engine.settings.clock())
    application.tick()
    if engine.settings.spark_ready_file:
        engine.settings.spark_ready_file.touch()
    log.info("running trigger=%s master=%s", engine.settings.spark_trigger, engine.settings.spark_master)
    while not stopping.wait(TICK_S):
        application.tick()
    application.stop()


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m spark_jobs", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    again = commands.add_parser("rebuild", help="compute a trading day again from `trades`, beside the stream")
    again.add_argument("--day", type=date.fromisoformat, required=True, help="as 2026-12-01")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    given = arguments(argv)
    configure("spark")
    settings, kafka = load(SparkSettings), load(KafkaSettings)
    spark = session(settings)
    # The JVM takes longer to start than anything else, so it does not wait for the broker to begin.
    try:
        there = wait_for_topics(kafka, (topics.TRADES.name, topics.BARS.name, topics.DEAD_LETTERS.name), PATIENCE_S)
        if given.command != "rebuild":
            wait_for_slots(spark, settings, needed_by(settings, there), PATIENCE_S)
    except RefusedError as error:
        log.critical("broker_refused %s", error)
        return EX_CONFIG
    except SlotsError as error:
        log.critical("too_few_slots %s", error)
        return 1 if settings.on_cluster else EX_CONFIG  # a worker may come back
    engine = Engine(spark, kafka, settings)
    if given.command == "rebuild":
        rebuild(engine, given.day)
    else:
        stream(engine)
    spark.stop()
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
