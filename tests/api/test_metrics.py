"""What Prometheus reads about requests, queries, visits and events."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import jobs, metrics
from app.config import Settings
from app.factory import create_app
from graph.database import Database
from graph.rules.consistency import Kind
from graph.transaction import Transaction
from tests.conftest import METRICS_KEY
from tests.patience import PATIENCE_SECONDS
from tests.world import Api


def read(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


LOCK = "MERGE (met:Met {id: $id}) SET met._lock = true"


class Metrics:
    """The growth of samples since the test began. Samples count for the whole process."""

    def __init__(self, api: Api) -> None:
        self._client = api.app.test_client()
        self._before = self._now()

    def __call__(self, name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return self._now().get(key, 0) - self._before.get(key, 0)

    def names(self) -> set[str]:
        return {name for name, _ in self._now()}

    def labels(self, name: str, label: str) -> set[str]:
        return {dict(labels)[label] for found, labels in self._now() if found == name and label in dict(labels)}

    def _now(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return read(self._client.get("/metrics").get_data(as_text=True))


@pytest.fixture
def moved(api: Api) -> Metrics:
    return Metrics(api)


def test_tries_that_failed_and_were_run_again_are_counted_by_their_reason(database: Database, moved: Metrics) -> None:
    both_hold_one = threading.Barrier(2)
    order = {"first": ["a", "b"], "second": ["b", "a"]}

    def hold(tx: Transaction, met: str) -> None:
        tx.run(LOCK, {"id": met}).consume()

    def act(tx: Transaction, caller: str) -> None:
        one, other = order[caller]
        hold(tx, one)
        with suppress(threading.BrokenBarrierError):  # the try after the deadlock comes alone
            both_hold_one.wait(PATIENCE_SECONDS)
        both_hold_one.abort()
        hold(tx, other)

    for met in order["first"]:
        database.write(hold, met)
    callers = [threading.Thread(target=database.write, args=(act, caller)) for caller in order]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert moved("whograph_graph_failed_tries_total", reason="deadlock") == 1
    assert moved("whograph_graph_failed_tries_total", reason="overtaken") == 0


def test_requests_are_counted_and_timed_by_their_route(api: Api, moved: Metrics) -> None:
    started = time.monotonic()
    api.get("users", "somebody", expect=404)
    api.get("users", "somebody else", expect=404)
    took = time.monotonic() - started
    route = {"route": "/api/v1/users/<user_id>", "method": "GET"}
    assert moved("whograph_http_requests_total", **route, status="404") == 2
    assert moved("whograph_http_request_seconds_count", **route) == 2
    assert 0 < moved("whograph_http_request_seconds_sum", **route) <= took


def test_what_nobody_asked_for_by_name_makes_no_new_series(api: Api, moved: Metrics) -> None:
    client = api.app.test_client()
    for path in ("/wp-login.php", "/.env", "/api/v1/unknown/4711"):
        client.get(path)
    client.open("/health/live", method="BREW")
    assert moved("whograph_http_requests_total", route="unmatched", method="GET", status="404") == 3
    assert moved("whograph_http_requests_total", route="unmatched", method="other", status="405") == 1
    routes = moved.labels("whograph_http_requests_total", "route")
    assert not [route for route in routes if "4711" in route or "php" in route]


def test_queries_are_timed_by_their_file(api: Api, moved: Metrics) -> None:
    api.init("fp-1")
    assert moved("whograph_graph_query_seconds_count", query="init/apply") >= 1
    assert moved("whograph_graph_query_seconds_count", query="tenants/find_key") >= 1


def test_visits_are_counted_by_how_they_were_recognised(api: Api, moved: Metrics) -> None:
    first = api.init("fp-1")
    api.init("fp-1")
    api.init("fp-1", visitorToken=first["visitorToken"])
    for method in ("new", "fingerprint", "token"):
        assert moved("whograph_inits_total", method=method) == 1


def test_events_duplicates_logins_warnings_and_problems_are_counted(api: Api, moved: Metrics) -> None:
    session = api.init("fp-1")
    api.track(session, messageId="m1")
    api.track(session, messageId="m1")
    api.identify(session, "u1")
    api.identify(session, "undefined")
    api.track("unknown", expect=404)
    assert moved("whograph_events_total") == 1
    assert moved("whograph_duplicates_total", call="track") == 1
    assert moved("whograph_identifies_total", outcome="claimed") == 1
    assert moved("whograph_identifies_total", outcome="unclaimed") == 1
    assert (
        sum(moved("whograph_warnings_total", code=code) for code in moved.labels("whograph_warnings_total", "code"))
        == 1
    )
    assert moved("whograph_problems_total", code="session_not_found") == 1


def run(code: str, environ: Mapping[str, str]) -> str:
    """Run code in a new process that has imported what a worker imports, and return its output."""
    command = [sys.executable, "-c", f"from app import jobs, metrics; {code}"]
    return subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("is_joined", [False, True])
def test_what_an_alert_waits_for_is_there_before_it_happens(tmp_path: Path, *, is_joined: bool) -> None:
    environ = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)} if is_joined else {}
    found = read(run("print(metrics.exposition().decode())", environ))
    for kind in Kind:
        assert found["whograph_consistency_findings_total", frozenset({("kind", str(kind))})] == 0
    for job in jobs.JOBS:
        assert found["whograph_job_items_total", frozenset({("job", job)})] == 0
        for outcome in ("done", "failed", "lost"):
            assert found["whograph_job_runs_total", frozenset({("job", job), ("outcome", outcome)})] == 0


def test_one_worker_answers_for_all(tmp_path: Path) -> None:
    """Processes share a directory as gunicorn's workers do: each writes its own files, and any of them reads all files."""
    environ = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    run("metrics.events(2); metrics.init('new')", environ)
    run("metrics.events(3); metrics.request('/x', 'GET', 200, 0.5)", environ)
    run("metrics.relationship_confidence('shop', {'1-10': 7, '91-100': 2})", environ)
    run("metrics.relationship_confidence('shop', {'1-10': 5, '91-100': 0})", environ)
    when = "from datetime import UTC, datetime; metrics.job_done('shop', 'sweep', datetime(2026, 3, {}, tzinfo=UTC))"
    run(f"metrics.job('sweep', 'done', 7); {when.format(5)}", environ)
    run(f"metrics.job('sweep', 'done', 2); {when.format(4)}", environ)
    found = read(run("print(metrics.exposition().decode())", environ))
    assert found["whograph_events_total", frozenset()] == 5
    assert found["whograph_inits_total", frozenset({("method", "new")})] == 1
    assert found["whograph_job_runs_total", frozenset({("job", "sweep"), ("outcome", "done")})] == 2
    assert found["whograph_job_items_total", frozenset({("job", "sweep")})] == 9
    [done] = [value for (name, _), value in found.items() if name == "whograph_job_done_timestamp_seconds"]
    assert done == datetime(2026, 3, 5, tzinfo=UTC).timestamp()
    counted = {dict(labels)["confidence"]: n for (name, labels), n in found.items() if name.endswith("_confidence")}
    assert counted == {"1-10": 5, "91-100": 0}
    assert found["whograph_http_request_seconds_sum", frozenset({("route", "/x"), ("method", "GET")})] == 0.5


TENANTS = {"whograph_relationships", "whograph_relationship_confidence", "whograph_job_done_timestamp_seconds"}


def test_strangers_get_no_tenants_names_and_another_key_is_refused(api: Api) -> None:
    metrics.relationship_confidence("shop-of-nobody", {"1-10": 7})
    metrics.job_done("shop-of-nobody", "sweep", datetime(2026, 3, 5, tzinfo=UTC))
    client = api.app.test_client()

    def get(key: str | None) -> tuple[int, str]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {key}"} if key else {})
        return answer.status_code, answer.get_data(as_text=True)

    status, shown = get(METRICS_KEY)
    assert status == 200
    status, public = get(None)
    assert status == 200
    assert {name for name, _ in read(shown)} >= TENANTS
    assert "shop-of-nobody" not in public
    assert {name for name, _ in read(shown)} - {name for name, _ in read(public)} == TENANTS
    for wrong in (METRICS_KEY + "x", api.keys.secret_key, "é"):
        status, problem = get(wrong)
        assert (status, "shop-of-nobody" in problem) == (401, False)


def test_without_a_key_set_nobody_gets_tenants_names(settings: Settings, database: Database) -> None:
    metrics.job_done("shop-of-nobody", "sweep", datetime(2026, 3, 5, tzinfo=UTC))
    client = create_app(replace(settings, metrics_key=None), database).test_client()
    assert "shop-of-nobody" not in client.get("/metrics").get_data(as_text=True)
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
