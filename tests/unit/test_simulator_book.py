"""One symbol's book at the edges."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import ticks
from simulator.book import Book
from simulator.symbols import listed

BY_SYMBOL = {each.symbol: each for each in listed()}


@settings(max_examples=30)
@given(st.sampled_from(sorted(BY_SYMBOL)), st.integers(0, 1_000), st.booleans())
def test_whatever_is_ordered_the_book_stays_on_ticks_between_the_limits(symbol: str, seed: int, up: bool) -> None:  # noqa: FBT001
    book = Book(BY_SYMBOL[symbol], anchor=0)
    book.anchor = book.up if up else book.down
    book.rest(book.anchor)
    rng = random.Random(seed)
    for _ in range(300):
        fills = book.order(rng)
        assert all(fill.size >= 1 for fill in fills)
        assert fills[-1].bid is not None or fills[-1].ask is not None
        for price in {book.bid, book.ask, *(fill.price for fill in fills)} - {None}:
            assert price is not None
            assert book.down <= price <= book.up
            assert ticks.floor(book.instrument.tick_table, price) == price


def test_a_book_locked_at_the_upper_limit_only_sells_at_it_and_its_print_says_so() -> None:
    book = Book(BY_SYMBOL["2330"], anchor=0)
    book.rest(book.up)
    assert (book.bid, book.ask) == (book.up, None)
    fill = book.order(random.Random(1))[0]
    assert fill.price == book.up
    body = book.writer.lots(fill, 1, 1, 1, "isContinuous").body
    assert b'"isLimitUpPrice":true,"isLimitUpBid":true' in body
    assert b"Down" not in body


@pytest.mark.parametrize("symbol", ["2330", "0050", "6488"])
def test_a_sweep_takes_adjacent_levels_in_one_direction(symbol: str) -> None:
    book, rng = Book(BY_SYMBOL[symbol], anchor=BY_SYMBOL[symbol].reference), random.Random(2)
    sweeps = [fills for fills in (book.order(rng) for _ in range(2_000)) if len(fills) > 1]
    assert len(sweeps) > 20
    for fills in sweeps:
        prices = [fill.price for fill in fills]
        rising = prices[1] > prices[0]
        move = ticks.above if rising else ticks.below
        assert all(move(book.instrument.tick_table, one) == other for one, other in pairwise(prices))
        assert fills[-1].price == (fills[-1].ask if rising else fills[-1].bid)
