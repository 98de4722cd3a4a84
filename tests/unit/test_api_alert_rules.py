"""What may be asked for, and how an alert is kept and shown."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api import alert_rules
from api.alert_rules import PriceRule, parse
from tests.unit.test_api_alerts import an_alert, average, price

GAP = {"type": "gap", "symbol": "2330"}


@pytest.mark.parametrize(
    "rule",
    [
        price(1085.5),
        price(1, "down", cool_down_s=10, webhook="https://hooks.example.com/"),
        average(),
        average(fast=10, slow=15),
        GAP,
        {"type": "stale"},
    ],
)
def test_a_rule_is_read_again_as_it_was_asked_for(rule: dict[str, Any]) -> None:
    read = parse(json.dumps(rule))
    assert parse(alert_rules.text(read)) == read
    assert json.loads(alert_rules.text(read)).items() >= rule.items()


@given(units=st.integers(1, 10**12 - 1))
def test_a_level_is_the_decimal_that_was_written(units: int) -> None:
    written = f"{units // 10_000}.{units % 10_000:04}"
    read = parse(f'{{"type":"price","symbol":"2330","direction":"up","level":{written}}}')
    assert isinstance(read, PriceRule)
    assert read.level == Decimal(units) / 10_000
    assert parse(alert_rules.text(read)) == read


@pytest.mark.parametrize(
    "rule",
    [
        price(0), price(-1), price(1.00001), price(1e8), price(float("nan")), price(float("inf")),
        {**price(), "level": "100"}, {**price(), "level": True}, {**price(), "level": None},
        price(symbol="23 30"), price(symbol="*"), price(symbol="2" * 17), price(symbol=2330),
        price(cool_down_s=9), price(cool_down_s=86_401), price(cool_down_s=10.5), price(cool_down_s="10"),
        price(webhook=""), price(webhook="h" * 501), price(note="more"), price(direction="sideways"),
        average(fast=10, slow=10), average(fast=15), average(slow=20),
        {"type": "stale", "after_s": 4}, {"type": "stale", "symbol": "2330"}, {"type": "gap"}, {"type": "moon"}, {},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        parse(json.dumps(rule))


@pytest.mark.parametrize("text", ["", "[]", "null", "1", "[" * 3_000, "{", '"price"'])
def test_what_is_no_rule_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse(text)


def test_an_alert_is_shown_with_its_rule() -> None:
    alert = an_alert(17, 1_796_090_100, **price(1100.5, cool_down_s=600))
    alert.fired_second, alert.fires = 1_796_090_403, 2
    shown = json.loads(alert.json())
    assert shown.pop("rule") == {**price(1100.5, cool_down_s=600), "webhook": None}
    assert shown == {"id": 17, "created": 1_796_090_100, "fired": 1_796_090_403, "fires": 2}


def test_the_table_does_not_tell_an_owners_word() -> None:
    assert "9f3c2b7e5d1a4c68" not in alert_rules.owner("9f3c2b7e5d1a4c68")
    assert alert_rules.owner("9f3c2b7e5d1a4c68") != alert_rules.owner("9f3c2b7e5d1a4c69")
