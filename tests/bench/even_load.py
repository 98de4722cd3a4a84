"""Trades at an even rate, stamped as they are published."""

import random
import time
from collections import Counter
from dataclasses import dataclass

from confluent_kafka import Producer

from tests.bench.tape import Print, put


@dataclass(frozen=True)
class Load:
    """Trades a second over so many symbols, for so many seconds; a few symbols have most of them."""

    seconds: float
    rate: float = 500
    symbols: int = 200


def send(bootstrap: str, load: Load) -> list[tuple[str, int]]:
    """Publish the load in its own time; symbol and time in µs of every trade."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "acks": "all", "log_level": 0})
    names = [f"{1_000 + number}" for number in range(load.symbols)]
    weights = [1 / (10 + number) for number in range(load.symbols)]
    order = random.Random(1).choices(names, weights, k=int(load.rate * load.seconds))
    volumes, sent, start_s = Counter[str](), [], time.monotonic()
    for serial, symbol in enumerate(order, start=1):
        time.sleep(max(0.0, start_s + serial / load.rate - time.monotonic()))
        now_us = time.time_ns() // 1_000
        size = 1 + serial % 5
        volumes[symbol] += size
        put(producer, Print(symbol, now_us, serial, (1_000 + serial % 7) * 10, size, volumes[symbol]))
        sent.append((symbol, now_us))
    producer.flush(30)
    return sent
