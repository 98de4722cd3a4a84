"""`/metrics`: every hop's figures in Prometheus' own form; rules and dashboard ask for figures that there are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from api.families import times
from api.path import Hops
from market.latency import Latency
from tests.api_builders import a_bar, a_status, an_average
from tests.api_server import Served, served

MONITORING = Path(__file__).parents[2] / "infra" / "monitoring"
_NAME = re.compile(r"\bstock_insights_[a-z_]+\b")


@pytest.fixture(scope="module")
def api() -> Iterator[Served]:
    with served("2330") as up:
        up.take(a_status(299, trades=7), a_bar(299))
        yield up


def figures(api: Served) -> dict[str, dict[str, float]]:
    """Samples by name, then by their labels' values."""
    text = httpx.get(f"{api.url}/metrics").text
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})["/".join(sample.labels.values())] = sample.value
    return found


def test_each_hop_says_its_state_and_how_far_behind_it_is(api: Served) -> None:
    found = figures(api)
    assert {name.split("/")[0] for name in found["stock_insights_hop"]} == {"feed", "kafka", "spark", "database"}
    assert found["stock_insights_hop"]["feed/ok"] == 1
    assert found["stock_insights_hop"]["feed/down"] == 0
    assert found["stock_insights_lag_seconds"]["feed"] < 10
    assert found["stock_insights_feed_trades_total"][""] == 7


def test_each_hop_says_how_long_it_took_and_how_often_in_less_than_no_time() -> None:
    with served("2330") as up:
        told = Latency()
        told.add(3.0, 0)
        told.add(-5.0, 0)
        up.take(a_status(299, received=told.took(1)), a_bar(299), an_average(299))
        up.do(lambda: up.api.live.path.consumed.add(40.0, 0))  # in a second that is over
        found = figures(up)
    buckets = found["stock_insights_hop_seconds_bucket"]
    assert (buckets["0.0025/received"], buckets["0.005/received"], buckets["+Inf/received"]) == (0, 1, 1)
    assert found["stock_insights_hop_seconds_sum"]["received"] == 0.003
    assert found["stock_insights_hop_seconds_count"]["consumed"] >= 1
    assert found["stock_insights_hop_impossible_total"]["received"] == 1
    assert set(found["stock_insights_hop_seconds_count"]) == set(Hops.__struct_fields__) - {"produced"}  # not told


def test_times_by_bounds_of_another_version_are_left_out() -> None:
    took = Latency().took(0)
    family = times("x", "of two versions", {("old",): replace(took, counts=(1, 2)), ("new",): took}, ("to",))
    assert {sample.labels["to"] for sample in family.samples} == {"new"}


def test_answers_are_counted_by_route_never_by_path(api: Served) -> None:
    for path in ("/api/v1/bars/1234", "/api/v1/status", "/nothing/of/the/kind"):
        httpx.get(f"{api.url}{path}")
    counted = figures(api)["stock_insights_http_seconds_count"]
    assert counted["/api/v1/status/200"] >= 1
    assert not [name for name in counted if "1234" in name or "nothing" in name]


def test_what_is_unknown_is_absent_and_not_zero(api: Served) -> None:
    with served() as untold:
        found = figures(untold)
    assert "stock_insights_feed_trades_total" not in found
    assert "stock_insights_exact_through_seconds" not in found
    assert found["stock_insights_hop"]["feed/unknown"] == 1


def test_rules_and_dashboard_use_only_figures_that_there_are(api: Served) -> None:
    figures(api)  # an answer, so that there are figures of answers
    there = set(figures(api)) | {"stock_insights_exact_through_seconds"} | EMPTY_AT_FIRST
    used = set(_NAME.findall((MONITORING / "rules.yml").read_text("utf-8")))
    used |= set(_NAME.findall((MONITORING / "grafana" / "dashboards" / "stock-insights.json").read_text("utf-8")))
    assert used - there == set()
    assert len(used) > 15


# Figures without a sample until the broker has said something.
EMPTY_AT_FIRST = {"stock_insights_kafka_behind_records", "stock_insights_broken_chains"}


def test_each_alert_says_what_it_means_and_what_to_do() -> None:
    groups = yaml.safe_load((MONITORING / "rules.yml").read_text("utf-8"))["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    assert len(alerts) >= 8
    for alert in alerts:
        assert alert["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "mend"} <= set(alert["annotations"])


def test_each_panel_has_a_question_a_unit_and_a_place_of_its_own() -> None:
    dashboard = json.loads((MONITORING / "grafana" / "dashboards" / "stock-insights.json").read_text("utf-8"))
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)
    assert all(panel["targets"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels)
