"""The golden tape through the batch form of the streaming functions, digit for digit."""

from itertools import accumulate
from typing import Any

import pytest

from spark_jobs import schema
from spark_jobs.averages import averages
from spark_jobs.bars import bars
from spark_jobs.kafka import encoded
from tests import oracle
from tests.builders import DAY, by_key, golden_tape, published
from tests.spark.conftest import Records, rows

STEPS = golden_tape()
SENT = list(accumulate((step["send"] for step in STEPS), initial=[]))[1:]
CASES = [pytest.param(sent, step["expect"], id=step["name"]) for sent, step in zip(SENT, STEPS, strict=True)]


@pytest.mark.parametrize(("sent", "expect"), CASES)
def test_the_oracle_agrees_with_the_tape(sent: list[Any], expect: dict[str, Any]) -> None:
    of_bars = oracle.bars(sent)
    assert covers(of_bars, expect["bars"])
    assert covers(oracle.averages(of_bars), expect["averages"])
    for row in expect["averages_every_second"]:
        assert oracle.average(of_bars, "2330", row["second"]).items() >= row.items()


@pytest.mark.spark
@pytest.mark.parametrize(("sent", "expect"), CASES)
def test_spark_makes_the_rows_of_the_tape(sent: list[Any], expect: dict[str, Any], records: Records) -> None:
    made = bars(schema.trades(records(map(published, sent)), DAY))
    assert covers(by_key(rows(made)), expect["bars"])
    assert covers(by_key(rows(averages(schema.bars(encoded(made), DAY), each_record=False))), expect["averages"])


def covers(made: dict[Any, dict[str, Any]], expected: list[dict[str, Any]]) -> bool:
    """Same keys, and every field that is expected has its value."""
    wanted = by_key(expected)
    return made.keys() == wanted.keys() and all(made[key].items() >= row.items() for key, row in wanted.items())
