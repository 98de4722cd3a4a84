"""Price steps and daily limits (fugle.md 6.3)."""

import pytest

from simulator import ticks
from simulator.symbols import MOST, cents, instruments, listed


@pytest.mark.parametrize(
    ("table", "price", "step"),
    [
        ("stock", "9.99", 1), ("stock", "10", 5), ("stock", "49.95", 5), ("stock", "50", 10), ("stock", "99.9", 10),
        ("stock", "100", 50), ("stock", "499.5", 50), ("stock", "500", 100), ("stock", "999", 100),
        ("stock", "1000", 500), ("stock", "12000", 500), ("fund", "49.99", 1), ("fund", "50", 5), ("fund", "226.35", 5),
        ("warrant", "4.99", 1), ("warrant", "5", 5), ("warrant", "100", 100), ("warrant", "500", 500),
    ],
)  # fmt: skip
def test_the_step_follows_the_table_of_the_security(table: str, price: str, step: int) -> None:
    assert ticks.step(table, cents(price)) == step


@pytest.mark.parametrize("edge", ["10", "50", "100", "500", "1000"])
def test_a_step_down_from_a_bands_edge_is_the_lower_bands(edge: str) -> None:
    price = cents(edge)
    assert ticks.above("stock", ticks.below("stock", price)) == price
    assert price - ticks.below("stock", price) < ticks.above("stock", price) - price


def test_limits_are_ten_percent_rounded_inward() -> None:
    assert ticks.limits("stock", cents("566")) == (cents("510"), cents("622"))


@pytest.mark.parametrize("table", ticks.TICKS)
def test_every_band_begins_on_its_own_step(table: str) -> None:
    assert ticks.aligned(table)


@pytest.mark.parametrize("written", ["0.01", "0.1", "7.86", "27.35", "1084.5", "1085", "12000"])
def test_prices_are_written_without_needless_zeros(written: str) -> None:
    assert ticks.text(cents(written)) == written


def test_every_security_starts_on_a_valid_price_inside_its_limits() -> None:
    for each in instruments(MOST, seed=3):
        down, up = each.limits
        assert down < each.reference < up
        for price in (each.reference, each.previous_close, down, up):
            assert ticks.floor(each.tick_table, price) == price


def test_the_list_is_as_long_as_asked_distinct_and_the_same_for_the_same_seed() -> None:
    many = instruments(MOST, seed=3)
    assert len({each.symbol for each in many}) == MOST
    assert many == instruments(MOST, seed=3) != instruments(MOST, seed=4)
    assert many[: len(listed())] == listed()


def test_the_table_has_both_exchanges_funds_and_reference_prices_that_are_not_the_last_close() -> None:
    real = {each.symbol: each for each in listed()}
    assert (real["2330"].name, real["2330"].name_en, real["2330"].board_lot) == ("台積電", "TSMC", 1_000)
    assert {"2330", "0050", "2317", "2454", "6488"} <= real.keys()
    assert (real["6488"].exchange, real["6488"].market) == ("TPEx", "OTC")
    assert real["0050"].tick_table == "fund"
    assert any(each.reference != each.previous_close for each in real.values())
