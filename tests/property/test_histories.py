"""Random histories end in the oracle's rows, whatever happened on the way: order, repeats, crashes, lost checkpoints.

HISTORIES says how many; `make histories` runs ten thousand. Each has symbols of its own, so that thousands go through
the real queries together.
"""

import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.property import protections
from tests.property.campaign import Campaign
from tests.property.histories import History, a_history
from tests.property.verdict import Differences, Published, bar_differences, differences, report

pytestmark = pytest.mark.spark
HISTORIES = int(os.environ.get("HISTORIES", "300"))
TOGETHER = 2_500
FEW = 120


def published(campaign: Campaign, histories: Sequence[History]) -> Published:
    bars = campaign.bars(histories)
    return Published(bars.topic, campaign.averages(bars), campaign.averages_in_batches(bars.topic))


def judge(spark: SparkSession, folder: Path, seed: int) -> Callable[[Sequence[History]], Differences]:
    number = itertools.count()

    def judged(histories: Sequence[History]) -> Differences:
        campaign = Campaign(spark, folder / str(next(number)), seed)
        return differences(histories, published(campaign, histories), seed)

    return judged


@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", range(0, HISTORIES, TOGETHER))
def test_every_history_ends_in_the_oracles_rows(first: int, spark: SparkSession, tmp_path: Path) -> None:
    histories = [a_history(seed) for seed in range(first, min(HISTORIES, first + TOGETHER))]
    assert report(histories, judge(spark, tmp_path, first)) == ""


@pytest.fixture
def campaign(spark: SparkSession, tmp_path: Path) -> Campaign:
    return Campaign(spark, tmp_path, seed=0)


@pytest.fixture(scope="module")
def few() -> list[History]:
    return [a_history(seed) for seed in range(FEW)]


@pytest.fixture(scope="module")
def topics(spark: SparkSession, few: list[History], tmp_path_factory: pytest.TempPathFactory) -> Published:
    """What Spark writes with every protection on."""
    return published(Campaign(spark, tmp_path_factory.mktemp("few"), 0), few)


def test_with_every_protection_on_nothing_differs(few: list[History], topics: Published) -> None:
    assert differences(few, topics, 0) == {}


@pytest.mark.parametrize("switch", protections.OF_THE_BARS, ids=lambda switch: switch.__name__)
def test_a_protection_of_the_bars_switched_off_is_noticed(
    switch: protections.Switch, few: list[History], campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(monkeypatch)
    assert bar_differences(few, campaign.bars_of_one_query(few), 0)


@pytest.mark.parametrize("switch", protections.OF_THE_AVERAGES, ids=lambda switch: switch.__name__)
def test_a_protection_of_the_averages_switched_off_is_noticed(
    switch: protections.Switch,
    few: list[History],
    topics: Published,
    campaign: Campaign,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    switch(monkeypatch)
    made = campaign.averages_in_batches(topics.bars)
    assert differences(few, topics._replace(in_batches=made), 0)


@pytest.mark.parametrize("switch", protections.OF_THE_MERGING, ids=lambda switch: switch.__name__)
def test_a_protection_of_the_merging_switched_off_is_noticed(
    switch: protections.Switch, few: list[History], topics: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(monkeypatch)
    assert differences(few, topics, 0)


def test_a_row_that_is_not_told_again_when_only_its_trades_grew_is_noticed(
    few: list[History], topics: Published
) -> None:
    quiet = topics._replace(averages=protections.without_mere_counts(topics.averages))
    assert differences(few, quiet, 0)
