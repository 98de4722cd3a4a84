"""The golden tape through three hosts that came up together: every reader has its rows, digit for digit."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.builders import by_key, golden_tape
from tests.docker.hosts import SYMBOL, Hosts
from tests.e2e.compare import KINDS
from tests.e2e.screen import Screen
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1_800)]

Rows = list[dict[str, Any]]


def test_whoever_is_up_first_waits_for_the_others(hosts: Hosts) -> None:
    containers = [each for project in hosts.projects for each in project.running().values()]
    assert {each.service for each in containers} >= {"ingestor", "kafka", "spark", "mysql", "api", "proxy"}
    assert {each.name: each.restarts for each in containers if each.restarts} == {}


@pytest.mark.parametrize("step", golden_tape(), ids=lambda step: step["name"])
def test_every_reader_has_the_rows_of_the_tape(step: dict[str, Any], hosts: Hosts, screen: Screen) -> None:
    assert hosts.play()["name"] == step["name"]
    for kind in KINDS:
        readers = {
            "MySQL": partial(hosts.rows, kind),
            "the client": partial(_shown, screen, kind),
            "history": partial(_history, hosts, kind),
        }
        for reader, read in readers.items():
            until(partial(_holds, read, step["expect"][kind]), f"{reader} has the tape's {kind}", 60)


def _shown(screen: Screen, kind: str) -> Rows:
    return list(screen.rows[kind].values())


def _history(hosts: Hosts, kind: str) -> Rows:
    found: Rows = hosts.get(f"/api/v1/{kind}/{SYMBOL}")["items"]
    return found


def _holds(read: Callable[[], Rows], expected: Rows) -> bool:
    rows, wanted = by_key(read()), by_key(expected)
    return rows.keys() == wanted.keys() and all(
        rows[key].get(name) == value for key, row in wanted.items() for name, value in row.items()
    )
