"""Nothing is served before the schema was right once; probes do not pile up."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.readiness import Readiness
from graph.errors import GraphUnavailable, SchemaOutOfDate


class Check:
    """A check that fails as it is told, and counts."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.runs = 0

    def __call__(self) -> None:
        self.runs += 1
        if self.failure:
            raise self.failure


def test_until_the_check_has_passed_each_call_makes_it_again_and_then_none_does() -> None:
    check = Check()
    readiness = Readiness(check)
    check.failure = GraphUnavailable("down")
    for _ in range(2):
        with pytest.raises(GraphUnavailable):
            readiness.require()
    check.failure = SchemaOutOfDate("up, but not migrated")
    with pytest.raises(SchemaOutOfDate):
        readiness.require()
    check.failure = None
    readiness.require()
    readiness.require()
    assert check.runs == 4


def test_a_probe_makes_the_check_now_though_it_passed_before() -> None:
    check = Check()
    readiness = Readiness(check)
    readiness.probe(1)
    check.failure = GraphUnavailable("gone since")
    with pytest.raises(GraphUnavailable):
        readiness.probe(1)
    readiness.require()


def test_probes_of_a_database_that_hangs_end_in_time_and_share_one_check() -> None:
    hung, runs = threading.Event(), []

    def hang() -> None:
        runs.append(1)
        hung.wait(10)

    readiness = Readiness(hang)
    with ThreadPoolExecutor(8) as probing:
        probes = [probing.submit(readiness.probe, 0.2) for _ in range(8)]
        failures = [probe.exception(timeout=5) for probe in probes]
    hung.set()
    assert all(isinstance(failure, GraphUnavailable) for failure in failures)
    assert len(runs) == 1
