from typing import Any

import pytest

from api.proof import Around, Copy, counted, proof, trades
from market.messages import Bar, Trade, decode_trade
from tests.builders import a_trade, published
from tests.unit.test_api_chain import a_link

BEFORE, AFTER = a_link(0, 0, 5, 5), a_link(9, 8, 9, 1)


def a_copy(offset: int, at: str = "0.0", source: str = "stream", **fields: Any) -> Copy:
    trade = decode_trade(published(a_trade(at, **fields)).encode())
    return Copy(
        Trade(**{name: getattr(trade, name) for name in trade.__struct_fields__} | {"source": source}), 0, offset
    )


@pytest.mark.parametrize(
    ("before", "bar", "after", "state"),
    [
        (BEFORE, a_link(3, 5, 8, 3), AFTER, "sealed"),
        (BEFORE, a_link(3, 5, 8, 3), None, "open"),
        (None, a_link(3, 0, 8, 8), AFTER, "sealed"),
        (None, a_link(3, 5, 8, 3), AFTER, "broken"),  # the day began without it
        (BEFORE, a_link(3, 6, 8, 2), AFTER, "broken"),
        (BEFORE, a_link(3, 5, 8, 2), AFTER, "broken"),
        (BEFORE, a_link(3, 5, 7, 2), AFTER, "broken"),
        (BEFORE, a_link(3, None, 8, 3), AFTER, "unknown"),
        (BEFORE, a_link(3, 5, None, 3), AFTER, "unknown"),
        (BEFORE, a_link(3, None, 7, 3), AFTER, "broken"),  # what is known is enough to see that
        (a_link(0, 0, 8, 8), None, AFTER, "sealed"),
        (BEFORE, None, AFTER, "broken"),
        (BEFORE, None, None, "open"),
        (None, None, a_link(9, 0, 1, 1), "sealed"),
    ],
)
def test_a_second_is_proven_by_the_counters_around_it(
    before: Bar | None, bar: Bar | None, after: Bar | None, state: str
) -> None:
    assert proof(Around(before, bar, after))["state"] == state


def test_what_is_missing_is_said_where_it_is_missing() -> None:
    found = proof(Around(BEFORE, a_link(3, 6, 8, 1), a_link(9, 11, 12, 1)))
    assert [found[at]["missing_lots"] for at in ("before", "inside", "after")] == [1, 1, 3]


def test_the_first_record_of_a_trade_counts_and_the_others_are_its_repeats() -> None:
    copies = [a_copy(7, "0.5"), a_copy(3, "0.5", source="rest"), a_copy(5, "0.1")]
    found = trades(copies)
    assert [each["time_us"] % 1_000_000 for each in found] == [100_000, 500_000]
    assert [each["offset"] for each in found] == [5, 3]
    assert [(each["source"], each["offset"]) for each in found[1]["repeats"]] == [("stream", 7)]
    assert counted(found) == 2


def test_what_counts_in_no_bar_is_shown_as_such() -> None:
    found = trades([a_copy(1), a_copy(2, isTrial=True, serial=5), a_copy(3, type="ODDLOT")])
    assert sorted((each["kind"], each["counts"]) for each in found) == [
        ("continuous", True), ("odd_lot", False), ("trial", False),
    ]  # fmt: skip
    assert counted(found) == 1
