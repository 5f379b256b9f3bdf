"""The statistics count one tenant's nodes, and its relationships by their confidence now."""

from datetime import timedelta

import pytest
from flask import Flask

from graph.acts import stats as stats_act
from graph.acts.tenants import create_tenant
from graph.database import Database
from tests.api.test_consistency import told
from tests.conftest import METRICS_KEY
from tests.world import Api, Clock, Graph


def test_a_tenant_without_anything_has_nothing(api: Api) -> None:
    stats = api.get("stats")

    names = ("visitors", "mergedVisitors", "users", "jars", "sessions", "events", "fingerprints", "relationships")
    assert {stats[name] for name in (*names, "activeRelationships")} == {0}
    assert [(bucket["from"], bucket["to"], bucket["count"]) for bucket in stats["confidence"]] == [
        (first, first + 9, 0) for first in range(1, 100, 10)
    ]
    assert stats["at"] == "2026-03-04T12:00:00.000Z"


def test_everything_is_counted_once(api: Api, other_api: Api, clock: Clock, graph: Graph) -> None:
    told(api, clock)
    stats = api.get("stats")

    for label, name in (("Jar", "jars"), ("Session", "sessions"), ("Event", "events"), ("Fingerprint", "fingerprints")):
        assert stats[name] == graph.count(label)
    assert stats["mergedVisitors"] == 1
    assert stats["visitors"] == graph.count("Visitor") - 1
    listed = sum(len(api.pages("users", user, "visitors")) for user in ("anna", "ben", "carl", "dora", "emma"))
    hidden = len(graph.rows("MATCH ()-[r:IDENTIFIED_AS]->() WHERE r.rank IS NOT NULL AND NOT r.visible RETURN r"))
    assert hidden == 1
    assert stats["relationships"] == stats["activeRelationships"] == listed + hidden
    assert sum(stats["bySource"].values()) == sum(bucket["count"] for bucket in stats["confidence"]) == listed + hidden
    assert other_api.get("stats")["users"] == 0


def test_a_user_whom_only_a_refused_call_named_is_not_counted(api: Api, graph: Graph) -> None:
    graph.rows("CREATE (:User:Identity {tenant: 'shop', user_id: 'nobody', identity_id: 'usr_nobody'})")
    assert api.get("stats")["users"] == 0


@pytest.mark.parametrize("stated", [1, 10, 10.5, 11, 55, 90.4, 90.5, 100])
def test_a_relationship_is_in_the_bucket_of_the_figure_that_is_shown(api: Api, stated: float) -> None:
    visit = api.init("f-1")
    api.put("users", "anna", "visitors", visit["visitorId"], confidence=stated)

    [shown_as] = [relationship["confidence"] for relationship in api.get("users", "anna", "visitors")["items"]]
    [bucket] = [bucket for bucket in api.get("stats")["confidence"] if bucket["count"]]
    assert bucket["from"] <= shown_as <= bucket["to"]
    assert bucket["bySource"] == {"stated": 1, "verified": 0, "claimed": 0, "collected": 0}


def test_confidence_is_as_of_now_and_what_fell_below_one_is_not_active(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.put("users", "anna", "visitors", visit["visitorId"], confidence=100)
    clock.forward(days=365 * 20)
    stats = api.get("stats")

    assert (stats["relationships"], stats["activeRelationships"]) == (1, 0)
    assert stats["confidence"][0]["count"] == 1


def test_the_ingest_lag_is_that_of_the_latest_events(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 20 events, half came within 10 s, and 19 within 19 s. Another one came before them, 20 minutes late."""
    visit = api.init("f-1")
    clock.forward(minutes=20)
    moments = [clock() - timedelta(seconds=seconds) for seconds in (1200, *range(1, 21))]
    for happened in moments:
        api.track(visit, timestamp=happened.isoformat())
    assert api.get("stats")["ingestLag"] == {"events": 21, "p50Milliseconds": 11_000, "p95Milliseconds": 20_000}
    monkeypatch.setattr(stats_act, "LATEST_EVENTS", 20)
    assert api.get("stats")["ingestLag"] == {"events": 20, "p50Milliseconds": 10_000, "p95Milliseconds": 19_000}


def test_a_wrong_clock_is_no_lag_and_neither_is_an_event_without_a_time(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    clock.forward(minutes=5)
    wrong = clock() - timedelta(hours=3)
    api.track(visit, timestamp=(wrong - timedelta(seconds=2)).isoformat(), sentAt=wrong.isoformat())
    assert api.get("stats")["ingestLag"] == {"events": 1, "p50Milliseconds": 2_000, "p95Milliseconds": 2_000}
    api.track(visit)
    assert api.get("stats")["ingestLag"] == {"events": 2, "p50Milliseconds": 0, "p95Milliseconds": 2_000}


def test_who_asks_does_not_change_what_prometheus_reads(app: Flask, database: Database, clock: Clock) -> None:
    """Otherwise the job's older figure would come next, and the gauge would go backwards."""
    asking = Api(app, create_tenant(database, "asking", secret_key="x" * 32, now=clock()))
    told(asking, clock)
    assert asking.get("stats")["relationships"]
    exposed = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {METRICS_KEY}"})
    assert exposed.status_code == 200
    assert 'tenant="asking"' not in exposed.get_data(as_text=True)
