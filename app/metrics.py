"""Count and time what the service does; docs/metrics.md describes each metric."""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from graph.rules.consistency import Kind

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_requests = Counter(
    "whograph_http_requests", "Requests answered, by route template, method and status.", ["route", "method", "status"]
)
_request_seconds = Histogram(
    "whograph_http_request_seconds",
    "Time to answer a request, by route template and method.",
    ["route", "method"],
    buckets=_SECONDS,
)
_problems = Counter("whograph_problems", "Failures answered, items of batches included, by code.", ["code"])
_query_seconds = Histogram(
    "whograph_graph_query_seconds",
    "Time of one query in Neo4j, first row to last, by query file.",
    ["query"],
    buckets=_SECONDS,
)
_group_size = Histogram(
    "whograph_group_size",
    "Calls that shared one transaction, by act.",
    ["act"],
    buckets=(1, 2, 4, 8, 16, 32, 64),
)
_group_wait_seconds = Histogram(
    "whograph_group_wait_seconds",
    "Time that the first call of a group waited for its transaction to begin, by act.",
    ["act"],
    buckets=_SECONDS,
)
_failed_tries = Counter(
    "whograph_graph_failed_tries",
    "Tries of a writing transaction that failed and were run again, by reason.",
    ["reason"],
)
_inits = Counter("whograph_inits", "Visits recognised, by match method.", ["method"])
_events = Counter("whograph_events", "Events accepted that were not known yet.", [])
_identifies = Counter("whograph_identifies", "Identify calls accepted, by outcome.", ["outcome"])
_duplicates = Counter("whograph_duplicates", "Calls answered as already known by their message id.", ["call"])
_warnings = Counter("whograph_warnings", "Odd input that was accepted with a warning, by code.", ["code"])

# `mostrecent`: the value set last by any worker counts, since all workers read the same graph.
_relationships = Gauge(
    "whograph_relationships",
    "Relationships of a tenant, when the job stats last counted them.",
    ["tenant"],
    multiprocess_mode="mostrecent",
)
_relationship_confidence = Gauge(
    "whograph_relationship_confidence",
    "Relationships of a tenant by the confidence they are shown with, when the job stats last counted them.",
    ["tenant", "confidence"],
    multiprocess_mode="mostrecent",
)
_job_runs = Counter("whograph_job_runs", "Runs of jobs that ended, by job and outcome.", ["job", "outcome"])
_job_items = Counter(
    "whograph_job_items",
    "What runs of jobs dealt with, by job: relationships, what was removed, or nodes checked.",
    ["job"],
)
# `max`: all workers read the time from the same graph, and the latest time is the right one.
_job_done = Gauge(
    "whograph_job_done_timestamp_seconds",
    "When a job of a tenant was last done, in seconds since 1970.",
    ["tenant", "job"],
    multiprocess_mode="max",
)
_consistency_findings = Counter("whograph_consistency_findings", "What checks of the graph found, by kind.", ["kind"])


# Prometheus's `increase()` misses a first finding unless the series was there before, at zero.
for _kind in Kind:
    _consistency_findings.labels(_kind)
for _reason in ("deadlock", "constraint", "overtaken", "transient"):
    _failed_tries.labels(_reason)


def expect_jobs(names: Iterable[str]) -> None:
    """Create the series of these jobs at zero, before their first run."""
    for name in names:
        _job_items.labels(name)
        for outcome in ("done", "failed", "lost"):
            _job_runs.labels(name, outcome)


def request(route: str, method: str, status: int, seconds: float) -> None:
    """Count and time an answered request."""
    method = method if method in METHODS else "other"
    counted, timed = _series_of_request(route, method, status)
    counted.inc()
    timed.observe(seconds)


# The package finds a series by making text of its labels and taking a lock; a dictionary takes a fifth of that time.
@cache
def _series_of_request(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return _requests.labels(route, method, str(status)), _request_seconds.labels(route, method)


@cache
def _series_of_query(name: str) -> Histogram:
    return _query_seconds.labels(name)


def problem(code: str) -> None:
    """Count a failure by its code."""
    _problems.labels(code).inc()


def query(name: str, seconds: float) -> None:
    """Time a query; `graph.queries.observe` is set to this."""
    _series_of_query(name).observe(seconds)


def group(act: str, size: int, seconds: float) -> None:
    """Note the size of a group, and how long its first call waited; `graph.groups.observe` is set to this."""
    _group_size.labels(act).observe(size)
    _group_wait_seconds.labels(act).observe(seconds)


def failed_try(reason: str) -> None:
    """Count a failed try of a writing transaction; `graph.database.observe_failure` is set to this."""
    _failed_tries.labels(reason).inc()


def init(method: str) -> None:
    """Count a visit by how it was recognised."""
    _inits.labels(method).inc()


def events(count: int = 1) -> None:
    """Count events accepted."""
    _events.inc(count)


def identify(outcome: str) -> None:
    """Count an `identify` by its outcome: `verified`, `claimed` or `unclaimed`."""
    _identifies.labels(outcome).inc()


def duplicate(call: str) -> None:
    """Count a repeated call, known by its message id."""
    _duplicates.labels(call).inc()


def warning(code: str) -> None:
    """Count a warning about odd input, by its code."""
    _warnings.labels(code).inc()


def job(name: str, outcome: str, items: int) -> None:
    """Count a run of a job that ended `done`, `failed` or `lost` to another runner, and the items it dealt with."""
    _job_runs.labels(name, outcome).inc()
    _job_items.labels(name).inc(items)


def job_done(tenant: str, name: str, at: datetime) -> None:
    """Set when a job of a tenant was last done."""
    _job_done.labels(tenant, name).set(at.timestamp())


def consistency_findings(kinds: Mapping[Kind, int]) -> None:
    """Count what a check of the graph found, by kind."""
    for kind, count in kinds.items():
        _consistency_findings.labels(kind).inc(count)


def relationship_confidence(tenant: str, counts: Mapping[str, int]) -> None:
    """Set how many relationships a tenant has in each bucket of confidence, such as `1-10`, and in all."""
    if counts:
        _relationships.labels(tenant).set(sum(counts.values()))
    for bucket, count in counts.items():
        _relationship_confidence.labels(tenant, bucket).set(count)


class _WithoutTenants(Collector):
    """The metrics of a registry that name no tenant."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """Yield each metric without a label for tenants."""
        for metric in self._registry.collect():
            if not any("tenant" in sample.labels for sample in metric.samples):
                yield metric


def exposition(*, with_tenants: bool = True) -> bytes:
    """Return all metrics in Prometheus's text format; with PROMETHEUS_MULTIPROC_DIR set, of all worker processes.

    Without tenants, metrics that are counted by tenant are left out.
    """
    registry = REGISTRY
    # This variable is not a setting of ours: prometheus_client reads it at import.
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    if not with_tenants:
        named, registry = registry, CollectorRegistry()
        registry.register(_WithoutTenants(named))
    return generate_latest(registry)
