"""Through which second everything is proven, and what keeps it from being so."""

from datetime import date, timedelta
from typing import Any

from api.audit import Audit, Exactness
from api.auditor import Alarms
from api.chain import Break, Chain
from api.liveness import Liveness
from tests.api_builders import TEN, a_gap, a_status, a_total
from tests.unit.test_api_chain import a_link

DAY = date(2026, 12, 1)
HORIZON = TEN + 50


def alive(*holes: range, through: int = 60) -> Liveness:
    """A feed that was away during the holes, and reconnected after each."""
    liveness = Liveness()
    for at in range(-5, through):
        away = sum(at > hole.start for hole in holes)
        liveness.note(a_status(at, connected=not any(at in hole for hole in holes), reconnects=away))
    return liveness


def an_audit(*bars: Any, whole: bool = True) -> Audit:
    audit = Audit(DAY)
    for bar in bars:
        audit.note(bar)
    audit.is_whole = whole
    return audit


WHOLE = a_link(0, 0, 5, 5), a_link(20, 5, 6, 1)


def test_a_whole_chain_is_exact_through_the_horizon() -> None:
    assert an_audit(*WHOLE).exactness(HORIZON, alive()) == Exactness(HORIZON, 0, None)


def test_nothing_is_proven_before_the_stored_bars_are_in_or_without_a_horizon() -> None:
    nothing = Exactness(None, None, None)
    assert an_audit(*WHOLE, whole=False).exactness(HORIZON, alive()) == nothing
    assert an_audit(*WHOLE).exactness(None, alive()) == nothing
    assert an_audit(*WHOLE, whole=False).of("2330", HORIZON, alive()) == (None, None)


def test_the_earliest_break_of_all_symbols_holds_it() -> None:
    others = a_link(0, 0, 5, 5, symbol="0050"), a_link(10, 7, 8, 1, symbol="0050")
    audit = an_audit(*WHOLE, *others)
    # Trades may be missing from 0050's bar of second 0 on.
    assert audit.exactness(HORIZON, alive()) == Exactness(TEN - 1, 1, "0050")
    assert audit.of("0050", HORIZON, alive()) == (TEN - 1, 2)
    assert audit.of("2330", HORIZON, alive()) == (HORIZON, 0)
    audit.note(a_link(5, 5, 7, 2, symbol="0050"))
    assert audit.exactness(HORIZON, alive()) == Exactness(HORIZON, 0, None)


def test_a_symbol_without_its_days_beginning_proves_nothing() -> None:
    audit = an_audit(a_link(0, 3, 5, 2))
    assert audit.exactness(HORIZON, alive()) == Exactness(None, 1, "2330")
    assert audit.of("2330", HORIZON, alive()) == (None, 3)


def test_a_symbol_that_has_not_traded_since_the_feed_was_away_is_proven_to_where_it_was_alive() -> None:
    #  feed    ──────────── 25      32 ───────────
    #  2330    0        20
    #  0050    0        20              40
    away = alive(range(26, 32))
    audit = an_audit(*WHOLE, a_link(0, 0, 5, 5, symbol="0050"), a_link(20, 5, 6, 1, symbol="0050"))
    audit.note(a_link(40, 6, 7, 1, symbol="0050"))
    assert audit.exactness(HORIZON, away) == Exactness(TEN + 24, 0, "2330")
    assert audit.of("0050", HORIZON, away) == (HORIZON, 0)
    audit.note(a_link(45, 6, 7, 1))
    assert audit.exactness(HORIZON, away) == Exactness(HORIZON, 0, None)


def test_the_exchanges_total_proves_that_a_quiet_symbol_missed_nothing_while_the_feed_was_away() -> None:
    #  feed    ──────────── 25      32 ───────────
    #  2330    0        20             (40: the exchange counts 6 lots)
    away, audit = alive(range(26, 32)), an_audit(*WHOLE)
    audit.note_total(a_total(30, 6))  # on a connection that did not stand yet: what came then is not known
    assert audit.exactness(HORIZON, away) == Exactness(TEN + 29, 0, "2330")
    audit.note_total(a_total(40, 7))  # it counts more than the bars do
    assert audit.exactness(HORIZON, away) == Exactness(TEN + 24, 0, "2330")
    audit.note_total(a_total(40, 6))
    assert audit.exactness(HORIZON, away) == Exactness(HORIZON, 0, None)
    audit.note(a_link(45, 8, 9, 1))
    assert audit.exactness(HORIZON, away) == Exactness(TEN + 19, 1, "2330")


def test_a_total_of_another_day_proves_nothing() -> None:
    away, audit = alive(range(26, 32)), an_audit(*WHOLE)
    audit.note_total(a_total(40 - 86_400, 6))
    assert audit.exactness(HORIZON, away) == Exactness(TEN + 24, 0, "2330")


def test_a_bar_from_when_nobody_knows_of_the_feed_is_sealed_by_the_next_only() -> None:
    audit = an_audit(*WHOLE)
    assert audit.exactness(HORIZON, Liveness()) == Exactness(TEN + 19, 0, "2330")


def test_bars_without_counters_are_never_proven() -> None:
    audit = an_audit(*WHOLE, a_link(30, None, None, 1))
    assert audit.exactness(HORIZON, alive()) == Exactness(TEN + 19, 0, "2330")


def test_an_open_gap_holds_it_until_it_is_healed() -> None:
    audit = an_audit(*WHOLE)
    audit.note_gap(a_gap(20, 30))
    audit.note_gap(a_gap(21, 22, symbol="9999"))
    assert audit.exactness(HORIZON, alive()) == Exactness(TEN + 19, 0, "2330")
    audit.note_gap(a_gap(20, 30, state="lost"))
    assert audit.gaps("2330") == {((TEN + 20) * 1_000_000, (TEN + 30) * 1_000_000)}
    audit.note_gap(a_gap(20, 30, state="healed"))
    assert audit.exactness(HORIZON, alive()) == Exactness(HORIZON, 0, None)


def test_it_steps_back_when_it_shows_that_the_exchange_withheld_a_trade_and_returns_with_it() -> None:
    #  2330     0        20     (25: never sent)    40 says that two lots are missing
    audit = an_audit(*WHOLE)
    assert audit.exactness(HORIZON - 20, alive()) == Exactness(HORIZON - 20, 0, None)
    audit.note(a_link(40, 8, 9, 1))
    assert audit.exactness(HORIZON, alive()) == Exactness(TEN + 19, 1, "2330")
    audit.note(a_link(25, 6, 8, 2))
    assert audit.exactness(HORIZON, alive()) == Exactness(HORIZON, 0, None)


def test_what_is_newer_than_the_horizon_is_not_judged() -> None:
    audit = an_audit(*WHOLE, a_link(51, 9, 10, 1))
    assert audit.exactness(HORIZON, alive()) == Exactness(HORIZON, 0, None)
    assert audit.exactness(HORIZON + 1, alive()) == Exactness(TEN + 19, 1, "2330")


def test_a_new_day_begins_at_nothing_and_keeps_its_first_bars() -> None:
    tomorrow = 86_400
    audit = an_audit(*WHOLE, a_link(tomorrow, 0, 1, 1, symbol="0050"), a_link(-tomorrow, 9, 10, 1))
    assert not audit.turn(DAY)
    assert audit.is_whole
    assert audit.turn(DAY + timedelta(days=1))
    assert (audit.is_whole, len(audit)) == (False, 1)
    audit.is_whole = True
    assert audit.exactness(HORIZON + tomorrow, Liveness()).held_by == "0050"
    audit.turn(DAY + timedelta(days=9))
    assert len(audit) == 0


def test_stored_bars_come_below_the_live_ones() -> None:
    audit = an_audit(a_link(20, 6, 7, 1, trades=2))
    stored = Chain()
    for bar in (a_link(0, 0, 5, 5), a_link(20, 5, 6, 1)):
        stored.add(bar)
    assert audit.load("2330", [number for row in stored.rows() for number in row]) == 2
    assert audit.take_changes() == [("2330", TEN + 20)]
    assert audit.break_at("2330", TEN + 20) == Break(TEN, TEN + 20, 1)


def test_only_bars_that_begin_or_cease_to_show_a_break_are_changes() -> None:
    audit = an_audit(*WHOLE)
    assert audit.take_changes() == []
    audit.note(a_link(30, 7, 8, 1))
    assert audit.take_changes() == [("2330", TEN + 30)]
    audit.note(a_link(40, 8, 9, 1))
    assert audit.take_changes() == []
    audit.note(a_link(25, 6, 7, 1))
    assert audit.take_changes() == [("2330", TEN + 30)]
    assert audit.break_at("2330", TEN + 30) is None
    assert audit.break_at("0050", TEN) is None


PLACE = ("2330", TEN + 3)


def test_a_break_is_told_once_and_its_mending_once() -> None:
    alarms, broken = Alarms(), {PLACE}
    assert alarms.look([PLACE], broken.__contains__) == ([], [])
    assert alarms.look([], broken.__contains__) == ([PLACE], [])
    assert alarms.look([PLACE], broken.__contains__) == ([], [])  # some of it came, not all
    broken.clear()
    assert alarms.look([PLACE], broken.__contains__) == ([], [PLACE])
    assert alarms.look([], broken.__contains__) == ([], [])
    broken.add(PLACE)
    assert alarms.look([PLACE], broken.__contains__) == ([], [])
    assert alarms.look([], broken.__contains__) == ([PLACE], [])


def test_bars_that_only_changed_places_are_no_alarm() -> None:
    alarms = Alarms()
    assert alarms.look([PLACE], {PLACE}.__contains__) == ([], [])
    assert alarms.look([PLACE], set().__contains__) == ([], [])
    assert alarms.look([], {PLACE}.__contains__) == ([], [])
