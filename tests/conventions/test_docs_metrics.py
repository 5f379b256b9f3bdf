"""docs/metrics.md has exactly the metrics, each with its labels."""

import re

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from app import metrics
from app.config import CHECKOUT

PAGE = (CHECKOUT / "docs" / "metrics.md").read_text(encoding="utf-8")
ROWS = {
    name: set(re.findall(r"`(\w+)`", labels))
    for name, labels in re.findall(r"^\| `(whograph_\w+)` \|(.*?)\|", PAGE, re.MULTILINE)
}
OURS = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]


def test_the_page_has_exactly_the_metrics_with_their_labels() -> None:
    there = {}
    for metric in OURS:
        [family] = metric.describe()
        there[family.name + ("_total" if family.type == "counter" else "")] = set(metric._labelnames)
    assert there == ROWS


def test_every_metric_of_ours_is_exposed_and_has_the_prefix() -> None:
    collected = {family.name for family in REGISTRY.collect() if not family.name.startswith(("python", "process"))}
    assert all(name.startswith("whograph_") for name in collected)
    assert {family.name for metric in OURS for family in metric.describe()} <= collected


def test_queries_on_the_page_name_metrics_that_exist() -> None:
    for name in re.findall(r"whograph_\w+", PAGE):
        assert re.sub(r"_bucket$", "", name) in ROWS, name
