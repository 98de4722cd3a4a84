"""The bench of engines measures what it says: which row shows a trade, when, and whether the rows are right."""

import json
import random
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import oracle
from tests.bench.engines import BACKLOG, RATES, Rounds, environments, interleaved
from tests.bench.engines.arrivals import Versions
from tests.bench.engines.figures import absent, of_subject, percentile
from tests.bench.engines.plain import average_rows, bar_row, counts, half_even, second_of, vwap, with_trade
from tests.bench.engines.subjects import ALL, Subject
from tests.bench.engines.tape import KINDS, Shape, Tape, tape, versions
from tests.bench.engines.trial import Outcome, SilentError, Timed
from tests.bench.engines.verdicts import Verdict, shown_ns, verdict, waits_ms
from tests.bench.result import OURS
from tests.builders import TEN, a_trade
from tests.e2e.exact import exact_json

SMALL = Shape("T", 800, 200, 10)
RIGHT = Verdict(10, 0, 0, 0)


@pytest.fixture(scope="module")
def small() -> Tape:
    return tape(SMALL, TEN)


def rows_of(sent: list[dict[str, Any]]) -> dict[str, list[bytes]]:
    """All versions of all rows that an engine in plain Python would publish."""
    seen: set[tuple[str, int]] = set()
    seconds: dict[tuple[str, int], dict[str, Any]] = {}
    slots: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    out: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    for trade in sent:
        symbol, second = trade["symbol"], second_of(trade)
        if not counts(trade) or (symbol, trade["serial"]) in seen:
            continue
        seen.add((symbol, trade["serial"]))
        bar = seconds[symbol, second] = with_trade(seconds.get((symbol, second)), trade)
        slots[symbol][second] = (bar["trades"], vwap(bar))
        out["bars"].append(json.dumps(bar_row(symbol, second, bar)).encode())
        out["averages"] += [json.dumps(row).encode() for row in average_rows(symbol, second, slots[symbol])]
    return out


def versions_of(values: list[bytes]) -> Versions:
    """As a consumer would see them, one a microsecond."""
    found = Versions()
    for n, value in enumerate(values):
        found.add(value, n * 1_000)
    return found


def test_a_tape_is_disturbed_in_every_way_that_a_feed_is(small: Tape) -> None:
    sent = [exact_json(value) for _, value in small.records]
    identities = [(trade["symbol"], trade["serial"]) for trade in sent]
    assert len(set(identities)) == SMALL.trades
    assert len(identities) > SMALL.trades, "nothing comes twice"
    assert any(trade["kind"] == "trial" for trade in sent)
    assert any(a["time"] > b["time"] + 1_000_000 for a, b in pairwise(sent)), "nothing is late"


def test_a_tape_expects_the_oracles_rows(small: Tape) -> None:
    sent = [exact_json(value) for _, value in small.records]
    assert small.rows["bars"] == oracle.bars(sent)
    assert small.rows["averages"] == oracle.averages(small.rows["bars"])


@pytest.mark.parametrize("seed", range(3))
def test_plain_python_makes_the_oracles_rows_in_any_order(small: Tape, seed: int) -> None:
    sent = [json.loads(value) for _, value in small.records]
    random.Random(seed).shuffle(sent)
    for kind, values in rows_of(sent).items():
        assert verdict(versions_of(values), small, kind, complete=True).right


def test_auctions_and_absent_quotes_and_volumes_are_as_the_oracle_has_them() -> None:
    trades = [
        a_trade("0.1", "10.0001", 3, serial=1, isContinuous=False),
        a_trade("0.2", "10.0002", 4, serial=2, isContinuous=False, isOpen=True, volume=9),
    ]
    kinds = zip(trades, ("call", "open"), strict=True)
    [*_, value] = rows_of([{**trade, "price": float(trade["price"]), "kind": kind} for trade, kind in kinds])["bars"]
    assert exact_json(value) == oracle.bars(trades)["2330", TEN]


def test_quotients_round_half_to_even() -> None:
    assert [half_even(total, 2) for total in (1, 2, 3, 5)] == [0, 1, 2, 2]


def test_a_trade_shows_in_the_version_that_counts_it() -> None:
    trades = [a_trade("0.0"), a_trade("1.0"), a_trade("0.5"), a_trade("1.0"), a_trade("14.9"), a_trade("15.0")]
    trial = a_trade("1.1", isTrial=True)
    shown = versions([*trades, trial])
    at = [("2330", TEN + second) for second in (0, 1, 0, 14, 15)]
    assert shown["bars"] == ((at[0], 1), (at[1], 1), (at[2], 2), None, (at[3], 1), (at[4], 1), None)
    #  second    0    1    …   14   15
    #  trades    2    1        1    1
    #  15 s     [0            14]  [1 … 15]
    assert shown["averages"] == ((at[0], 1), (at[1], 2), (at[2], 2), None, (at[3], 4), (at[4], 3), None)


def test_a_trade_is_shown_by_the_first_row_that_counts_as_many_or_more() -> None:
    row = b'{"symbol":"A","second":1,"trades":%d}'
    found = versions_of([row % 1, row % 3, row % 2, row % 4])
    needs = [(("A", 1), 1), None, (("A", 1), 2), (("A", 1), 4), (("A", 1), 5)]
    shown = list(shown_ns(found, needs))
    assert shown == [(0, 0), (2, 1_000), (3, 3_000), (4, None)]
    sent_ns = [0, 0, 500, 1_000, 2_000]
    assert waits_ms(sent_ns, shown, end_ns=9_000) == [0.0, 0.0005, 0.002, 0.007]


def test_a_row_taken_back_and_a_deleted_one_are_no_versions() -> None:
    found = Versions()
    assert found.add(b'{"symbol":"A","second":1,"trades":7,"diff":-1}', 1) is None
    assert found.add(None, 2) is None
    assert found.counts(("A", 1)) == 0


def test_rows_that_lack_are_too_many_or_differ_are_counted(small: Tape) -> None:
    values = rows_of([json.loads(value) for _, value in small.records])["bars"]
    last = exact_json(values[-1])
    found = versions_of([value for value in values if exact_json(value)["symbol"] != "T0001"])
    of_one = sum(symbol == "T0001" for symbol, _ in small.rows["bars"])
    assert verdict(found, small, "bars", complete=True) == Verdict(len(small.rows["bars"]), of_one, 0, 0)
    altered = versions_of([*values, values[-1].replace(b'"volume": ', b'"volume": 9')])
    assert verdict(altered, small, "bars", complete=True).wrong == 1, last
    beyond = versions_of([*values, b'{"symbol":"T0000","second":1,"trades":1}'])
    assert verdict(beyond, small, "bars", complete=True).extra == 1


def test_rows_of_an_unfinished_topic_are_late_not_missing(small: Tape) -> None:
    values = rows_of([json.loads(value) for _, value in small.records])["bars"]
    half = verdict(versions_of(values[: len(values) // 2]), small, "bars", complete=False)
    assert half.right
    assert half.late + half.rows == len(small.rows["bars"])
    assert half.late > 0


def an_outcome(checked: Verdict = RIGHT, late: int = 0) -> Outcome:
    waits = {kind: [float(n) for n in range(1, 101)] for kind in KINDS}
    of_tape = dict.fromkeys(KINDS, Verdict(10, 0, 0, 0, late))
    timed = Timed(of_tape, waits, per_second=8_000.0, per_core=10_000.0)
    return Outcome(dict.fromkeys(KINDS, checked), dict.fromkeys((*RATES, BACKLOG), timed), start_s=1.0)


def test_figures_have_a_value_for_each_round() -> None:
    found = {figure.what: figure for figure in of_subject(OURS, [an_outcome()] * 3, RATES, BACKLOG)}
    assert found["trade → bar, p50, 500/s, 200 symbols"].values == (50.0, 50.0, 50.0)
    assert found["trade → average, p99, 5,000/s, 2,000 symbols"].values == (99.0, 99.0, 99.0)
    drained = found["trades/s through both, from a backlog of 20,000 of 2,000 symbols"]
    assert (drained.median, drained.correct, drained.note) == (8_000.0, True, "")
    assert found[f"{drained.what}, per core"].median == pytest.approx(10_000)


def test_one_wrong_round_makes_an_engine_wrong_and_says_how() -> None:
    wrong = an_outcome(Verdict(100, 2, 0, 7))
    for figure in of_subject("Other", [an_outcome(), wrong], RATES, BACKLOG):
        assert figure.correct is False
        assert figure.note == "bars: 2 missing, 0 extra, 7 wrong of 100"


def test_an_engine_that_falls_behind_is_right_but_said_to() -> None:
    for figure in of_subject("Other", [an_outcome(late=3)], RATES, BACKLOG):
        assert figure.correct
        assert figure.note.endswith("falls behind: up to 6 rows were not there in time")


def test_an_engine_that_could_not_run_has_its_reason_and_no_value() -> None:
    assert (absent("Other", "no wheel").values, absent("Other", "no wheel").note) == ((), "no wheel")


def played(rounds: int, failure: BaseException, at: tuple[str, int]) -> tuple[Rounds, Rounds, list[str]]:
    """Two engines in turn, of whom one meets the failure in one round (from 0); and what was said."""
    said: list[str] = []

    def once(subject: Subject, number: int) -> Outcome:
        if (subject.key, number) == at:
            raise failure
        return an_outcome()

    first, second = (Rounds(subject) for subject in ALL[:2])
    interleaved(rounds, [first, second], once, said.append)
    return first, second, said


@pytest.mark.parametrize("failure", [SilentError("ended with 1\n  | its log"), TimeoutError("ended with 1")])
def test_an_engine_that_fails_keeps_its_rounds_and_the_others_go_on(failure: Exception) -> None:
    first, second, said = played(4, failure, (ALL[1].key, 2))
    assert [len(each.outcomes) for each in (first, second)] == [4, 2]
    assert {(len(each.values), each.correct, each.note) for each in first.figures()} == {(4, True, "")}
    kept = {(len(each.values), each.correct, each.note) for each in second.figures()}
    assert kept == {(2, True, "no round 3: ended with 1")}
    assert f"round 3 {ALL[1].name}: {failure}" in said


def test_an_engine_that_fails_at_once_has_its_reason_and_no_value() -> None:
    _, second, _ = played(4, TimeoutError(), (ALL[1].key, 0))
    assert second.figures() == [absent(ALL[1].name, "TimeoutError")]


def test_a_run_whose_time_is_over_has_the_rounds_until_then() -> None:
    first, second, said = played(3, SystemExit("stopped: it took too long"), (ALL[1].key, 1))
    assert [len(each.outcomes) for each in (first, second)] == [2, 1]
    assert {each.note for each in first.figures()} == {"no round 3: stopped: it took too long"}
    assert {each.note for each in second.figures()} == {"no round 2: stopped: it took too long"}
    assert said[-1] == "stopped: it took too long"


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile([3, 1, 2], share) for share in (0, 0.5, 0.99, 1)] == [1, 2, 3, 3]


def test_every_engine_is_a_program_and_every_foreign_one_is_pinned() -> None:
    for subject in ALL[1:]:
        folder = Path(environments.HERE) / subject.key
        assert (folder / "program.py").is_file()
        if subject.key == "microbatch":  # on the project's own Spark
            continue
        lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
        assert lines
        assert all("==" in line for line in lines)
