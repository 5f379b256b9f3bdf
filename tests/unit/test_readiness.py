"""The service serves nothing until its check has passed once, and waiting probes share one check."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.readiness import Readiness
from graph.errors import GraphUnavailable, SchemaOutOfDate
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS


class Check:
    """A check that raises `failure`, if it is set, and counts its runs."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.runs = 0

    def __call__(self) -> None:
        self.runs += 1
        if self.failure:
            raise self.failure


def test_the_check_is_repeated_at_each_call_until_it_has_passed_once() -> None:
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


def test_a_probe_repeats_the_check_even_after_it_has_passed() -> None:
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
        hung.wait(FOREVER_SECONDS)

    readiness = Readiness(hang)
    with ThreadPoolExecutor(8) as probing:
        probes = [probing.submit(readiness.probe, 0.2) for _ in range(8)]
        try:
            failures = [probe.exception(PATIENCE_SECONDS) for probe in probes]
        finally:
            hung.set()
    assert all(isinstance(failure, GraphUnavailable) for failure in failures)
    assert len(runs) == 1


def test_a_process_is_settled_once_it_has_been_ready_for_a_time_without_a_break() -> None:
    readiness = Readiness(Check())
    assert not readiness.has_been_ready_for(timedelta(0))
    readiness.require()
    assert readiness.has_been_ready_for(timedelta(0))
    assert not readiness.has_been_ready_for(timedelta(hours=1))


@pytest.mark.parametrize(("silent", "is_ready"), [(0.0, True), (60.0, False)])
def test_a_database_that_just_finished_a_call_is_busy_and_not_away(silent: float, *, is_ready: bool) -> None:
    check = Check()
    readiness = Readiness(check, silent_seconds=lambda: silent)
    check.failure = GraphUnavailable("no answer")
    with pytest.raises(GraphUnavailable):
        readiness.probe(2)
    check.failure = None
    readiness.probe(2)
    check.failure = GraphUnavailable("no answer")
    if is_ready:
        readiness.probe(2)
    else:
        with pytest.raises(GraphUnavailable):
            readiness.probe(2)
    check.failure = SchemaOutOfDate("a constraint is missing")
    with pytest.raises(SchemaOutOfDate):
        readiness.probe(2)
