"""kill -9 of every process, at random and at the worst moment, under a feed that loses, doubles and delays."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.compare import compare
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack
from tests.faults import conftest
from tests.faults.campaign import ROLES, Campaign, save, schedule, table

pytestmark = pytest.mark.stack

RESULT = Path(os.environ.get("FAULTS_RESULT", "var/faults.json"))


@pytest.mark.timeout(900)
def test_every_process_dies_at_its_worst_moment(trading: Stack, screen: Screen, say: Callable[[str], None]) -> None:
    with closing(Campaign(trading, screen, say)) as campaign:
        campaign.run([(role, True) for role in ROLES])
    assert all(heal.aim for heal in campaign.heals)


@pytest.mark.campaign
@pytest.mark.timeout(4 * 3_600)
def test_campaign(trading: Stack, screen: Screen, say: Callable[[str], None]) -> None:
    kills, seed = int(os.environ.get("FAULTS_KILLS", "100")), int(os.environ.get("FAULTS_SEED", "1"))
    say(f"{kills} kills, seed {seed}")
    with closing(Campaign(trading, screen, say, seed)) as campaign:
        campaign.run(schedule(kills, seed))
    assert campaign.kills() == kills
    trading.exchange(conftest.CALM)
    exchange = trading.exchange("/control/end")
    rows: list[str] = []
    compare(trading, screen, rows.append, settle_s=180)
    feed, prints = exchange["faults"]["landed"], exchange["prints"]
    save(RESULT, {"seed": seed, "heals": table(campaign.heals), "rows": rows, "feed": feed, "prints": prints})
