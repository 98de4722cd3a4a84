"""Any order, repetition and split: the row that counts most trades stays whole, a gap's last word stands."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.batches import Batch
from api.memory import Memory, merged
from market.messages import Bar, Gap
from tests.api_builders import TEN, a_bar, a_gap, a_raw, a_row
from tests.property.mysql import Tables
from tests.property.readers import fields

_VERSIONS = st.tuples(st.integers(0, 3), st.integers(1, 5))  # second, trades: a version is known by the two
_WORDS = st.tuples(st.integers(0, 2), st.integers(0, 9))  # gap, when it was told


def a_version(version: tuple[int, int]) -> Bar:
    at, trades = version
    return a_bar(at, trades, price=f"{1_000 + trades}.5")


def a_word(word: tuple[int, int]) -> Gap:
    at, told = word
    return a_gap(at, at, ("open", "healed", "lost")[told % 3], missing_lots=told, reason=f"word {told}", at_us=told)


@st.composite
def splits(draw: st.DrawFn, records: Any) -> list[list[Any]]:
    sent = draw(st.lists(records, min_size=1, max_size=30))
    cuts = draw(st.lists(st.integers(0, len(sent)), max_size=6))
    return [sent[start:end] for start, end in pairwise(sorted({0, *cuts, len(sent)}))]


def stored(parts: list[list[Bar | Gap]]) -> Tables:
    tables = Tables()
    for part in parts:
        batch = Batch(opened_s=0)
        for record in part:
            batch.add(a_raw(record))
        assert batch.bad == []
        tables.upsert(batch)
    return tables


@given(splits(_VERSIONS))
def test_the_row_with_most_trades_stays_whole_in_the_database(parts: list[list[tuple[int, int]]]) -> None:
    newest = dict(sorted(version for part in parts for version in part))
    tables = stored([list(map(a_version, part)) for part in parts])
    wanted = {("2330", TEN + at): fields(a_version((at, trades))) for at, trades in newest.items()}
    assert tables.by_second("bars") == wanted


@given(splits(_VERSIONS))
def test_memory_and_what_was_stored_before_it_have_no_seam(parts: list[list[tuple[int, int]]]) -> None:
    memory, before = Memory(), [version for part in parts[:-1] for version in part]
    for version in parts[-1]:
        memory.accept(a_row(*version), 0.0)
    rows = merged((a_row(*version) for version in sorted(before)), memory.rows("bar", "2330"))
    newest = dict(sorted([*before, *parts[-1]]))
    assert [(row.second - TEN, row.trades) for row in rows] == sorted(newest.items())


@given(splits(_WORDS))
def test_the_last_word_on_a_gap_stands(parts: list[list[tuple[int, int]]]) -> None:
    last = dict(sorted(word for part in parts for word in part))
    found = stored([list(map(a_word, part)) for part in parts]).rows["gaps"].values()
    told = {row["from_us"] // 1_000_000 - TEN: (row["state"], row["missing_lots"], row["reason"]) for row in found}
    words = {at: a_word((at, when)) for at, when in last.items()}
    assert told == {at: (word.state, word.missing_lots, word.reason) for at, word in words.items()}
