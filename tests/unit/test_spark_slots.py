"""How many task slots the queries need, and what is said when there are fewer."""

from pathlib import Path

import pytest

from market.settings import EX_CONFIG, load
from spark_jobs import slots
from spark_jobs.settings import SparkSettings


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SPARK_CHECKPOINTS", str(tmp_path))
    return monkeypatch


def test_each_partition_of_each_stage_of_four_days_has_a_slot() -> None:
    #  bars: read · tell repeats apart · add up      averages: read · add up      rejects: read
    assert slots.needed(trades=1, bars=1, shuffle=1) == 4 * (3 + 2) + 1
    assert slots.needed(trades=4, bars=2, shuffle=3) == 4 * (4 + 3 + 3 + 2 + 3) + 4


def test_the_default_master_has_enough_for_the_default_partitions(bare: pytest.MonkeyPatch) -> None:
    settings = load(SparkSettings)
    assert settings.spark_master == f"local[{32}]"
    assert slots.needed_by(settings, {"trades": 1, "bars": 1}) <= 32


def test_micro_batches_take_turns(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("SPARK_TRIGGER", "microbatch 1 seconds")
    assert slots.needed_by(load(SparkSettings), {"trades": 8, "bars": 8}) == 1


@pytest.mark.parametrize(
    ("master", "mend"),
    [
        ("local[8]", "; local[84], or choose fewer partitions"),
        ("spark://a:7077,b:7077", "; start more workers, or with more --cores (slots are threads), or choose fewer"),
    ],
)
def test_the_refusal_names_the_setting_the_rule_and_the_mend(bare: pytest.MonkeyPatch, master: str, mend: str) -> None:
    bare.setenv("SPARK_MASTER", master)
    said = slots.too_few(load(SparkSettings), found=8, wanted=84)
    assert f"SPARK_MASTER={master} offers 8 task slots" in said
    assert "holds one for each partition of each stage of every open day: 84 with SPARK_PARTITIONS=1" in said
    assert mend in said


@pytest.mark.parametrize("master", ["spark:/host:7077", "spark://host", "yarn", "local[*]"])
def test_a_master_that_is_none_is_refused(
    bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], master: str
) -> None:
    bare.setenv("SPARK_MASTER", master)
    with pytest.raises(SystemExit) as stopped:
        load(SparkSettings)
    assert stopped.value.code == EX_CONFIG
    assert "configuration: SPARK_MASTER: " in capsys.readouterr().err
