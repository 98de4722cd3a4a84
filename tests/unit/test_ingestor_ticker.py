"""Reference data: what the exchange says, null where it says nothing, and never a default."""

from datetime import date
from decimal import Decimal

import pytest

from ingestor.ticker import symbol_info, unknown
from market.messages import SymbolInfo, decode_symbol, encode

TODAY = date(2026, 12, 1)
BODY = (
    '{"date":"2026-12-01","type":"EQUITY","exchange":"TWSE","market":"TSE","symbol":"2330","name":"台積電",'
    '"nameEn":"TSMC","securityType":"01","previousClose":2385,"referencePrice":2380.50,"limitUpPrice":2615,'
    '"limitDownPrice":2145,"boardLot":1000,"isAttention":false}'
).encode()


def test_an_answer_becomes_the_reference_data_of_its_day_with_every_digit() -> None:
    info = symbol_info("2330", TODAY, 200, BODY)
    assert info == SymbolInfo(
        symbol="2330", trading_day="2026-12-01", name="台積電", name_en="TSMC", exchange="TWSE", market="TSE",
        security_type="01", reference_price=Decimal("2380.50"), previous_close=Decimal(2385), limit_up=Decimal(2615),
        limit_down=Decimal(2145), board_lot=1000,
    )  # fmt: skip
    assert decode_symbol(encode(info)) == info


def test_yesterdays_answer_says_that_it_is_yesterdays() -> None:
    info = symbol_info("2330", TODAY, 200, BODY.replace(b"12-01", b"11-30"))
    assert info is not None
    assert info.trading_day == "2026-11-30"


def test_what_the_answer_leaves_out_is_null() -> None:
    assert symbol_info("2330", TODAY, 200, b"{}") == unknown("2330", TODAY)


def test_a_security_without_daily_limits_has_none() -> None:
    info = symbol_info("2330", TODAY, 200, b'{"limitUpPrice":9999.95,"limitDownPrice":0.01}')
    assert info is not None
    assert (info.limit_up, info.limit_down) == (None, None)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_symbol_the_exchange_does_not_know_is_all_null(status: int) -> None:
    assert symbol_info("9999", TODAY, status, b'{"statusCode":404}') == unknown("9999", TODAY)


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, b""), (429, b""), (500, b""), (503, b""), (200, b""), (200, b"[]"), (200, b"\xff"), (200, b"[" * 100_000),
     (200, b'{"boardLot":"x"}'), (200, b'{"date":"yesterday"}'), (302, b"")],
)  # fmt: skip
def test_an_answer_that_says_nothing_of_the_symbol_is_to_be_asked_again(status: int, body: bytes) -> None:
    assert symbol_info("2330", TODAY, status, body) is None
