"""No hot function costs more CPU than it did; and the gate that says so sees three tenths more, and only those."""

from collections.abc import Callable, Mapping

import pytest

from tests.bench import gate
from tests.bench.hot import Work, works

HOT = tuple(works())


@pytest.fixture(scope="module")
def hot() -> Mapping[str, Work]:
    return works()


def beside(hot: Mapping[str, Work]) -> Callable[[Mapping[str, Work]], gate.Ratios]:
    """Measures suspects by the same functions as they are, in the same turns, so that it depends on no moment."""

    def measured(suspects: Mapping[str, Work]) -> gate.Ratios:
        now = {f"{name} now": hot[name] for name in suspects}
        found = gate.ratios({**now, **suspects})
        return {name: found[name] / found[f"{name} now"] for name in suspects}

    return measured


def test_no_hot_function_costs_more_than_it_did(hot: Mapping[str, Work]) -> None:
    before = gate.expected(gate.written())
    assert gate.told(gate.regressions(hot, before), before) == []


def test_every_hot_function_has_its_cost_by_every_build_that_was_measured() -> None:
    assert {frozenset(ratios) for ratios in gate.written().values()} == {frozenset(HOT)}


def test_a_build_that_nobody_has_measured_may_cost_what_any_does() -> None:
    written = {"one": {"a": 1.0, "b": 2.0}, "other": {"a": 1.5, "b": 1.0}}
    assert gate.expected(written, "one") == {"a": 1.0, "b": 2.0}
    assert gate.expected(written, "a third") == {"a": 1.5, "b": 2.0}


@pytest.mark.parametrize("name", HOT)
def test_three_tenths_more_are_seen_in_each(hot: Mapping[str, Work], name: str) -> None:
    found = gate.regressions({name: gate.slowed(hot[name])}, {name: 1.0}, beside(hot))
    assert set(found) == {name}


def test_functions_that_cost_what_they_did_pass(hot: Mapping[str, Work]) -> None:
    assert gate.regressions(hot, dict.fromkeys(hot, 1.0), beside(hot)) == {}


def test_only_what_is_too_slow_in_every_try_is_told(hot: Mapping[str, Work]) -> None:
    one, other, third = HOT[:3]
    expected = {one: 1.0, other: 1.0, third: 1.0}
    tries = iter([{one: 1.5, other: 1.3, third: 1.1}, {one: 1.4, other: 1.1}, {one: 1.45}])
    asked: list[list[str]] = []

    def measured(suspects: Mapping[str, Work]) -> gate.Ratios:
        asked.append([*suspects])
        return next(tries)

    assert gate.regressions({name: hot[name] for name in expected}, expected, measured) == {one: 1.4}
    assert asked == [[one, other, third], [one, other], [one]]


def test_what_is_told_names_the_function_both_ratios_and_the_mend() -> None:
    (line,) = gate.told({"api.records.parse": 1.6}, {"api.records.parse": 1.25})
    assert line.startswith(
        "api.records.parse costs 1.60 times the reference, 28% more than the 1.25 in gate.json: make"
    )
    assert "python -m tests.bench.gate --write" in line
