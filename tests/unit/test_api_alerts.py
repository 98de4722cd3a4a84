"""Which alerts fire, and for which seconds: as anybody would find by hand in the whole history, and for no other."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from api.alert_rules import HOLDS_AFTER_S, Alert, parse
from api.alerts import LATEST_S, Alerts, Firing
from market.calendar import Phase
from market.messages import Average, Bar
from tests.api_builders import TEN, a_bar, a_gap, a_status, an_average

LONG_AGO = TEN - 1_000
Way = Literal["up", "down"]


class Watch:
    """Alerts in force since long ago, the market's clock where the newest record is."""

    def __init__(self, *rules: dict[str, Any], created_s: int = LONG_AGO) -> None:
        self.now_s: float = TEN
        self.broken: set[int] = set()
        self.alerts = Alerts(lambda: int(self.now_s * 1_000_000), self.is_whole)
        self.alerts.load(an_alert(number, created_s, **rule) for number, rule in enumerate(rules))

    def is_whole(self, _: str, first: int, last: int) -> bool:
        return not self.broken.intersection(range(first, last + 1))

    def sees(self, *records: Any, fresh: bool = True) -> list[int]:
        """The seconds after ten for which something fires; averages settle at once."""
        fired: list[Firing] = []
        for record in records:
            self.now_s = max(self.now_s, getattr(record, "second", self.now_s))
            fired += self.alerts.take(record, fresh=fresh)
            if isinstance(record, Average):
                fired += self.alerts.settle(record.second)
        return [each.second - TEN for each in fired]


def an_alert(number: int = 1, created_s: int = LONG_AGO, **rule: Any) -> Alert:
    return Alert(number, "somebody", parse(msgspec.json.encode(rule)), created_s)


def price(level: float = 100, direction: Way = "up", **more: Any) -> dict[str, Any]:
    return {"type": "price", "symbol": "2330", "direction": direction, "level": level, **more}


def average(direction: Way = "up", fast: int = 5, slow: int = 15, **more: Any) -> dict[str, Any]:
    return {"type": "average", "symbol": "2330", "direction": direction, "fast": fast, "slow": slow, **more}


def prices(*closes: str) -> list[Bar]:
    """One bar a second, each at one price."""
    return [a_bar(at, price=close) for at, close in enumerate(closes)]


def means(*differences: str) -> list[Average]:
    """Averages of 5 seconds that far over those of 15."""
    return [
        an_average(at, sma_5=Decimal(100) + Decimal(each), sma_15=Decimal(100)) for at, each in enumerate(differences)
    ]


@pytest.mark.parametrize(
    ("closes", "fired"),
    [
        (("99", "100"), [1]),  # at it is there
        (("99", "101"), [1]),  # a jump over it too
        (("99.9999", "100"), [1]),
        (("100", "101"), []),  # it was there already
        (("101", "100"), []),
        (("101",), []),  # where it came from is not known
        (("99", "100", "100", "101"), [1]),
        (("99", "100", "99", "100"), [1, 3]),
    ],
)
def test_a_price_reaches_a_level_from_below(closes: tuple[str, ...], fired: list[int]) -> None:
    seen = Watch(price()).sees(*prices(*closes))
    assert seen == fired[:1]
    again = Watch(price(cool_down_s=10)).sees(*(a_bar(at * 10, price=each) for at, each in enumerate(closes)))
    assert again == [at * 10 for at in fired]


def test_a_price_that_was_there_within_the_second_has_been_there() -> None:
    spike = a_bar(1, 3, price="99", high=Decimal("100.5"))
    assert Watch(price()).sees(a_bar(0, price="99"), spike) == [1]
    assert Watch(price(98, "down")).sees(a_bar(0, price="99"), a_bar(1, price="99", low=Decimal(98))) == [1]


def test_each_way_is_its_own() -> None:
    there_and_back = prices("99", "101", "99")
    assert Watch(price(direction="up")).sees(*there_and_back) == [1]
    assert Watch(price(direction="down")).sees(*there_and_back) == [2]


def test_another_symbol_and_a_trial_match_are_nothing_to_it() -> None:
    # A trial match is in no bar: the price is published apart, and only bars are looked at.
    watch = Watch(price())
    assert watch.sees(a_bar(0, price="99"), a_bar(1, price="101", symbol="0050")) == []


def test_a_correction_of_an_older_second_does_not_fire_and_a_replay_neither() -> None:
    watch = Watch(price())
    watch.sees(a_bar(0, price="98"), a_bar(5, price="99"))
    assert watch.sees(a_bar(3, price="101"), a_bar(0, 9, price="101")) == []
    assert watch.sees(a_bar(6, price="101"), fresh=False) == []
    assert watch.sees(a_bar(7, price="99"), a_bar(8, price="100")) == [8]


def test_what_a_correction_says_of_the_second_before_is_what_is_compared() -> None:
    watch = Watch(price())
    watch.sees(a_bar(0, price="99"), a_bar(1, price="99.5"))
    watch.sees(a_bar(0, 2, price="100"))
    assert watch.sees(a_bar(1, 2, price="100")) == []


def test_what_comes_too_late_is_no_news() -> None:
    watch = Watch(price())
    watch.sees(a_bar(0, price="99"))
    watch.now_s = TEN + 1 + LATEST_S + 1
    assert watch.sees(a_bar(1, price="101")) == []


def test_an_alert_holds_from_when_every_replica_knows_it() -> None:
    for second, fired in ((HOLDS_AFTER_S, []), (HOLDS_AFTER_S + 1, [HOLDS_AFTER_S + 1])):
        watch = Watch(price(), created_s=TEN)
        assert watch.sees(a_bar(0, price="99"), a_bar(second, price="101")) == fired


def test_once_is_once_also_when_it_is_read_again_from_the_table() -> None:
    watch = Watch(price())
    assert watch.sees(*prices("99", "100", "99")) == [1]
    watch.alerts.load([an_alert(0, **price())])  # what fired here is not written down yet
    assert watch.sees(a_bar(3, price="100")) == []
    other = Watch()
    other.alerts.load([Alert(1, "", an_alert(**price()).rule, LONG_AGO, fired_second=TEN - 5, fires=1)])
    assert other.sees(*prices("99", "100")) == []


def test_averages_cross_when_the_second_has_settled() -> None:
    watch = Watch(average())
    below, over = means("-1", "0.5")
    watch.alerts.take(below, fresh=True)
    watch.alerts.take(over, fresh=True)
    assert watch.alerts.settle(TEN) == []
    watch.now_s = TEN + 2
    watch.alerts.take(msgspec.structs.replace(over, trades=2, sma_5=Decimal(99)), fresh=True)
    assert watch.alerts.settle(TEN + 1) == []  # it was over for a moment only
    assert watch.sees(msgspec.structs.replace(over, second=TEN + 3)) == [3]


@pytest.mark.parametrize(
    ("differences", "up", "down"),
    [(("-1", "0"), [1], []), (("-1", "-2", "3"), [2], []), (("0", "1"), [], []), (("1", "0", "-1"), [], [1])],
)
def test_averages_cross_upwards_and_downwards(differences: tuple[str, ...], up: list[int], down: list[int]) -> None:
    assert Watch(average("up")).sees(*means(*differences)) == up
    assert Watch(average("down")).sees(*means(*differences)) == down


def test_an_average_that_may_lack_trades_crosses_nothing() -> None:
    #  second   -15  -14  -13  …  0    1    2
    #  before        [ x    x     x ]
    #  now                [ x     x    x ]
    for broken, fired in ((-15, [1]), (-14, []), (0, []), (1, []), (2, [1])):
        watch = Watch(average())
        watch.broken = {TEN + broken}
        assert watch.sees(*means("-1", "1")) == fired


def test_averages_that_are_read_again_after_a_restart_only_tell_where_things_stood() -> None:
    watch = Watch(average(cool_down_s=10))
    below, over, under_again, over_again = means("-1", "1", "-1", "1")
    assert watch.sees(below, over, under_again, fresh=False) == []
    assert watch.sees(over_again) == [3]


def test_a_gap_is_told_once_and_not_again_for_what_remains_of_it() -> None:
    watch = Watch({"type": "gap", "symbol": "2330", "cool_down_s": 10})
    watch.now_s = TEN + 5
    told: dict[str, Any] = {"at_us": (TEN + 5) * 1_000_000}
    assert watch.sees(a_gap(0, 4, **told)) == [5]
    later: dict[str, Any] = {"at_us": (TEN + 20) * 1_000_000}
    watch.now_s = TEN + 20
    assert watch.sees(a_gap(2, 4, **later), a_gap(0, 4, "healed", **later), a_gap(3, 4, **later)) == []
    assert watch.sees(a_gap(2, 4, "healed", **later), a_gap(3, 4, "lost", **later)) == []
    assert watch.sees(a_gap(15, 19, **later)) == [20]


def test_gaps_that_are_read_again_after_a_restart_are_no_news() -> None:
    watch = Watch({"type": "gap", "symbol": "2330"})
    assert watch.sees(a_gap(0, 4, at_us=TEN * 1_000_000), fresh=False) == []
    assert watch.sees(a_gap(1, 4, at_us=TEN * 1_000_000)) == []  # it lies within the one that was open


def test_a_feed_that_is_lost_is_told_once_by_its_own_stamps() -> None:
    watch = Watch({"type": "stale", "after_s": 10, "cool_down_s": 10})
    gone = a_status(20, connected=False, alive_through_us=(TEN + 18) * 1_000_000)
    found = []
    for at in range(20, 60):
        watch.now_s = TEN + at
        found += [each.second - TEN for each in watch.alerts.listen(gone, Phase.OPEN)]
    assert found == [28]


@pytest.mark.parametrize(
    ("status", "phase", "fired"),
    [
        (a_status(100), Phase.OPEN, []),
        (a_status(100, alive_through_us=(TEN + 71) * 1_000_000), Phase.OPEN, []),  # between two heartbeats
        (a_status(100, alive_through_us=(TEN + 50) * 1_000_000), Phase.OPEN, [95]),  # mute: 35 s, and then 10
        (a_status(80), Phase.OPEN, [90]),  # the ingestor itself is silent
        (a_status(100, connected=False, alive_through_us=None), Phase.OPEN, []),  # what is not known is not told
        (a_status(80), Phase.CLOSED, []),
        (a_status(80), Phase.HOLIDAY, []),
        (a_status(-100), Phase.OPEN, []),  # that was told long ago
    ],
)
def test_when_a_feed_is_lost(status: Any, phase: Phase, fired: list[int]) -> None:
    watch = Watch({"type": "stale", "after_s": 10})
    watch.now_s = TEN + 100
    assert [each.second - TEN for each in watch.alerts.listen(status, phase)] == fired


# Whatever the history, however its seconds came in pieces, and whatever came again.
ticks = st.integers(9_990, 10_010).map(lambda hundredths: Decimal(hundredths) / 100)
seconds = st.lists(st.tuples(st.integers(1, 20), st.lists(ticks, min_size=1, max_size=4)), min_size=1, max_size=30)
rules = st.builds(
    price,
    level=st.integers(9_992, 10_008).map(lambda hundredths: hundredths / 100),
    direction=st.sampled_from(["up", "down"]),
    cool_down_s=st.none() | st.integers(10, 60),
)


def versions(at: int, trades: list[Decimal]) -> Iterable[Bar]:
    """A second's bar after each of its trades."""
    for count in range(1, len(trades) + 1):
        so_far = trades[:count]
        known = {"open": so_far[0], "high": max(so_far), "low": min(so_far), "close": so_far[-1]}
        yield msgspec.structs.replace(a_bar(at, count), **known)


def by_hand(bars: list[Bar], rule: dict[str, Any]) -> list[int]:
    """The seconds that must fire, from whole bars one after another."""
    level, fired = Decimal(str(rule["level"])), list[int]()
    for before, bar in pairwise(bars):
        crossed = (
            before.close < level and bar.high >= level
            if rule["direction"] == "up"
            else before.close > level and bar.low <= level
        )
        cools = fired and (rule["cool_down_s"] is None or bar.second - TEN - fired[-1] < rule["cool_down_s"])
        if crossed and not cools:
            fired.append(bar.second - TEN)
    return fired


@given(history=seconds, rule=rules, chance=st.randoms(use_true_random=False))
def test_the_seconds_that_fire_are_those_of_a_recomputation_from_the_whole_history(
    history: list[tuple[int, list[Decimal]]], rule: dict[str, Any], chance: Any
) -> None:
    watch, whole, fired, at = Watch(rule), list[Bar](), list[int](), 0
    for step, trades in history:
        at += step
        came = list(versions(at, trades))
        for version in came:
            fired += watch.sees(version)
            if whole and chance.random() < 0.5:  # an older second comes again, as it was
                fired += watch.sees(chance.choice(whole))
            if chance.random() < 0.2:
                fired += watch.sees(chance.choice(came[: version.trades]), fresh=False)
        whole.append(came[-1])
    assert fired == by_hand(whole, rule)


differences = st.integers(-2, 2).map(lambda hundredths: Decimal(hundredths) / 100)
means_of_seconds = st.lists(
    st.tuples(st.integers(1, 20), st.lists(differences, min_size=1, max_size=3)), min_size=1, max_size=30
)


@given(history=means_of_seconds, direction=st.sampled_from(["up", "down"]), chance=st.randoms(use_true_random=False))
def test_averages_that_cross_are_those_of_a_recomputation_from_their_last_versions(
    history: list[tuple[int, list[Decimal]]], direction: Way, chance: Any
) -> None:
    watch, at, late = Watch(average(direction, cool_down_s=10)), 0, list[Average]()
    fired, last_versions = list[Firing](), list[tuple[int, Decimal]]()
    for step, values in history:
        at += step
        watch.now_s = TEN + at
        came = [
            an_average(at, count, sma_5=100 + each, sma_15=Decimal(100)) for count, each in enumerate(values, start=1)
        ]
        kept = 1 if chance.random() < 0.5 else 0  # the last version comes after the first of a later second
        for record in (*came[: len(came) - kept or None], *late, *came[:1]):
            watch.alerts.take(record, fresh=True)
        fired += watch.alerts.settle(TEN + at - 1)
        late = came[-1:] if kept else []
        last_versions.append((at, values[-1]))
    for record in late:
        watch.alerts.take(record, fresh=True)
    fired += watch.alerts.settle(TEN + at)
    assert [each.second - TEN for each in fired] == crossings_by_hand(last_versions, direction)


def crossings_by_hand(values: list[tuple[int, Decimal]], direction: Way) -> list[int]:
    """Seconds at which fast reaches slow from the other side, ten seconds apart at least."""
    fired = list[int]()
    for (_, before), (at, now) in pairwise(values):
        crossed = before < 0 <= now if direction == "up" else before > 0 >= now
        if crossed and (not fired or at - fired[-1] >= 10):
            fired.append(at)
    return fired
