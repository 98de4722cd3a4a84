"""Faster starts, prepared once: the broker and Spark run for a moment on records of no consequence and are watched."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Event

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from infra import topics
from infra.local import aot, kafka, ports, services
from infra.local.java import java_home
from infra.local.parts import Parts
from infra.local.service import Service
from infra.local.waiting import StartError
from market.messages import Trade, encode
from market.topics import AVERAGES, TRADES

_START_S = 600.0
_ROWS_S = 120.0
_SLICE_S = 0.5
_DUMP_S = 300.0
_SYMBOLS = 20
_SECONDS = 5


async def ensure(cache: Path, ready: Parts, say: Callable[[str], None]) -> None:
    """Make the caches that are missing, at the lowest priority. A failure is said and survived: starts stay slower."""
    wanted = (aot.kafka(cache), aot.spark(cache))
    if all(each.file.is_file() for each in wanted):
        return
    say("preparing faster starts in the background (once)")
    wanted[0].file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="warm-", dir=cache) as data:
            await _broker(Path(data), cache, ready)
    except (StartError, KafkaException, TimeoutError) as error:
        say(f"starts stay slower: {str(error).splitlines()[0]}")
    for each in wanted:
        each.keep()
    say("the next start will be faster" if all(each.file.is_file() for each in wanted) else "starts stay slower")


async def _broker(data: Path, cache: Path, ready: Parts) -> None:
    port = ports.free()
    service = _patient(await kafka.service(data / "kafka", port, cache, train=True))
    child = await service.launch()
    try:
        await service.wait_ready(child)
        address = f"{ports.HOST}:{port}"
        admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
        await asyncio.to_thread(topics.ensure, admin, topics.TopicSettings())
        await _spark(data, cache, ready, address)
        await child.stop_family(_DUMP_S)
    finally:
        await child.stop(at_once=True)


async def _spark(data: Path, cache: Path, ready: Parts, address: str) -> None:
    run = services.Run(data, {"KAFKA_BOOTSTRAP": address, "MARKET_CALENDAR": "always"})
    service = _patient(services.spark(run, java_home(cache, aot.spark(cache).make()), ready.spark_jars))
    child, over = await service.launch(), Event()
    try:
        await service.wait_ready(child)
        await asyncio.to_thread(_exercise, address, over)
        await child.stop_family(_DUMP_S)
    finally:
        over.set()
        await child.stop(at_once=True)


def _patient(service: Service) -> Service:
    """The same, out of everybody's way: nobody waits for it."""
    return replace(service, command=replace(service.command, nice=19), start_s=_START_S)


def _exercise(address: str, over: Event) -> None:
    """Trades in, averages out; returns when the first have come, none within two minutes, or it is `over`.

    Whoever is told to stop waits for this thread.
    """
    producer = Producer({"bootstrap.servers": address, "log_level": 0})
    now_us = time.time_ns() // 1_000
    for serial in range(_SYMBOLS * _SECONDS):
        trade = _trade(f"T{serial % _SYMBOLS}", serial, now_us - (_SECONDS - serial // _SYMBOLS) * 1_000_000)
        producer.produce(TRADES.name, encode(trade), trade.symbol)
    _until(over, lambda: producer.flush(_SLICE_S) == 0)
    producer.purge()
    consumer = Consumer(
        {"bootstrap.servers": address, "group.id": "warm", "auto.offset.reset": "earliest", "log_level": 0}
    )
    consumer.subscribe([AVERAGES.name])
    _until(over, lambda: bool(consumer.consume(_SYMBOLS, _SLICE_S)))
    consumer.close()


def _until(over: Event, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _ROWS_S
    while not over.is_set() and time.monotonic() < deadline and not done():
        pass


def _trade(symbol: str, serial: int, time_us: int) -> Trade:
    price = Decimal(100 + serial % 7)
    return Trade(
        symbol=symbol,
        type="EQUITY",
        exchange="TWSE",
        time=time_us,
        serial=serial,
        price=price,
        size=1,
        is_continuous=True,
    )
