"""Records, Kafka records and a wire for the API's tests; everything has a default but the point of the test."""

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import msgspec

from api.client import Client
from api.records import Raw, Row, row
from market.messages import Average, Bar, Delay, FeedStatus, Gap, Pause, SymbolInfo, Total, Watched, encode

TEN = 1_796_090_400  # 10:00:00 in Taipei on 2026-12-01
_TOPICS = dict.fromkeys((FeedStatus, Gap, Pause, Delay, Total, Watched), "feed")
_TOPICS |= {Bar: "bars", Average: "averages", SymbolInfo: "symbols"}


def a_bar(at: int = 0, trades: int = 1, price: str = "1085", **fields: Any) -> Bar:
    """A bar of `trades` trades of one lot each, all at one price, `at` seconds after ten."""
    paid = Decimal(price)
    bar = Bar(
        symbol="2330",
        second=TEN + at,
        open=paid,
        high=paid,
        low=paid,
        close=paid,
        volume=trades,
        trades=trades,
        turnover=paid * trades,
        vwap=paid,
        prior_volume=1_000,
        day_volume=1_000 + trades,
        buy_volume=trades,
        sell_volume=0,
        auction=None,
        last_trade_us=(TEN + at) * 1_000_000 + 500_000,
    )
    return msgspec.structs.replace(bar, **fields)


def an_average(at: int = 0, trades: int = 1, mean: str = "1085", **fields: Any) -> Average:
    value = Decimal(mean)
    average = Average(
        symbol="2330",
        second=TEN + at,
        sma_5=value,
        count_5=1,
        sma_10=value,
        count_10=1,
        sma_15=value,
        count_15=1,
        trades=trades,
    )
    return msgspec.structs.replace(average, **fields)


def a_status(at: float = 0, **fields: Any) -> FeedStatus:
    """A connected feed, alive through the moment it says so."""
    time_us = int((TEN + at) * 1_000_000)
    status = FeedStatus(
        at_us=time_us,
        trading_day="2026-12-01",
        connected=True,
        alive_through_us=time_us,
        phase="open",
        symbols=1,
        trades=0,
        open_gaps=0,
        reconnects=0,
        dead_letters=0,
    )
    return msgspec.structs.replace(status, **fields)


def a_watch(at: float, *symbols: str) -> Watched:
    """From then on these are subscribed, and no others."""
    return Watched(at_us=int((TEN + at) * 1_000_000), symbols=symbols)


def a_total(at: float, day_volume: int, symbol: str = "2330") -> Total:
    """The exchange's own counter, asked for when the symbol was quiet."""
    return Total(symbol=symbol, at_us=int((TEN + at) * 1_000_000), day_volume=day_volume)


def a_gap(at: int = 0, until: int = 1, state: str = "open", **fields: Any) -> Gap:
    gap = Gap(
        symbol="2330",
        from_us=(TEN + at) * 1_000_000,
        to_us=(TEN + until) * 1_000_000,
        missing_lots=3,
        state=state,  # type: ignore[arg-type]
        reason="the exchange's counter jumped",
    )
    return msgspec.structs.replace(gap, **fields)


def a_raw(record: Any, offset: int = 0, **fields: Any) -> Raw:
    """`record` as Kafka gives it back."""
    topic = _TOPICS[type(record)]
    key = (getattr(record, "symbol", None) or "status") if topic != "feed" else "status"
    raw = Raw(topic, 0, offset, key.encode(), encode(record), record_ms(record))
    return msgspec.structs.replace(raw, **fields)


def record_ms(record: Any) -> int:
    return int(getattr(record, "second", TEN)) * 1_000


def a_row(at: int = 0, trades: int = 1, **fields: Any) -> Row:
    bar = a_bar(at, trades, **fields)
    return row(bar, encode(bar))


class FakeWire:
    """A socket that takes `room` frames and then has had enough, until its reader reads."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.room = room
        self.written: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.client: Client | None = None

    def write(self, frame: bytes) -> None:
        self.written.append(frame)
        self.room -= 1
        if self.room <= 0 and self.client is not None:
            self.client.pause(0.0)

    def close(self, code: int, reason: str) -> None:
        self.closed = code, reason

    def read(self, frames: int = 1_000_000) -> None:
        """The reader takes what it was sent, and has room again."""
        self.room = frames
        if self.client is not None:
            self.client.resume()


def a_client(wire: FakeWire, on_gone: Any = lambda _: None, mailbox: int = 100) -> Client:
    client = Client(wire, on_gone, mailbox)
    wire.client = client
    return client


def key(number: int) -> Hashable:
    return ("bar", "2330", number)
