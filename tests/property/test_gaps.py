"""Any order, any repetition, any loss: the open gaps are the missing lots, by an independent recomputation."""

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ingestor.gaps import GRACE_S
from market.messages import Gap
from tests.unit.test_ingestor_gaps import START_US, Print, a_day


class History(NamedTuple):
    """A day of one symbol, what of it arrived, in which order, and by when the gaps were looked at."""

    day: list[Print]
    arrived: list[Print]
    looks: list[int]


@st.composite
def histories(draw: st.DrawFn, *, losing: bool = True) -> History:
    """Steps of 0 are sweeps; some trades come without their running volume, some never, some several times."""
    steps = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=30))
    day, time, volume = [], START_US, 0
    for serial, (step, size) in enumerate(steps, start=1):
        time, volume = time + step, volume + size
        day.append(Print(time, serial * 7, size, volume))
    arrived = []
    for each in day:
        without_volume = draw(st.lists(st.sampled_from((False,) * 9 + (True,)), min_size=not losing, max_size=2))
        arrived += [each._replace(volume=None) if without else each for without in without_volume]
    arrived = draw(st.permutations(arrived))
    return History(day, arrived, sorted(draw(st.lists(st.integers(0, len(arrived)), max_size=4))))


def missing(arrived: list[Print]) -> dict[tuple[int, int], int]:
    """Walks once over the distinct trades in the exchange's order; lots by the times around them."""
    found: Counter[tuple[int, int]] = Counter()
    previous, before, without = START_US, 0, 0
    fullest = {each.serial: each for each in sorted(arrived, key=lambda each: each.volume or 0)}
    for trade in sorted(fullest.values(), key=lambda each: (each.time, each.serial)):
        if trade.volume is None:
            without += trade.size
            continue
        lots = trade.volume - trade.size - before - without
        if lots > 0:
            found[previous, trade.time] += lots
        previous, before, without = trade.time, trade.volume, 0
    return dict(found)


def told(history: History) -> list[Gap]:
    gaps, records = a_day(), []
    for number, each in enumerate(history.arrived):
        for _ in range(history.looks.count(number)):
            records += gaps.changes(number + GRACE_S)
        gaps.add("2330", each, "stream", float(number))
    return records + gaps.changes(len(history.arrived) + GRACE_S)


def last_word(records: list[Gap]) -> dict[tuple[int, int], Gap]:
    return {(gap.from_us, gap.to_us): gap for gap in records}


@given(histories())
def test_the_open_gaps_are_exactly_what_is_missing(history: History) -> None:
    gaps = last_word(told(history)).values()
    assert {(gap.from_us, gap.to_us): gap.missing_lots for gap in gaps if gap.state == "open"} == missing(
        history.arrived
    )


@given(histories(losing=False))
def test_when_every_trade_has_come_no_gap_is_open(history: History) -> None:
    assert all(gap.state == "healed" for gap in last_word(told(history)).values())


@given(histories(), st.data())
def test_a_restart_anywhere_ends_in_the_same_gaps(history: History, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(history.arrived)))
    before, past, after = a_day(), a_day(), a_day()
    for each in history.arrived[:at]:
        before.add("2330", each, "stream", 0.0)
        past.add("2330", each, "stream", 0.0)
    first = before.changes(GRACE_S)
    after.begin(past, [gap for gap in last_word(first).values() if gap.state != "healed"])
    for each in history.arrived[at:]:
        after.add("2330", each, "stream", 0.0)
    gaps = last_word([*first, *after.changes(GRACE_S)]).values()
    assert {(gap.from_us, gap.to_us): gap.missing_lots for gap in gaps if gap.state == "open"} == missing(
        history.arrived
    )


@given(histories())
def test_a_trade_is_lacking_exactly_while_its_lots_are_missing(history: History) -> None:
    gaps = a_day()
    for each in history.arrived:
        gaps.add("2330", each, "stream", 0.0)
    come = {each.serial for each in history.arrived}
    newest = max((each.serial for each in history.arrived if each.volume is not None), default=0)
    if all(each.volume is not None for each in history.arrived):
        lacking = {each.serial for each in history.day if gaps.lacks("2330", each)}
        assert lacking == {each.serial for each in history.day if each.serial < newest} - come
