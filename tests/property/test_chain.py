"""Any order, any version, live or stored: the breaks are those of the final bars, by an independent recomputation."""

from hypothesis import given
from hypothesis import strategies as st

from api.chain import COLUMNS, UNKNOWN, Break, Chain

Version = tuple[int, ...]  # second, trades, volume, prior_volume, day_volume
_COUNTER = st.one_of(st.just(UNKNOWN), st.integers(0, 30))
_VERSIONS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 4), st.integers(1, 9), _COUNTER, _COUNTER),
    max_size=40,
    unique_by=lambda version: version[:2],  # a version is its second and its trades
)


@st.composite
def whole_days(draw: st.DrawFn) -> list[Version]:
    """All versions of the bars of a day on which nothing is missing in the end; some lack their counters."""
    versions, total = [], 0
    for second in draw(st.lists(st.integers(0, 40), unique=True).map(sorted)):
        sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
        for trades in range(1, len(sizes) + 1):
            volume = sum(sizes[:trades])
            known = draw(st.integers(0, 9)) > 0
            versions.append((second, trades, volume, *((total, total + volume) if known else (UNKNOWN, UNKNOWN))))
        total += sum(sizes)
    return draw(st.permutations(versions + draw(st.lists(st.sampled_from(versions)) if versions else st.just([]))))


def final(versions: list[Version]) -> list[Version]:
    newest = {version[0]: version for version in sorted(versions, key=lambda version: version[1])}
    return [newest[second] for second in sorted(newest)]


def recomputed(versions: list[Version]) -> list[Break]:
    """Lays the points where the counter is known beside what the bars count between them."""
    points: list[tuple[int | None, int, int]] = [(None, 0, 0)]  # second, counter, lots counted so far
    found, counted = [], 0
    for second, _, volume, prior, day in final(versions):
        for counter, lots in ((prior, 0), (day, volume)):
            counted += lots
            if counter == UNKNOWN:
                continue
            since, before, then = points[-1]
            if counter - before != counted - then:
                found.append(Break(since, second, counter - before - (counted - then)))
            points.append((second, counter, counted))
    return found


def put_all(versions: list[Version]) -> Chain:
    chain = Chain()
    for version in versions:
        chain.put(*version)
    return chain


@given(_VERSIONS)
def test_any_order_ends_in_the_breaks_of_the_final_bars(versions: list[Version]) -> None:
    chain = put_all(versions)
    assert list(chain.rows()) == final(versions)
    assert chain.breaks() == recomputed(versions)
    assert chain.missing_lots == sum(each.missing_lots for each in recomputed(versions))
    shown = {each.second for each in recomputed(versions)}
    assert shown == {second for second in chain.take_changes() if chain.break_at(second)}


@given(whole_days())
def test_a_day_of_which_all_has_come_is_not_broken(versions: list[Version]) -> None:
    assert put_all(versions).breaks() == []


@given(_VERSIONS, st.data())
def test_stored_bars_and_live_ones_have_no_seam(versions: list[Version], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(versions)))
    stored = [number for version in final(versions[:at]) for number in version]
    assert len(stored) % COLUMNS == 0
    chain = Chain.of(stored)
    chain.merge(put_all(versions[data.draw(st.integers(0, at)) :]))
    assert chain.breaks() == recomputed(versions)
    assert chain.missing_lots == put_all(versions).missing_lots


@given(_VERSIONS, st.integers(-1, 13))
def test_only_bars_through_the_horizon_are_judged(versions: list[Version], horizon: int) -> None:
    chain, seen = put_all(versions), [version for version in final(versions) if version[0] <= horizon]
    assert chain.first_break(horizon) == next(iter(recomputed(seen)), None)
    assert chain.doubt(horizon) == put_all(seen).doubt(horizon)
    assert chain.last(horizon) == (seen[-1][0] if seen else None)
