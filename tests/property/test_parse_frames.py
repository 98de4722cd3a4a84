"""Whatever comes, `parse` answers with a value; what it accepts reads back equal, digit for digit."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingestor.frames import parse
from ingestor.trades import Trade
from market.messages import decode_trade

NOW_US = 1_796_090_400_500_000
WATCHED = frozenset({"2330"})

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
FIELDS = ("symbol", "type", "exchange", "market", "time", "serial", "price", "size", "volume", "bid", "ask",
          "isTrial", "isOpen", "isLimitUpHalt", "kind", "received_us", "source")  # fmt: skip
GOOD: dict[str, Any] = {"symbol": "2330", "type": "EQUITY", "exchange": "TWSE", "time": NOW_US, "serial": 1,
                        "price": 1, "size": 1}  # fmt: skip


def framed(data: object) -> bytes:
    return json.dumps({"event": "data", "channel": "trades", "data": data}).encode()


@given(st.binary())
def test_no_bytes_raise(data: bytes) -> None:
    parse(data, NOW_US, WATCHED)


@given(st.dictionaries(st.sampled_from(("event", "data", "channel", "code", "message")), values), st.sampled_from(
    ("data", "snapshot", "heartbeat", "pong", "subscribed", "authenticated", "error", "x")))  # fmt: skip
def test_no_json_raises(frame: dict[str, Any], event: str) -> None:
    parse(json.dumps({**frame, "event": event}).encode(), NOW_US, WATCHED)


@given(st.dictionaries(st.sampled_from(FIELDS), values, max_size=3), st.dictionaries(st.text(), values, max_size=2))
def test_what_is_accepted_reads_back_equal(changed: dict[str, Any], more: dict[str, Any]) -> None:
    found = parse(framed({**more, **GOOD, **changed}), NOW_US, WATCHED)
    if not isinstance(found, Trade):
        return
    read = decode_trade(found.value)
    json.loads(found.value)
    ours = (found.symbol, found.time, found.serial, found.size, found.volume, found.kind)
    assert ours == (read.symbol, read.time, read.serial, read.size, read.volume, read.kind)
    assert (read.received_us, read.source) == (NOW_US, "stream")
    assert 0 < read.price < 10**8


@given(st.decimals("0.0001", "99999999.9999", places=4), st.integers(1, 99), st.integers(0, 10**12 - 1))
def test_every_digit_survives(price: Decimal, size: int, serial: int) -> None:
    data = json.dumps({**GOOD, "price": "@", "size": size, "serial": serial}).replace('"@"', f"{price:f}")
    found = parse(f'{{"event":"data","channel":"trades","data":{data}}}'.encode(), NOW_US, WATCHED)
    assert isinstance(found, Trade)
    read = decode_trade(found.value)
    assert (str(read.price), read.size, read.serial) == (f"{price:f}", size, serial)
