"""What is done for every trade, record or row, each as one piece of work of a millisecond or two on fixed input."""

import json
from collections.abc import Callable, Iterator

from api import protocol, records
from api.batches import Batch
from api.hub import Hub
from api.live import Live
from api.memory import Memory
from api.protocol import Rows
from api.records import Raw, Row, row
from api.store import statements
from ingestor.frames import parse
from ingestor.gaps import Gaps
from ingestor.trades import Trade
from market.calendar import day_bounds_us, trading_day
from market.messages import Average, Bar
from tests.api_builders import TEN, FakeWire, a_bar, a_client, a_raw, an_average

Work = Callable[[], object]
SYMBOLS = ("2330", "0050", "2317", "6488")
_US = 1_000_000


def works() -> dict[str, Work]:
    """By the function that does it. Each begins anew, so that every call does the same."""
    frames, watched = [frame(number) for number in range(200)], frozenset(SYMBOLS)
    trades = [found for each in frames if isinstance(found := parse(each, TEN * _US, watched), Trade)]
    rows = list(_records(150))
    raws = [a_raw(record, number) for number, record in enumerate(rows)]
    kept = [row(record, raw.value or b"") for record, raw in zip(rows, raws, strict=True)]
    return {
        "ingestor.frames.parse": lambda: [parse(each, TEN * _US, watched) for each in frames],
        "ingestor.gaps.Gaps.add": lambda: [follow(trades) for _ in range(10)],
        "api.records.parse": lambda: [records.parse(raw) for raw in raws],
        "api.live.Live.take": lambda: take(rows, raws),
        "api.hub.Hub.publish": lambda: publish(kept),
        "api.batches and api.store.statements": lambda: store(raws),
        "api.protocol.snapshot": lambda: [snapshot(kept) for _ in range(5)],
    }


def frame(number: int) -> bytes:
    """As the exchange sends a trade; each symbol's own volume grows without a gap."""
    bid = 1085 + number % 7 / 2
    data = {
        "symbol": SYMBOLS[number % len(SYMBOLS)], "type": "EQUITY", "exchange": "TWSE", "market": "TSE",
        "time": TEN * _US + number * 40_007, "serial": 1_000 + number, "price": bid + 0.5, "size": 1,
        "volume": 1_000 + number // len(SYMBOLS), "bid": bid, "ask": bid + 0.5, "isContinuous": True,
    }  # fmt: skip
    return json.dumps({"event": "data", "data": data, "id": "trades", "channel": "trades"}).encode()


def follow(trades: list[Trade]) -> Gaps:
    day = trading_day(TEN * _US)
    gaps = Gaps(day, day_bounds_us(day)[0])
    gaps.begin(Gaps(day, day_bounds_us(day)[0]), ())
    for at, trade in enumerate(trades):
        gaps.add(trade.symbol, trade, "stream", at / 25)
    return gaps


def take(rows: list[Bar | Average], raws: list[Raw]) -> Live:
    live = Live(Hub(Memory()), lambda: (TEN + 60) * _US, lambda: 60.0)
    for record, raw in zip(rows, raws, strict=True):
        live.take(record, raw, fresh=True)
    return live


def publish(rows: list[Row]) -> Hub:
    """To ten clients that read and ten that do not."""
    hub = Hub(Memory())
    for number in range(20):
        client = a_client(FakeWire(1_000_000 if number % 2 else 1), hub.leave, mailbox=10_000)
        hub.join(client)
        for symbol in SYMBOLS:
            hub.subscribe(client, ("bars", "averages"), symbol)
    for each in rows:
        hub.publish(each, 0.0)
    return hub


def store(raws: list[Raw]) -> object:
    batch = Batch(0.0)
    for raw in raws:
        batch.add(raw)
    return statements(batch)


def snapshot(rows: list[Row]) -> bytes:
    """Of each symbol, as a client gets it that comes."""
    memory = Memory()
    for each in rows:
        memory.accept(each, 0.0)
    found = b""
    for symbol in SYMBOLS:
        bars, averages = (
            [each.value for each in sorted(memory.rows(kind, symbol), key=lambda each: each.second)]
            for kind in ("bar", "average")
        )
        found += protocol.snapshot(symbol, Rows(bars, averages, TEN, complete=True))
    return found


def _records(seconds: int) -> Iterator[Bar | Average]:
    """A bar and its average for every symbol in turn."""
    for at in range(seconds):
        symbol = SYMBOLS[at % len(SYMBOLS)]
        yield a_bar(at, trades=3, price=f"{1085 + at % 9}.5", symbol=symbol)
        yield an_average(at, trades=15, mean=f"{1085 + at % 9}.1234", symbol=symbol)
