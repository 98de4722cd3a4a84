import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.bench import report, saved
from tests.bench.__main__ import MEASURES, USUAL, ended, modules
from tests.bench.curves import curves, placed
from tests.bench.drawing import drawing, x
from tests.bench.goals import GOALS, Goal, judged
from tests.bench.result import OURS, Figure
from tests.bench.table import lines, number, processes, unmeasured


def a_figure(
    subject: str = OURS, *values: float, what: str = "rows stored", measure: str = "P4", **more: object
) -> Figure:
    return Figure(measure, what, subject, "rows/s", values or (10.0, 20.0, 30.0), **more)  # type: ignore[arg-type]


def a_run(*figures: Figure) -> saved.Run:
    return {figures[0].measure: saved.Part("2026-12-01T10:00:00+00:00", "2 cores", figures)}


def only(goal: Goal, *figures: Figure) -> tuple[bool, str]:
    (found,) = judged(figures, [goal])
    return found.is_met, str(found.ratio)


def test_a_ratio_is_taken_round_by_round() -> None:
    goal = Goal("P4", "rows stored", 0.5, at_most=False)
    assert only(goal, a_figure(OURS, 10, 40, 90), a_figure("LOAD", 20, 50, 100)) == (True, "0.80 (0.50–0.90)")


def test_a_rate_has_to_be_at_least_and_a_time_at_most_the_bound() -> None:
    slow, fast = a_figure(OURS, 10), a_figure("other", 30)
    assert not only(Goal("P4", "*", 0.5, at_most=False), slow, fast)[0]
    assert only(Goal("P4", "*", 0.5), slow, fast)[0]


def test_ours_is_held_against_the_best_of_the_correct_ones() -> None:
    wrong = a_figure("wrong", 1.0, correct=False, note="1 row lost")
    (found,) = judged(
        [a_figure(OURS, 10.0), a_figure("good", 30.0), a_figure("better", 20.0), wrong], [Goal("P4", "*", 0.5)]
    )
    assert found.other is not None
    assert found.other.subject == "better"


def test_wrong_rows_of_ours_meet_no_goal() -> None:
    ours = a_figure(OURS, 10.0, correct=False, note="3 rows lost")
    (found,) = judged([ours, a_figure("other", 100.0)], [Goal("P4", "*", 0.5)])
    assert str(found) == "not met: wrong rows (3 rows lost)"


def test_without_an_anchor_that_ran_nothing_is_judged() -> None:
    did_not = Figure("P4", "rows stored", "other", "rows/s", (), note="cannot be installed")
    assert judged([a_figure(), did_not], [Goal("P4", "*", 0.5)]) == []
    assert "other did not run: cannot be installed" in lines(a_run(a_figure(), did_not))[2]


def test_a_ratio_is_of_the_rounds_that_both_have() -> None:
    goal = Goal("P4", "*", 0.5)
    assert only(goal, a_figure(OURS, 10, 40, 90), a_figure("gone", 20, 50)) == (False, "0.65 (0.50–0.80)")
    assert only(goal, a_figure(OURS, 10), a_figure("whole", 20, 50, 100)) == (True, "0.50 (0.50–0.50)")


def test_what_both_cores_drain_is_not_held_against_the_goal_of_one() -> None:
    drained = "trades/s through both, from a backlog of 20,000 of 2,000 symbols"
    bounds = {
        what: [goal.bound for goal in GOALS if goal.concerns(a_figure(what=what, measure="P2"))]
        for what in (drained, f"{drained}, per core")
    }
    assert list(bounds.values()) == [[20_000], [2, 1]]


def test_a_goal_may_name_its_anchor_or_leave_one_out() -> None:
    figures = [a_figure(OURS, 10.0), a_figure("PyFlink", 30.0), a_figure("Faust", 20.0)]
    named, without = judged(figures, [Goal("P4", "*", 1, beside="PyFlink"), Goal("P4", "*", 1, but="PyFlink")])
    assert [each.other.subject for each in (named, without) if each.other] == ["PyFlink", "Faust"]


def test_a_bound_of_nothing_is_met_by_nothing_only() -> None:
    goal = Goal("P9", "rows lost", 0, beside="")
    assert goal.share(0) == 0
    assert goal.share(1) > 1


def test_a_goal_that_is_not_met_says_why() -> None:
    text = lines(a_run(a_figure(OURS, 10.0), a_figure("LOAD", 100.0)))[2]
    assert text.startswith("| P4 | rows stored | 10 rows/s | LOAD 100 rows/s | 0.10 (0.10–0.10) | ≥ 0.5 × | not met: ")


def test_figures_without_a_goal_stand_in_the_table_too() -> None:
    assert lines(a_run(a_figure(what="p99"), a_figure("other", what="p99")))[2].startswith(
        "| P4 | p99 | 20 rows/s | other 20"
    )


def test_processes_have_a_table_of_their_own() -> None:
    each = [("resident", 3.0), ("resident, api", 100.0), ("resident, kafka", 300.0), ("cores, idle, api", 0.5)]
    run = a_run(
        *(a_figure(OURS, value, what=what, measure="P7") for what, value in [*each, ("cores, idle, kafka", 0.0)])
    )
    assert processes(run)[3:] == ["| kafka | 300 rows/s | 0 |", "| api | 100 rows/s | 0.5 |"]
    assert [line.split(" | ")[1] for line in lines(run)[2:]] == ["resident"]
    assert processes({}) == []


@pytest.mark.parametrize(("value", "text"), [(0.0123, "0.0123"), (3.14159, "3.14"), (218_432.4, "218,432"), (7, "7")])
def test_numbers_have_the_digits_that_mean_something(value: float, text: str) -> None:
    assert number(value) == text


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    run = saved.made([a_figure(at=5.0), a_figure("other", note="n"), a_figure(measure="P10")])
    saved.write(tmp_path / "run.json", run)
    assert saved.read(tmp_path / "run.json") == run
    assert list(saved.read(tmp_path / "run.json")) == ["P4", "P10"]


def test_rounds_are_those_that_were_made() -> None:
    run = a_run(a_figure(OURS, 1.0, measure="P9")) | a_run(a_figure(OURS, 1.0, 2.0), a_figure(OURS, 1.0, what="worst"))
    assert [line.rpartition(", ")[2] for line in report.measured(run)] == ["1 round", "2 rounds"]


def test_what_was_not_measured_is_named() -> None:
    assert unmeasured({}) == ["- not measured yet: P1, P2, P3, P4, P5, P6, P7, P8, P9, P10"]
    did_not = Figure("P4", "rows stored", OURS, "rows/s", (), note="no database")
    run = a_run(did_not) | a_run(a_figure(measure="P3", what="p50, 500/s")) | a_run(a_figure(measure="P6", what="*"))
    (line,) = unmeasured(run)
    assert "P2, P3 `p99, 500/s`, P3 `p50, 5,000/s`, " in line
    assert "P3 `p50, 500/s`" not in line
    assert ", P4, P5, P6 `16,200 bars, to the last byte`, P7" in line
    whole = [a_figure(measure=goal.measure, what=goal.what) for goal in GOALS]
    assert unmeasured(saved.made(whole)) == []


@pytest.mark.parametrize(("rest", "code"), [("sys.exit(3)", 3), ("time.sleep(60)", -15)])
def test_a_measure_has_its_time(rest: str, code: int) -> None:
    with subprocess.Popen([sys.executable, "-c", f"import sys, time; {rest}"]) as process:
        assert ended(process, 30 if code == 3 else 0.1) == code


def test_a_measure_that_does_not_end_is_killed() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert ended(process, 0.1, end_s=5) == -9


def test_the_table_takes_the_place_between_the_marks_only() -> None:
    text = report.between(f"before\n{report.BEGIN}old\n{report.END}after\n", "new")
    assert text == f"before\n{report.BEGIN}\nnew\n\n{report.END}after\n"
    with pytest.raises(SystemExit, match="marks are not there"):
        report.between("nothing", "new")


def test_a_run_replaces_its_measures_and_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, file in (("DOCS", "."), ("KEPT", "bench.json"), ("TABLE", "performance.md")):
        monkeypatch.setattr(report, name, tmp_path / file)
    (tmp_path / "performance.md").write_text(f"{report.BEGIN}{report.END}", "utf-8")
    saved.write(tmp_path / "bench.json", a_run(a_figure()) | a_run(a_figure(OURS, 1.0, measure="P9", what="rows lost")))
    saved.write(tmp_path / "run.json", a_run(a_figure(OURS, 50.0)))
    report.main([str(tmp_path / "run.json")])
    kept = saved.read(tmp_path / "bench.json")
    assert [kept["P4"].figures[0].values, kept["P9"].figures[0].values] == [(50.0,), (1.0,)]
    assert "| P9 | rows lost | 1 rows/s |" in (tmp_path / "performance.md").read_text("utf-8")


def test_the_drawing_shows_a_met_goal_left_of_the_line() -> None:
    found = judged([a_figure(OURS, 10.0), a_figure("<other>", 30.0)], [Goal("P4", "*", 0.5), Goal("P4", "*", 0.1)])
    circles = [each for each in ET.fromstring(drawing(found)).iter() if each.tag.endswith("circle")]  # noqa: S314
    assert [each.attrib["class"] for each in circles] == ["met", "not"]
    assert float(circles[0].attrib["cx"]) < x(1) < float(circles[1].attrib["cx"])


def test_what_is_beyond_the_drawing_is_at_its_edge() -> None:
    assert x(0) <= x(1e-9) < x(1) < x(1e9) == x(float("inf"))


def test_a_curve_has_a_point_for_each_size() -> None:
    points = [
        a_figure(OURS, value, measure="P10", what="browsers: p99", at=at) for at, value in ((1, 2), (100, 8), (10, 4))
    ]
    (line,) = (each for each in ET.fromstring(curves(points)).iter() if each.tag.endswith("polyline"))  # noqa: S314
    spots = [tuple(map(float, each.split(","))) for each in line.attrib["points"].split()]
    assert spots == sorted(spots)
    assert [y for _, y in spots] == sorted((y for _, y in spots), reverse=True)


def test_equal_values_are_drawn_too() -> None:
    assert placed([5, 5], 0, 10) == [0, 0]


def test_two_measures_of_one_module_are_one_run_of_it() -> None:
    assert modules(["P2", "P1", "P4"]) == ["sink", "engines"]
    assert "P10" not in USUAL
    assert {goal.measure for goal in GOALS} == set(MEASURES)
