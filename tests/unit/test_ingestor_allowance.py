"""The plan's calls: never more than allowed in any minute, none while the exchange refuses or is out of order."""

import random

import pytest

from ingestor.allowance import Allowance


def calls(allowance: Allowance, begin_s: float, end_s: float) -> list[float]:
    """When calls are made by somebody who always wants one."""
    made, now_s = [], begin_s
    while now_s < end_s:
        wait_s = allowance.wait_s(now_s)
        if wait_s:
            now_s += wait_s
        else:
            made.append(now_s)
    return made


@pytest.mark.parametrize("plan", [60, 600, 2_000])
def test_no_sixty_seconds_hold_more_than_nine_tenths_of_the_plan(plan: int) -> None:
    made = calls(Allowance(plan, random.Random(0)), 0, 300)
    fullest = max(sum(begin <= at < begin + 60 for at in made) for begin in made[:: plan // 20])
    assert 0.8 * plan < fullest <= 0.9 * plan + 1


def test_a_burst_is_possible_after_a_rest() -> None:
    allowance = Allowance(60, random.Random(0))
    assert len(calls(allowance, 0, 0.1)) == len(calls(allowance, 60, 60.1)) == 13


def test_a_refusal_stops_all_calls_until_the_next_minute() -> None:
    allowance = Allowance(600, random.Random(0))
    allowance.refused(10.0, next_minute_s=42.0)
    assert 52 <= calls(allowance, 10, 60)[0] <= 54


def test_a_server_out_of_order_is_asked_ever_more_seldom_and_at_once_when_it_is_well() -> None:
    allowance = Allowance(600, random.Random(0))
    waits = []
    for _ in range(7):
        allowance.failed(0.0)
        waits.append(allowance.wait_s(0.0))
        allowance._shut_until_s = 0.0
    assert all(longest / 2 <= wait <= longest for wait, longest in zip(waits, (1, 2, 4, 8, 16, 16, 16), strict=True))
    allowance.answered()
    allowance.failed(2_000.0)
    assert allowance.wait_s(2_000.0) <= 1
