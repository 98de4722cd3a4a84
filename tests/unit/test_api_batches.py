import asyncio
import re
from collections.abc import Callable
from itertools import permutations

import pytest
from msgspec.structs import astuple

from api import sql
from api.batches import Batch, batches
from api.records import Raw
from api.store import rows_json, statements
from tests.api_builders import a_bar, a_gap, a_raw, an_average


def a_batch(*raws: Raw) -> Batch:
    batch = Batch(opened_s=0)
    for raw in raws:
        batch.add(raw)
    return batch


def a_clock(*times: float) -> Callable[[], float]:
    left = list(times)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_of_two_versions_of_a_row_the_one_that_counts_more_trades_stays() -> None:
    batch = a_batch(a_raw(a_bar(trades=2), 0), a_raw(a_bar(trades=3), 1), a_raw(a_bar(trades=1), 2))
    assert [bar.trades for bar in batch.bars.values()] == [3]
    assert batch.offsets == {("bars", 0): 3}
    assert batch.records == 3


def test_the_last_word_on_a_gap_stands_in_whatever_order_it_came() -> None:
    words = [a_gap(state=state, at_us=at) for at, state in ((1, "open"), (2, "healed"), (3, "open"), (4, "lost"))]
    for order in permutations(words):
        batch = a_batch(*(a_raw(gap, offset) for offset, gap in enumerate(order)))
        assert [gap.state for gap in batch.gaps.values()] == ["lost"]


def test_a_gap_that_opens_again_is_open() -> None:
    words = [a_gap(3, 3, state, at_us=at) for at, state in ((1, "open"), (2, "healed"), (3, "open"))]
    assert [gap.state for gap in a_batch(*map(a_raw, words)).gaps.values()] == ["open"]


def test_a_bad_record_is_set_aside_and_its_offset_counted() -> None:
    batch = a_batch(a_raw(a_bar(), 7, value=None))
    assert batch.bars == {}
    assert batch.offsets == {("bars", 0): 8}
    assert [reason for _, reason in batch.bad] == ["null value"]


def test_a_batch_waits_until_it_is_full_or_old_enough() -> None:
    batch = a_batch(a_raw(a_bar()))
    assert batch.wait_s(0.02, size=2, age_s=0.05) == pytest.approx(0.03)
    assert batch.wait_s(0.06, size=2, age_s=0.05) == 0
    batch.add(a_raw(a_bar(1)))
    assert batch.wait_s(0.02, size=2, age_s=0.05) == 0


def first_batch(chunks: list[list[Raw]], clock: Callable[[], float], size: int) -> tuple[Batch, int]:
    async def run() -> tuple[Batch, int]:
        queue: asyncio.Queue[list[Raw]] = asyncio.Queue()
        for chunk in chunks:
            queue.put_nowait(chunk)
        taken: list[None] = []
        async for batch in batches(queue, lambda: taken.append(None), size, 0.05, clock):
            return batch, len(taken)
        raise AssertionError

    return asyncio.run(run())


def test_a_full_batch_takes_no_further_chunk() -> None:
    chunks = [[a_raw(a_bar(at), at)] for at in range(5)]
    batch, taken = first_batch(chunks, a_clock(0), size=3)
    assert (batch.records, taken) == (3, 3)


def test_an_old_batch_takes_no_further_chunk() -> None:
    chunks = [[a_raw(a_bar(at), at)] for at in range(5)]
    batch, _ = first_batch(chunks, a_clock(0, 0.04, 0.051), size=100)
    assert batch.records == 2


def test_a_batch_becomes_one_statement_a_table_with_sorted_keys() -> None:
    batch = a_batch(a_raw(a_bar(5), 0), a_raw(a_bar(1), 1), a_raw(an_average(2), 0))
    made = statements(batch)
    assert [statement.split()[2] for statement, _ in made] == ["bars", "averages", "consumer_offsets", "days"]
    assert made[0][1].index(b"1796090401") < made[0][1].index(b"1796090405")


def test_decimals_reach_the_database_as_text() -> None:
    made = statements(a_batch(a_raw(a_bar(price="1085.5"))))
    assert b'"1085.5"' in made[0][1]


def test_the_version_is_assigned_last() -> None:
    statement, _ = statements(a_batch(a_raw(a_bar())))[0]
    *_, last = statement.split(", `")
    assert last == "trades` = GREATEST(/*!80019 new.trades *//*M! VALUES(trades) */, bars.trades)"


def test_rows_of_a_plain_table_are_values_of_the_statement() -> None:
    batch = a_batch(a_raw(a_bar(1, price="1085.5", prior_volume=None, day_volume=None)), a_raw(a_bar(2), 1))
    text = sql.with_rows(*statements(batch)[0]).decode()
    assert 'VALUES ("2026-12-01","2330",1796090401,"1085.5",' in text
    assert ',null,null,1,0,null,1796090401500000),("2026-12-01","2330",1796090402,' in text
    assert not re.search(r"[\[\]%]", text)


def test_texts_of_others_cannot_end_a_statement() -> None:
    reason = 'it\'s "quoted"; [and] \\ more %s'
    text = sql.with_rows(*statements(a_batch(a_raw(a_gap(reason=reason))))[0]).decode()
    assert bytes.fromhex(text.split("'")[1]) == rows_json([["2026-12-01", *astuple(a_gap(reason=reason))]])
    assert reason not in text
