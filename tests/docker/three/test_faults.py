"""Reboots of each host and cuts of each link: what is traded meanwhile is there afterwards, row by row."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import pytest

from tests.docker.containers import Cut
from tests.docker.hosts import Hosts
from tests.e2e.compare import compare
from tests.e2e.screen import Screen
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1_800)]

BACK_S = 120  # what the flow may take after the worst
Fault = Callable[[Hosts], AbstractContextManager[Cut | None]]
MANY, LONG_S = 6, 5  # packets of each container that a cut drops, and how long it lasts at least: a trade takes less

FAULTS: dict[str, Fault] = {
    "host A reboots": lambda hosts: hosts.a.rebooted(),
    "host B reboots": lambda hosts: hosts.b.rebooted(),
    "host C reboots": lambda hosts: hosts.c.rebooted(),
    "A and B are parted": lambda hosts: hosts.a.cut_off("ingestor", hosts.ports.kafka),
    "B and C are parted": lambda hosts: hosts.c.cut_off("api", hosts.ports.kafka),
    "A and the exchange are parted": lambda hosts: hosts.a.cut_off("ingestor", hosts.ports.exchange),
    "C and its browsers are parted": lambda hosts: hosts.c.cut_off("proxy", 8443, own=True),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_traded_meanwhile_is_there_afterwards(
    name: str, hosts: Hosts, screen: Screen, say: Callable[[str], None]
) -> None:
    with FAULTS[name](hosts) as cut:
        shown, over = len(screen.rows["bars"]), time.monotonic() + LONG_S
        hosts.play()
        if cut is not None:
            until(lambda: time.monotonic() > over and cut.dropped() >= MANY, f"{MANY} packets were dropped", 60)
            assert len(screen.rows["bars"]) == shown, "the cut let a trade through"
    healed = time.monotonic()
    compare(hosts, screen, lambda _: None, BACK_S)  # type: ignore[arg-type]  # it is read like a Stack
    say(f"{name}: all rows right {time.monotonic() - healed:.1f} s after it was over")


def test_after_all_three_reboot_in_any_order_trades_flow_within_two_minutes(
    hosts: Hosts, screen: Screen, say: Callable[[str], None]
) -> None:
    order = random.sample([hosts.a, hosts.b, hosts.c], 3)
    began = time.monotonic()
    with ExitStack() as stack:
        for project in order:
            stack.enter_context(project.rebooted())
        hosts.play()
    compare(hosts, screen, lambda _: None, BACK_S)  # type: ignore[arg-type]  # it is read like a Stack
    took = time.monotonic() - began
    say(f"rebooted {', '.join(project.name for project in order)}: all rows right after {took:.1f} s")
    assert took <= BACK_S
