from decimal import Decimal
from typing import Any

import msgspec
import pytest

from api.records import Bad, parse
from tests.api_builders import TEN, a_bar, a_gap, a_raw, a_status, an_average


@pytest.mark.parametrize("record", [a_bar(), an_average(), a_gap(), a_status()])
def test_a_good_record_comes_back(record: Any) -> None:
    assert parse(a_raw(record)) == record


def test_an_additional_field_is_welcome() -> None:
    value = a_raw(a_bar()).value
    assert value is not None
    assert parse(a_raw(a_bar(), value=value[:-1] + b',"colour":"red"}')) == a_bar()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"value": None}, "null value"),
        ({"value": b'{"another":"schema"}'}, "schema"),
        ({"value": b"{"}, "schema"),
        ({"value": b"\xff"}, "schema"),
        ({"value": b"[" * 100_000}, ""),
        ({"key": b"0050"}, "key"),
        ({"key": None}, "key"),
    ],
)
def test_a_record_that_is_none_is_bad(fields: dict[str, Any], reason: str) -> None:
    found = parse(a_raw(a_bar(), **fields))
    assert isinstance(found, Bad)
    assert reason in found.reason


def test_bytes_that_a_browser_would_refuse_are_bad_even_in_an_unknown_field() -> None:
    value = a_raw(a_bar()).value
    assert value is not None
    assert isinstance(parse(a_raw(a_bar(), value=value[:-1] + b',"x":"\xff"}')), Bad)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"symbol": "<script>"}, "symbol"),
        ({"symbol": "x" * 17}, "symbol"),
        ({"second": 0}, "second"),
        ({"second": TEN * 1_000}, "second"),
        ({"trades": 0}, "trades"),
        ({"trades": -1}, "trades"),
        ({"high": Decimal(1)}, "outside low and high"),
        ({"close": Decimal(2_000)}, "outside low and high"),
        ({"open": Decimal("1e308")}, "price"),
        ({"open": Decimal("1085.00001")}, "price"),
        ({"volume": 2**63}, "volume"),
        ({"trades": 5}, "volume"),
        ({"sell_volume": 1}, "volume"),
        ({"vwap": Decimal(1085), "turnover": Decimal(1)}, "vwap"),
        ({"last_trade_us": (TEN + 1) * 1_000_000}, "last trade"),
    ],
)
def test_a_bar_that_cannot_be_true_is_bad(fields: dict[str, Any], reason: str) -> None:
    bar = msgspec.structs.replace(a_bar(), **fields)
    found = parse(a_raw(bar))
    assert isinstance(found, Bad)
    assert reason in found.reason


@pytest.mark.parametrize("text", [b'"NaN"', b'"Infinity"', b"1e308", b"-1", b"0"])
def test_a_price_that_is_no_price_is_bad(text: bytes) -> None:
    value = (a_raw(a_bar()).value or b"").replace(b'"open":1085', b'"open":' + text)
    assert parse(a_raw(a_bar(), value=value)) == Bad("impossible price or turnover")


@pytest.mark.parametrize("fields", [{"count_5": 0}, {"count_5": 6}, {"count_10": 0}, {"count_5": 2}, {"sma_5": None}])
def test_an_average_that_cannot_be_true_is_bad(fields: dict[str, Any]) -> None:
    assert isinstance(parse(a_raw(an_average(**fields))), Bad)


def test_a_second_with_missing_trades_inside_is_a_broken_chain_and_no_bad_record() -> None:
    assert parse(a_raw(a_bar(day_volume=9_000))) == a_bar(day_volume=9_000)
