"""Records on the wire: frozen, strict, exact. Field names and meanings are the contract's."""

from decimal import Decimal
from typing import Literal

import msgspec

from market.latency import Took

Kind = Literal["continuous", "open", "close", "call", "trial", "after_hours", "odd_lot"]
Auction = Literal["open", "close", "call"]
KINDS_IN_BARS: tuple[Kind, ...] = ("continuous", "open", "close", "call")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What all records share: immutable, keyword-only, unknown fields ignored."""


class Trade(Record, kw_only=True, frozen=True, rename="camel"):
    """One print, in the exchange's names; `size` and `volume` in board lots (odd lots: shares), `time` in µs."""

    symbol: str
    type: str
    exchange: str
    market: str | None = None
    time: int
    serial: int
    price: Decimal
    size: int
    volume: int | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    is_trial: bool = False
    is_continuous: bool = False
    is_open: bool = False
    is_close: bool = False
    is_limit_up_halt: bool = False
    is_limit_down_halt: bool = False
    kind: Kind = "continuous"
    received_us: int = msgspec.field(name="received_us", default=0)
    source: Literal["stream", "rest"] = "stream"


class Bar(Record, kw_only=True, frozen=True):
    """One symbol, one second that traded (semantics: a bar). Prices in TWD, volumes in lots, `second` in epoch s."""

    symbol: str
    second: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    trades: int
    turnover: Decimal
    vwap: Decimal
    prior_volume: int | None
    day_volume: int | None
    buy_volume: int
    sell_volume: int
    auction: Auction | None
    last_trade_us: int


class Average(Record, kw_only=True, frozen=True):
    """Means of the published vwaps of the traded seconds in the last 5, 10 and 15 (semantics: an average)."""

    symbol: str
    second: int
    sma_5: Decimal | None
    count_5: int
    sma_10: Decimal | None
    count_10: int
    sma_15: Decimal | None
    count_15: int
    trades: int


class FeedStatus(Record, kw_only=True, frozen=True, tag="status"):
    """What the ingestor says of itself once a second; counts are since the trading day's start or its own.

    `trades` are of every kind, `trades_in_bars` those that make bars. `connection` names one connection to the
    exchange: between two statuses of the same nothing can be missing, however long the ingestor was silent.
    `received`: from the exchange's stamps to here. `produced`: from there until the broker has confirmed a trade.
    """

    at_us: int
    trading_day: str
    connected: bool
    alive_through_us: int | None
    phase: str
    symbols: int
    trades: int
    trades_in_bars: int = 0
    open_gaps: int
    reconnects: int
    dead_letters: int
    connection: str | None = None
    received: Took | None = None
    produced: Took | None = None


class Gap(Record, kw_only=True, frozen=True, tag="gap"):
    """`missing_lots` between two trades of a symbol, by the exchange's running volume (semantics: a gap).

    `at_us`: when this was told; of two records of one gap the later is the newer, as a gap may open again.
    """

    symbol: str
    from_us: int
    to_us: int
    missing_lots: int
    state: Literal["open", "healed", "lost"]
    reason: str
    at_us: int = 0


class Pause(Record, kw_only=True, frozen=True, tag="pause"):
    """A volatility pause began: market state, not a trade."""

    symbol: str
    time_us: int
    direction: Literal["up", "down"]


class Delay(Record, kw_only=True, frozen=True, tag="delay"):
    """A symbol's opening or closing call is put off: market state, not a trade."""

    symbol: str
    time_us: int
    auction: Literal["open", "close"]


class Watched(Record, kw_only=True, frozen=True, tag="watched"):
    """The symbols whose subscription the exchange has confirmed, from `at_us` on; told when they change, and hourly."""

    at_us: int
    symbols: tuple[str, ...]


class Total(Record, kw_only=True, frozen=True, tag="total"):
    """The exchange's running volume, in lots, of a symbol that was quiet at `at_us`: of all its trades of the day."""

    symbol: str
    at_us: int
    day_volume: int


FeedRecord = FeedStatus | Gap | Pause | Delay | Watched | Total


class SymbolInfo(Record, kw_only=True, frozen=True):
    """Reference data of one symbol for one trading day; what is unknown is null, never a default."""

    symbol: str
    trading_day: str
    name: str | None = None
    name_en: str | None = None
    exchange: str | None = None
    market: str | None = None
    security_type: str | None = None
    reference_price: Decimal | None = None
    previous_close: Decimal | None = None
    limit_up: Decimal | None = None
    limit_down: Decimal | None = None
    board_lot: int | None = None


_encoder = msgspec.json.Encoder(decimal_format="number")


def encode(record: object) -> bytes:
    """JSON bytes; decimals as numbers with the digits they have."""
    return _encoder.encode(record)


decode_trade = msgspec.json.Decoder(Trade).decode
decode_bar = msgspec.json.Decoder(Bar).decode
decode_average = msgspec.json.Decoder(Average).decode
decode_feed = msgspec.json.Decoder(FeedRecord).decode
decode_symbol = msgspec.json.Decoder(SymbolInfo).decode
