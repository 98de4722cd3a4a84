"""How long a hop takes: what the last minute says, what is counted since the start, and what is no time at all."""

from random import Random

import pytest

from market.latency import BOUNDS_S, WINDOW_S, Latency


def test_the_middle_and_the_99th_in_a_hundred_are_of_the_last_minute() -> None:
    latency = Latency()
    latency.add(1_000, 0)
    for value in range(1, 101):
        latency.add(value, 61)
    found = latency.quantiles(61)
    assert (found.p50_ms, found.p99_ms, found.count) == (50.0, 99.0, 100)
    assert latency.quantiles(200).p50_ms is None


def test_a_second_is_forgotten_after_sixty_however_often_it_is_asked() -> None:
    latency = Latency()
    for second in range(100):
        latency.add(second, second + 0.5)
        found = latency.quantiles(second + 0.9)
        assert found.count == latency.quantiles(second + 0.9).count == min(second + 1, 60)


def test_what_took_less_than_no_time_is_counted_and_never_shown() -> None:
    latency = Latency()
    latency.add(-3.0, 0)
    latency.add(5.0, 0)
    found = latency.quantiles(0)
    assert (found.p50_ms, found.p99_ms, found.count, found.impossible) == (None, None, 1, 1)
    assert latency.took(1).sum_s == 0.005


def test_one_in_a_hundred_that_is_impossible_leaves_the_others_their_word() -> None:
    latency = Latency()
    for _ in range(99):
        latency.add(5.0, 0)
    latency.add(-3.0, 0)
    assert latency.quantiles(0).p99_ms == 5.0
    latency.add(-3.0, 0)
    assert latency.quantiles(0).p99_ms is None


def test_less_than_nothing_within_the_stamps_resolution_is_nothing() -> None:
    coarse, fine = Latency(resolution_ms=1.0), Latency()
    for latency in (coarse, fine):
        latency.add(-0.9, 0)
    assert (coarse.quantiles(0).p50_ms, fine.quantiles(0).p50_ms) == (0.0, None)
    coarse.add(-1.0, 0)
    assert coarse.quantiles(0).impossible == 1


def test_what_comes_a_minute_late_was_caught_up_with() -> None:
    latency = Latency()
    latency.add(60_000.1, 0)
    found = latency.quantiles(0)
    assert (found.count, found.left_out) == (0, 1)


def test_each_time_is_counted_once_in_the_bucket_that_holds_it_since_the_start() -> None:
    latency = Latency()
    for second, milliseconds in enumerate((0.0, 1.0, 1.1, 250.0, 59_999.0)):
        latency.add(milliseconds, 100 * second)
    took = latency.took(10_000)
    filled = {BOUNDS_S[at]: count for at, count in enumerate(took.counts) if count}
    assert filled == {0.001: 2, 0.0025: 1, 0.25: 1, 60.0: 1}
    assert len(took.counts) == len(BOUNDS_S) + 1
    assert took.sum_s == 60.2511
    assert took.lately.count == 0


@pytest.mark.parametrize("longest_ms", [100, 130, 1_100, 10_500, 60_000])
def test_a_quantile_is_never_too_low_and_less_than_a_hundredth_too_high(longest_ms: int) -> None:
    random, latency = Random(longest_ms), Latency()
    took = sorted(random.randint(1, longest_ms * 10) / 10 for _ in range(2_000))
    for each in took:
        latency.add(each, 0)
    found = latency.quantiles(0)
    for told, true in ((found.p50_ms, took[999]), (found.p99_ms, took[1_979])):
        assert told is not None
        assert true <= told < true * 1.01
        assert true > 100 or told == true


@pytest.mark.parametrize("tenths", [1_000, 1_001, 1_009, 1_010, 9_999, 10_001, 10_100, 99_999, 100_001, 600_000])
def test_a_bucket_ends_less_than_a_hundredth_after_what_it_holds(tenths: int) -> None:
    latency = Latency()
    latency.add(tenths / 10, 0)
    told = latency.quantiles(0).p50_ms
    assert told is not None
    assert tenths / 10 <= told < tenths / 10 * 1.01


def test_the_histogram_and_its_sum_are_exact_at_every_bound() -> None:
    latency = Latency()
    tenths = [round(bound * 10_000) for bound in BOUNDS_S]
    for each in tenths:
        for near in (each - 1, each, each + 1):  # the last is caught up with
            latency.add(near / 10, 0)
    took = latency.took(1)
    assert took.counts == (2, *[3] * (len(BOUNDS_S) - 1), 0)
    assert took.sum_s == (3 * sum(tenths) - tenths[-1] - 1) / 10_000


def test_there_are_some_3300_different_times_however_long_and_many() -> None:
    latency = Latency()
    for tenths in range(600_001):
        latency.add(tenths / 10, tenths * WINDOW_S // 600_001)
    found = latency.quantiles(WINDOW_S - 1)
    assert found.count == 600_001
    assert len(latency._lately | latency._open) == 1_001 + 900 + 900 + 500
