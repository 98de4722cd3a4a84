"""`/stock/v1/ws/data`, as the first version of this project had it: its fields and names, with right values. Pure.

A message a record, of every symbol, as it comes; nothing is asked and nothing answered. What is unknown is left out, as
it was. Times are ISO 8601 in UTC, to the millisecond. docs/api.md says where a meaning differs.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from api.client import Client
from api.fill import WINDOWS, mean
from api.frames import text_frame
from api.live import Live
from api.records import Known
from market.messages import Average, Bar, SymbolInfo, decode_bar, encode

PATH = "/stock/v1/ws/data"
_PERCENT = Decimal("0.01")


class Original:
    """`hear` is told every record that is news. A message is made once for all clients, and not at all without one."""

    def __init__(self, live: Live) -> None:
        self.clients = set[Client]()
        self._live = live

    def hear(self, record: Known, _fresh: bool) -> None:  # noqa: FBT001 - as `Live` tells it
        if not self.clients or not isinstance(record, Bar | Average):
            return
        now_us = self._live.now_us()
        if isinstance(record, Bar):
            self._tell(record, "", per_second(record, self._live.symbols.get(record.symbol), now_us))
            return
        first = record.second - max(WINDOWS) + 1
        rows = self._live.hub.memory.rows("bar", record.symbol, first, record.second + 1)
        bars = [decode_bar(row.value) for row in rows]
        for window in WINDOWS:
            self._tell(record, f"{window}", moving_average(record, window, bars, now_us))

    def _tell(self, record: Bar | Average, name: str, fields: dict[str, object]) -> None:
        frame = text_frame(encode({name: value for name, value in fields.items() if value is not None}))
        for client in tuple(self.clients):  # a slow one may leave while it is told
            client.send((type(record), name, record.symbol, record.second), frame)


def per_second(bar: Bar, info: SymbolInfo | None, now_us: int) -> dict[str, object]:
    """A bar as `per_sec_data`. It stands for a second that traded; the others are not made up."""
    return {
        "symbol": bar.symbol,
        "type": "per_sec_data",
        "start": iso(bar.second * 1_000_000),
        "end": iso((bar.second + 1) * 1_000_000),
        "current_time": iso(now_us),
        "last_data_time": iso(bar.last_trade_us),
        "real_data_count": bar.trades,
        "filled_data_count": 0,
        "real_or_filled": "real",
        "vwap_price_per_sec": bar.vwap,
        "size_per_sec": bar.volume,
        "volume_till_now": bar.day_volume,
        "yesterday_price": info.previous_close if info else None,
        "price_change_percentage": change(bar.vwap, info.reference_price if info else None),
    }


def moving_average(average: Average, window: int, bars: Iterable[Bar], now_us: int) -> dict[str, object]:
    """One window of an average as `MA_data`; its sum is left out unless the bars at hand are those it was made of."""
    first, end = average.second - window + 1, average.second + 1
    value, count = getattr(average, f"sma_{window}"), getattr(average, f"count_{window}")
    counted = [bar.vwap for bar in bars if first <= bar.second < end]
    is_theirs = len(counted) == count and mean(counted) == value
    return {
        "symbol": average.symbol,
        "type": "MA_data",
        "MA_type": f"{window}_MA_data",
        "start": iso(first * 1_000_000),
        "end": iso(end * 1_000_000),
        "current_time": iso(now_us),
        "sma_value": value,
        "sum_of_vwap": sum(counted) if is_theirs else None,
        "count_of_vwap": count,
        "window_data_count": window,
        "real_data_count": count,
        "filled_data_count": window - count,
    }


def change(price: Decimal, reference: Decimal | None) -> Decimal | None:
    """Percent above the reference price, 2 decimals (semantics: change)."""
    if not reference:
        return None
    return ((price - reference) * 100 / reference).quantize(_PERCENT, ROUND_HALF_EVEN)


def iso(time_us: int) -> str:
    """As Spark writes a time."""
    return datetime.fromtimestamp(time_us // 1_000 / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
