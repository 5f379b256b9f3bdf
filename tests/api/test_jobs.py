"""Jobs close and record relationships that were not seen for long or have faded, and keep ranks in step with the half-life."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app import jobs, metrics
from app.config import Settings
from graph.acts import consistency, erase, relationships, sweep, tenants
from graph.database import Database
from graph.errors import GraphTimeout, NotFound, Refused
from graph.rules.decay import shown
from graph.store import jobs as store
from tests import given
from tests.api.test_metrics import Metrics, read
from tests.conftest import METRICS_KEY, SECRET_KEY
from tests.faults.test_races import at_once
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS
from tests.world import Answer, Api, Clock, Graph

_numbers = itertools.count()
#: What Prometheus shows, to get the metrics of tenants.
SHOWN = {"Authorization": f"Bearer {METRICS_KEY}"}
CONFIDENCE = "whograph_relationship_confidence"
DONE = "whograph_job_done_timestamp_seconds"


@pytest.fixture
def run(database: Database, api: Api, clock: Clock) -> Callable[..., int | None]:
    def run(name: str, **more: Any) -> int | None:
        return jobs.run(database, api.keys.tenant_id, name, clock=clock, new_id=lambda: f"{next(_numbers):06d}", **more)

    return run


@dataclass(frozen=True)
class Hourly(jobs.Schedule):
    """The schedule that every service has."""

    def once(self) -> int:
        """Run the jobs that are due, publish their figures, and return the number of runs."""
        runs = self.run(self.intervals)
        self.tell()
        return runs


def schedule(database: Database, clock: Clock) -> Hourly:
    due = jobs.intervals(Settings.from_environment({}))
    return Hourly(database, clock, lambda: f"{next(_numbers):06d}", due)


def leased(now: datetime) -> dict[str, datetime]:
    """Return the parameters with which another runner takes a job at `now`."""
    return {"now": now, "due_before": now, "retry_before": now, "until": now + jobs.LEASE}


def test_what_was_not_seen_for_the_tenants_period_is_closed_and_recorded(
    api: Api, clock: Clock, graph: Graph, database: Database, run: Callable[..., int | None]
) -> None:
    tenants.configure(database, api.keys.tenant_id, {}, {"relationship_ttl_days": 30.0})
    old, fresh = api.init("f-1"), api.init("f-2")
    api.identify(old, "anna")
    clock.forward(days=29)
    api.put("users", "anna", "visitors", fresh["visitorId"], confidence=90)
    assert run("sweep") == 0
    clock.forward(days=2)
    assert run("sweep") == 1

    assert [item["visitorId"] for item in api.pages("users", "anna", "visitors")] == [fresh["visitorId"]]
    assert graph.edges("WAS_IDENTIFIED_AS") == {(old["visitorId"], "anna")}
    entry = api.pages("audit", about="user:anna")[0]
    assert (entry["act"], entry["actor"], entry["reason"]) == ("sweep", "job:sweep", "not seen for 30 days")
    assert (entry["before"]["confidence"], entry["after"]) == (95.0, None)
    # The claim stays: the tenure's browsing is still hers.
    assert api.journey("users", "anna") == ["identify"]
    assert run("sweep") == 0


def test_what_has_faded_stops_counting(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None]
) -> None:
    tenants.configure(
        database, api.keys.tenant_id, {}, {"relationship_half_life_days": 10.0, "relationship_confidence_min": 20.0}
    )
    run("rerank")
    visit = api.init("f-1")
    api.put("users", "anna", "visitors", visit["visitorId"], confidence=80)
    clock.forward(days=19)
    assert run("sweep") == 0
    clock.forward(days=2)
    assert run("sweep") == 1
    [entry, _] = api.pages("audit", about="user:anna")
    assert (entry["act"], entry["reason"]) == ("sweep", "worth less than 20 by now")
    assert api.put("users", "anna", "visitors", visit["visitorId"], confidence=80)["count"] == 1


def test_a_merged_visitors_relationship_lives_by_what_all_of_them_are(
    api: Api, clock: Clock, database: Database, graph: Graph, run: Callable[..., int | None]
) -> None:
    tenants.configure(database, api.keys.tenant_id, {}, {"relationship_ttl_days": 30.0})
    first, second = api.init("f-1"), api.init("f-2")
    api.put("users", "anna", "visitors", first["visitorId"], confidence=90)
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])
    clock.forward(days=20)
    api.put("users", "anna", "visitors", second["visitorId"], confidence=90)
    clock.forward(days=20)
    assert run("sweep") == 0
    assert api.get("users", "anna", "visitors", second["visitorId"])["count"] == 2
    clock.forward(days=20)
    assert run("sweep") == 1
    assert graph.edges("IDENTIFIED_AS") == set()


def test_many_are_swept_in_small_batches_and_writers_go_on(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 7)
    tenants.configure(database, api.keys.tenant_id, {}, {"relationship_ttl_days": 30.0})
    visits = [api.init(f"f-{number}") for number in range(20)]
    for visit in visits:
        api.put("users", "anna", "visitors", visit["visitorId"], confidence=90)
    clock.forward(days=40)
    told: list[int] = []

    def work(number: int) -> Answer:
        if number == 0:
            assert run("sweep", progress=told.append) in range(12, 21)
            return api.get("users", "anna")
        return api.put("users", "anna", "visitors", visits[number]["visitorId"], confidence=70)

    at_once(9, work)
    assert len(told) >= 2
    run("sweep")
    left = {item["visitorId"]: item["count"] for item in api.pages("users", "anna", "visitors")}
    assert left.keys() == {visit["visitorId"] for visit in visits[1:9]}
    assert set(left.values()) <= {1, 2}


def test_another_half_life_ranks_all_anew(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None]
) -> None:
    early, late = api.init("f-1"), api.init("f-2")
    api.put("users", "anna", "visitors", early["visitorId"], confidence=90)
    clock.forward(days=10)
    api.put("users", "anna", "visitors", late["visitorId"], confidence=60)
    run("rerank")
    order = [item["visitorId"] for item in api.pages("users", "anna", "visitors")]
    assert order == [early["visitorId"], late["visitorId"]]
    tenants.configure(database, api.keys.tenant_id, {}, {"relationship_half_life_days": 5.0})
    assert run("rerank") == 2
    assert run("rerank") == 0
    # A worker learns of a policy within ten seconds. Until then its answers may be out of date, but nothing breaks.
    assert len(api.pages("users", "anna", "visitors")) == 2
    policy = tenants.policy(database, api.keys.tenant_id)
    found = database.read(
        relationships.of_user,
        "anna",
        after=None,
        limit=10,
        now=clock(),
        policy=policy,
    )
    figures = [
        (relationship.other_id, shown(relationship.rank, clock(), policy.relationship_half_life_days))
        for relationship in found
    ]
    assert figures == [(late["visitorId"], 60), (early["visitorId"], 23)]


def test_one_runner_has_a_job_at_a_time(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None]
) -> None:
    now = clock()
    lease = leased(now)
    assert database.write(store.take, "sweep", "another", **lease).is_ours
    assert run("sweep") is None
    # The runner has not renewed its lease in time.
    clock.forward(minutes=3)
    assert run("sweep") == 0
    assert not database.write(store.renew, "sweep", "another", until=clock())
    assert run("sweep", due=timedelta(hours=1)) is None
    clock.forward(hours=2)
    assert run("sweep", due=timedelta(hours=1)) == 0


def test_the_schedule_runs_what_is_due_for_every_tenant_once(
    api: Api, clock: Clock, database: Database, graph: Graph
) -> None:
    tenants.create_tenant(database, "other", secret_key="x" * 32, now=clock())
    hourly = schedule(database, clock)
    # There is nobody to erase.
    due = len(jobs.JOBS) - 1
    assert hourly.once() == 2 * due
    assert hourly.once() == 0
    clock.forward(hours=2)
    # Once a day the graph is checked, what is old removed, and candidates and clusters are found.
    assert hourly.once() == 2 * (due - 4)
    clock.forward(hours=23)
    assert hourly.once() == 2 * due
    outcomes = graph.rows("MATCH (j:Job) RETURN DISTINCT j.outcome AS outcome")
    assert [row["outcome"] for row in outcomes] == ["done"]


def test_the_schedule_finishes_an_erasure_that_was_begun(api: Api, clock: Clock, database: Database) -> None:
    api.identify(api.init("f-1"), "anna")
    clock.forward(minutes=1)
    erasure_id = database.write(erase.begin, given.erasure("anna", at=clock(), keys=[SECRET_KEY]))
    replace(schedule(database, clock), keys=[SECRET_KEY]).once()
    assert api.get("erasures", erasure_id)["finishedAt"] is not None


def test_each_job_is_run_for_every_tenant_before_the_next(
    api: Api, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenants.create_tenant(database, "other", secret_key="x" * 32, now=clock())
    ran: list[str] = []

    def noted(name: str) -> Callable[[jobs.Run], int]:
        def act(_: jobs.Run) -> int:
            ran.append(name)
            return 0

        return act

    monkeypatch.setattr(jobs, "JOBS", {name: noted(name) for name in jobs.JOBS})
    schedule(database, clock).once()
    assert ran == [name for name in jobs.JOBS if name != "erase" for _ in range(2)]


def test_a_check_that_takes_long_holds_up_no_other_job_and_no_figure(
    api: Api, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks, is_over = threading.Event(), threading.Event()

    def takes_long(_: jobs.Run) -> int:
        checks.set()
        assert is_over.wait(FOREVER_SECONDS)
        return 0

    monkeypatch.setattr(jobs, "JOBS", {**jobs.JOBS, "consistency": takes_long})
    monkeypatch.setattr(jobs.Schedule, "_forever", lambda _, act: act())
    before = set(threading.enumerate())
    schedule(database, clock).begin()
    begun = [thread for thread in threading.enumerate() if thread not in before and "jobs" in thread.name]
    assert checks.wait(PATIENCE_SECONDS)
    for thread in begun:
        if thread.name != "long jobs":
            thread.join(PATIENCE_SECONDS)
    ended = {job.name: job.outcome for job in database.read(store.jobs)}
    is_over.set()
    for thread in begun:
        thread.join(PATIENCE_SECONDS)
    assert ended == {
        "rerank": "done",
        "sweep": "done",
        "stats": "done",
        "retain": "done",
        "candidates": "done",
        "clusters": "done",
        "analytics": "done",
        "consistency": None,
    }


def test_a_job_that_failed_is_due_again_after_a_quarter_of_its_interval(
    api: Api, clock: Clock, run: Callable[..., int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sweep, "due", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run("sweep")
    hourly = {"due": timedelta(hours=1)}
    clock.forward(minutes=14)
    assert run("sweep", **hourly) is None
    clock.forward(minutes=1)
    assert run("sweep", **hourly) == 0
    clock.forward(minutes=15)
    assert run("sweep", **hourly) is None


def test_a_job_there_is_not_names_those_there_are(run: Callable[..., int | None]) -> None:
    with pytest.raises(NotFound, match="rerank, sweep"):
        run("dust")


def test_a_runner_that_died_is_followed_when_its_lease_is_over(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None]
) -> None:
    lease = leased(clock())
    assert database.write(store.take, "sweep", "another", **lease).is_ours
    clock.forward(minutes=3)
    assert run("sweep", due=timedelta(hours=1)) == 0
    clock.forward(minutes=3)
    assert run("sweep", due=timedelta(hours=1)) is None


def test_what_was_stated_to_be_little_has_not_faded(api: Api, clock: Clock, run: Callable[..., int | None]) -> None:
    visit = api.init("f-1")
    api.put("users", "anna", "visitors", visit["visitorId"], confidence=1)
    clock.forward(days=1)
    assert run("sweep") == 0
    assert api.get("users", "anna", "visitors", visit["visitorId"])["confidence"] == 1


def test_what_only_seems_to_have_faded_does_not_stop_the_sweep(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)
    tenants.configure(database, api.keys.tenant_id, {}, {"relationship_confidence_min": 60.0})
    for number in range(3):
        api.init(f"f-{number}", userId="anna")
    tenants.configure(
        database, api.keys.tenant_id, {}, {"relationship_confidence_min": 75.0, "relationship_collected_first": 85.0}
    )
    old = api.init("old")
    api.put("users", "ben", "visitors", old["visitorId"], confidence=76)
    clock.forward(days=10)
    assert run("sweep") == 1
    assert api.pages("users", "ben", "visitors") == []


def confidence(api: Api) -> dict[str, float]:
    """Return the number of the tenant's relationships in each bucket, as Prometheus reads it."""
    exposed = read(api.app.test_client().get("/metrics", headers=SHOWN).get_data(as_text=True))
    mine = [(dict(labels), value) for (name, labels), value in exposed.items() if name == CONFIDENCE]
    return {labels["confidence"]: value for labels, value in mine if labels["tenant"] == api.keys.tenant_id}


def test_every_process_tells_how_sure_relationships_are_whichever_counted(
    app: Flask, clock: Clock, database: Database
) -> None:
    api = Api(app, tenants.create_tenant(database, "counted", secret_key="x" * 32, now=clock()))
    hourly = schedule(database, clock)
    for number, figure in enumerate((5, 55, 60, 100)):
        api.put("users", "anna", "visitors", api.init(f"f-{number}")["visitorId"], confidence=figure)
    assert confidence(api) == {}
    hourly.once()
    counted = ("whograph_relationships", frozenset({("tenant", "counted")}))
    assert read(api.app.test_client().get("/metrics", headers=SHOWN).get_data(as_text=True))[counted] == 4
    expected = {f"{bucket['from']}-{bucket['to']}": bucket["count"] for bucket in api.get("stats")["confidence"]}
    assert confidence(api) == expected
    assert {bucket for bucket, count in expected.items() if count} == {"1-10", "51-60", "91-100"}

    # Act as a worker that has just started, or as another replica's: the job is not due, and did not run in this process.
    metrics._relationship_confidence.clear()
    assert hourly.once() == 0
    assert confidence(api) == expected
    api.put("users", "anna", "visitors", api.init("f-9")["visitorId"], confidence=55)
    assert confidence(api) == expected
    clock.forward(hours=2)
    hourly.once()
    assert confidence(api)["51-60"] == 3


def test_counting_what_was_swept_counts_what_is_left(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None]
) -> None:
    tenants.configure(database, api.keys.tenant_id, {}, {"relationship_ttl_days": 30.0})
    api.put("users", "anna", "visitors", api.init("f-1")["visitorId"], confidence=90)
    assert run("stats") == 1
    clock.forward(days=40)
    schedule(database, clock).once()
    assert set(confidence(api).values()) == {0}


def stale(api: Api, clock: Clock, database: Database) -> None:
    """Three relationships that were not seen for too long."""
    tenants.configure(database, api.keys.tenant_id, {}, {"relationship_ttl_days": 30.0})
    for number in range(3):
        api.put("users", "anna", "visitors", api.init(f"f-{number}")["visitorId"], confidence=90)
    clock.forward(days=40)


def test_runs_are_counted_by_how_they_ended_and_what_they_dealt_with(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)
    moved = Metrics(api)

    def counted() -> list[float]:
        runs = [moved("whograph_job_runs_total", job="sweep", outcome=one) for one in ("done", "failed", "lost")]
        return [*runs, moved("whograph_job_items_total", job="sweep")]

    def taken(_: int) -> None:
        clock.forward(minutes=3)
        lease = leased(clock())
        assert database.write(store.take, "sweep", "another", **lease).is_ours

    stale(api, clock, database)
    assert run("sweep") == 3
    assert counted() == [1, 0, 0, 3]

    stale(api, clock, database)
    with pytest.raises(Refused, match="another runner"):
        run("sweep", progress=taken)
    assert counted() == [1, 0, 1, 6]

    stale(api, clock, database)
    act, batches = sweep.act, itertools.count()

    def breaks(*args: Any) -> int:
        if next(batches):
            raise GraphTimeout("too long")
        return act(*args)

    monkeypatch.setattr(sweep, "act", breaks)
    with pytest.raises(GraphTimeout):
        run("sweep")
    assert counted() == [1, 1, 1, 8]
    [job] = database.read(store.jobs)
    assert (job.outcome, job.done) == ("failed", 2)


def test_every_process_tells_when_a_job_was_last_done(
    api: Api, clock: Clock, database: Database, run: Callable[..., int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = api.keys.tenant_id
    hourly = schedule(database, clock)

    def done() -> float | None:
        exposed = read(api.app.test_client().get("/metrics", headers=SHOWN).get_data(as_text=True))
        return exposed.get((DONE, frozenset({("tenant", tenant), ("job", "sweep")})))

    metrics._job_done.clear()
    at = clock()
    run("sweep")
    # Another worker ran the job: no worker reports it before it has read the database.
    assert done() is None
    hourly.once()
    assert done() == at.timestamp()

    clock.forward(hours=2)
    monkeypatch.setattr(sweep, "due", lambda *_: 1 / 0)
    hourly.once()
    assert [job.outcome for job in database.read(store.jobs) if job.name == "sweep"] == ["failed"]
    assert done() == at.timestamp()


def test_the_graph_is_checked_and_what_is_found_is_counted_and_logged(
    api: Api,
    graph: Graph,
    run: Callable[..., int | None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(consistency, "PAGE", 2)
    moved = Metrics(api)
    for number in range(3):
        api.track(api.init(f"f-{number}"))
    nodes = sum(api.change("consistency", "check")["checked"].values())
    told: list[int] = []
    assert run("consistency", progress=told.append) == nodes
    # The lease is renewed after each page, since the check may take longer than the lease.
    assert told[:4] == [2, 3, 5, 6]
    assert told[-1] == nodes
    assert "does not agree" not in caplog.text

    graph.rows("MATCH (s:Session) WITH s LIMIT 2 SET s.events = 9")
    graph.rows("MATCH (t:Tenure) WITH t LIMIT 1 SET t.sessions = 9")
    before = graph.rows("MATCH (s:Session) RETURN s.events AS events ORDER BY events")
    assert run("consistency") == nodes
    for kind, count in {"session_count": 2, "tenure_count": 1}.items():
        assert moved("whograph_consistency_findings_total", kind=kind) == count
    assert (
        f"the graph of {api.keys.tenant_id} does not agree with itself: 2 session_count, 1 tenure_count" in caplog.text
    )
    # The scheduled check repairs nothing.
    assert graph.rows("MATCH (s:Session) RETURN s.events AS events ORDER BY events") == before


def test_a_check_that_is_stopped_has_told_what_it_found_and_renews_its_lease_at_each(
    api: Api, graph: Graph, run: Callable[..., int | None], caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        api.init(f"f-{number}")
    graph.rows("MATCH (s:Session) SET s.events = 9")
    moved = Metrics(api)

    def lost(so_far: int) -> None:
        if so_far == 2:
            raise Refused("another runner has it by now")

    with pytest.raises(Refused):
        run("consistency", progress=lost)
    assert moved("whograph_consistency_findings_total", kind="session_count") == 2
    assert "2 session_count" in caplog.text


def test_a_check_that_was_cut_off_goes_on_where_it_was(
    api: Api,
    graph: Graph,
    run: Callable[..., int | None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(consistency, "PAGE", 2)
    for number in range(5):
        api.track(api.init(f"f-{number}"))
    graph.rows("MATCH (s:Session) SET s.events = 9")
    nodes = sum(api.change("consistency", "check")["checked"].values())
    moved = Metrics(api)

    def cut_off(so_far: int) -> None:
        if so_far == 9:
            raise Refused("the process ends")

    with pytest.raises(Refused):
        run("consistency", progress=cut_off)
    told: list[int] = []
    assert run("consistency", progress=told.append) == nodes
    assert told[0] == 8, "it goes on with the page in which it was cut off"
    assert caplog.messages[-1].endswith("5 session_count")
    # The two findings of the page in which it was cut off are counted again.
    assert moved("whograph_consistency_findings_total", kind="session_count") == 7

    told.clear()
    run("consistency", progress=told.append)
    assert told[0] == 2, "the next check begins at the beginning"


def test_a_check_says_how_many_nodes_were_too_large(
    api: Api, run: Callable[..., int | None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    api.track(api.init("f-1"))

    def slow(*_: Any) -> list[consistency.Looked]:
        raise GraphTimeout("Neo4j took longer over the transaction than it is given")

    nodes = sum(api.change("consistency", "check")["checked"].values())
    monkeypatch.setattr(consistency, "LOOKS", {**consistency.LOOKS, "events": slow})
    moved = Metrics(api)
    assert run("consistency") == nodes - 1
    assert moved("whograph_consistency_findings_total", kind="not_checked") == 1
    assert f"the graph of {api.keys.tenant_id} has nodes too large to check: 1" in caplog.text
    assert "does not agree" not in caplog.text


def test_a_page_of_a_check_may_not_take_as_long_as_the_lease() -> None:
    assert timedelta(seconds=consistency.PAGE_SECONDS) <= jobs.LEASE / 4


DAILY = dict.fromkeys(("retain", "candidates", "clusters"), 24)


@pytest.mark.parametrize(
    ("environ", "due"),
    [
        ({}, {"erase": 1 / 60, "rerank": 1, "sweep": 1, "stats": 1, "analytics": 1, **DAILY, "consistency": 24}),
        (
            {"CONSISTENCY_INTERVAL_SECONDS": "0"},
            {"erase": 1 / 60, "rerank": 1, "sweep": 1, "stats": 1, "analytics": 1, **DAILY},
        ),
        (
            {"JOBS_INTERVAL_SECONDS": "7200", "CONSISTENCY_INTERVAL_SECONDS": "3600"},
            {"erase": 1 / 60, "rerank": 2, "sweep": 2, "stats": 2, "analytics": 2, **DAILY, "consistency": 1},
        ),
        ({"JOBS_INTERVAL_SECONDS": "0"}, {}),
    ],
)
def test_the_graph_is_checked_at_intervals_of_its_own(environ: dict[str, str], due: dict[str, int]) -> None:
    intervals = jobs.intervals(Settings.from_environment(environ))
    assert {name: interval / timedelta(hours=1) for name, interval in intervals.items()} == due
