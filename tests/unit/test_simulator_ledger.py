"""The exchange's book of record."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.index import Index
from simulator.ledger import Board, Day, Ledger, trades
from simulator.prints import Print

DAY_US = 1_796_054_400_000_000  # 2026-12-01 00:00 in Taipei


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.ndjson")
    yield ledger
    ledger.close()


def a_print(serial: int, *, time: int = DAY_US, odd: bool = False, trial: bool = False, price: str = "1085") -> Print:
    kind = "ODDLOT" if odd else "EQUITY"
    flag = ',"isTrial":true' if trial else ""
    body = f'{{"symbol":"2330","type":"{kind}","time":{time},"serial":{serial},"price":{price},"size":2{flag}}}'
    return Print("2330", odd, trial, time, serial, 2, body.encode())


def serials(ledger: Ledger, board: Board, offset: int = 0, limit: int = 500, *, oldest_first: bool = True) -> list[int]:
    return [json.loads(body)["serial"] for body in ledger.bodies(board, offset, limit, oldest_first=oldest_first)]


def recorded(ledger: Ledger, *prints: Print) -> None:
    for each in prints:
        ledger.trade(each)
    ledger.flush()


def test_boards_are_kept_apart_and_a_repeat_is_one_trade(ledger: Ledger) -> None:
    recorded(ledger, a_print(1), a_print(2, odd=True), a_print(3, trial=True), a_print(4), a_print(1))
    assert serials(ledger, Board("2330")) == [1, 4]
    assert serials(ledger, Board("2330", odd=True)) == [2]
    assert serials(ledger, Board("2330", trial=True)) == [3]
    assert serials(ledger, Board("2317")) == []


def test_what_has_not_been_flushed_is_read_back_too(ledger: Ledger) -> None:
    ledger.trade(a_print(1))
    assert serials(ledger, Board("2330")) == [1]


def test_a_late_print_is_found_at_its_place_in_time(ledger: Ledger) -> None:
    recorded(ledger, a_print(1), a_print(9, time=DAY_US + 9), a_print(5, time=DAY_US + 5))
    assert serials(ledger, Board("2330"), oldest_first=False) == [9, 5, 1]
    assert serials(ledger, Board("2330"), 1, 1) == [5]


def test_prints_are_read_back_digit_for_digit(ledger: Ledger, tmp_path: Path) -> None:
    recorded(ledger, a_print(1, price="1084.5000"), a_print(2, price="1085"))
    ledger.sent(DAY_US, 1, [a_print(1)])
    ledger.frame(DAY_US, 1, b'{"event":"heartbeat"}')
    ledger.flush()
    prices = [each["price"] for each in trades(tmp_path / "ledger.ndjson")]
    assert all(isinstance(price, Decimal) for price in prices)
    assert [str(price) for price in prices] == ["1084.5000", "1085"]
    lines = [json.loads(line) for line in (tmp_path / "ledger.ndjson").read_text().splitlines()]
    assert [line["t"] for line in lines] == ["trade", "trade", "sent", "sent"]
    assert (lines[2]["prints"], lines[3]["frame"]) == (["2330:1"], {"event": "heartbeat"})


def test_a_ledger_opened_again_has_the_days_prices_and_prints_but_no_torn_line(ledger: Ledger, tmp_path: Path) -> None:
    ledger.day(Day("2026-12-01", {"2330": (238_000, 238_500)}))
    recorded(ledger, a_print(7, time=DAY_US - 1), a_print(1), a_print(2))
    with (tmp_path / "ledger.ndjson").open("ab") as file:
        file.write(b'{"t":"trade","sym')
    again = Ledger(tmp_path / "ledger.ndjson")
    assert again.begun("2026-12-01") == Day("2026-12-01", {"2330": (238_000, 238_500)})
    assert again.begun("2026-12-02") is None
    assert [each.serial for each in again.restored(DAY_US, DAY_US + 1)] == [1, 2]
    recorded(again, a_print(3))
    assert serials(again, Board("2330")) == [1, 2, 3]
    again.close()


def test_a_ledger_without_a_path_works_the_same() -> None:
    ledger = Ledger(None)
    recorded(ledger, a_print(1))
    assert serials(ledger, Board("2330")) == [1]
    assert [each.serial for each in ledger.restored(DAY_US, DAY_US + 1)] == []  # it is indexed already
    ledger.close()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 99_999_999)), max_size=40))
def test_an_index_is_in_order_without_repeats_whatever_the_order_of_arrival(keys: list[tuple[int, int]]) -> None:
    index = Index()
    new = [index.add(DAY_US + time, serial, at) for at, (time, serial) in enumerate(keys)]
    assert sum(new) == len(index) == len(set(keys))
    pages = [index.page(offset, 7, oldest_first=True) for offset in range(0, 49, 7)]
    assert [keys[at] for page in pages for at in page] == sorted(set(keys))
    assert index.page(0, 100, oldest_first=False) == index.page(0, 100, oldest_first=True)[::-1]
