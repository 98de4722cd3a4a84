"""Figures in Prometheus' form. Pure."""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from market.latency import BOUNDS_S, Took

PREFIX = "stock_insights_"
F = TypeVar("F", GaugeMetricFamily, CounterMetricFamily)


def times(name: str, meaning: str, found: Mapping[tuple[str, ...], Took], labels: tuple[str, ...] = ()) -> Metric:
    """What another version of the ingestor counted by other bounds is left out."""
    family = HistogramMetricFamily(f"{PREFIX}{name}", meaning, labels=labels)
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    for each, took in found.items():
        if len(took.counts) == len(bounds):
            family.add_metric(each, list(zip(bounds, accumulate(took.counts), strict=True)), took.sum_s)
    return family


def known(family: GaugeMetricFamily | CounterMetricFamily, value: float | None) -> Iterator[Metric]:
    """The family with its one value; nothing where that is unknown."""
    if value is not None:
        family.add_metric((), value)
        yield family


def gauge(
    name: str, meaning: str, labels: tuple[str, ...] = (), values: Mapping[tuple[str, ...], float] | None = None,
    *, value: float | None = None,
) -> GaugeMetricFamily:  # fmt: skip
    """`values` by the values of the labels, or the one `value`."""
    return _filled(GaugeMetricFamily(f"{PREFIX}{name}", meaning, labels=labels), values, value)


def counter(
    name: str, meaning: str, labels: tuple[str, ...] = (), values: Mapping[tuple[str, ...], float] | None = None,
    *, value: float | None = None,
) -> CounterMetricFamily:  # fmt: skip
    """As `gauge`; its name in the text ends with `_total`."""
    return _filled(CounterMetricFamily(f"{PREFIX}{name}", meaning, labels=labels), values, value)


def _filled(family: F, values: Mapping[tuple[str, ...], float] | None, value: float | None) -> F:
    for each, figure in ({(): value} if value is not None else values or {}).items():
        family.add_metric(each, figure)
    return family
