"""The job `retain`: what is older than a tenant keeps it goes, and who is who stays."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app import jobs
from graph.acts import retain, tenants
from graph.database import Database
from graph.errors import Refused
from graph.rules.policy import Policy
from graph.rules.retention import Keeping
from graph.rules.times import BEGINNING
from tests.api.test_erase import findings, marked, new_id
from tests.faults.test_races import at_once
from tests.given import TENANT
from tests.world import Answer, Api, Clock, Graph

FOR_EVER = ["events", "sessions", "addresses", "components"]


@dataclass(frozen=True)
class Retention:
    """The retention of tenant `shop`: its policy, runs of the job, and checks of the graph."""

    database: Database
    clock: Clock

    def keep(self, **days: float) -> None:
        """Set how many days each kind of data is kept."""
        policy = {f"{kind}_retention_days": float(number) for kind, number in days.items()}
        tenants.configure(self.database, TENANT, {}, policy)

    def run(self, tenant: str = TENANT, **more: Any) -> int | None:
        """Run the job now, and check that the graph agrees with itself after it."""
        done = jobs.run(self.database, tenant, "retain", clock=self.clock, new_id=new_id, **more)
        self.check()
        return done

    def check(self) -> None:
        assert findings(self.database, self.clock) == []


@pytest.fixture
def retention(database: Database, clock: Clock) -> Retention:
    return Retention(database, clock)


def everything(graph: Graph) -> list[Any]:
    """Return every node and edge but those of jobs and tenants, as text."""
    return graph.rows(
        """
        MATCH (n) WHERE NOT n:Job AND NOT n:Migration AND NOT n:Tenant
        RETURN labels(n) AS what, properties(n) AS said, COUNT { (n)--() } AS edges ORDER BY elementId(n)
        """
    )


def test_everything_is_kept_for_ever_unless_the_policy_says_otherwise(
    api: Api, clock: Clock, graph: Graph, retention: Retention
) -> None:
    session = api.init({"visitorId": "f-1", "components": {"platform": {"value": "Linux"}}}, address="198.51.100.7")
    api.track(session)
    api.identify(session, "anna")
    before = everything(graph)
    clock.forward(days=20_000)
    assert retention.run() == 0
    assert everything(graph) == before
    keeping = Keeping.of(Policy(), clock())
    assert {name: getattr(keeping, name) for name in FOR_EVER} == dict.fromkeys(FOR_EVER, BEGINNING)


def test_events_go_by_their_age_and_counts_stay_true(
    api: Api,
    clock: Clock,
    retention: Retention,
) -> None:
    old = api.init("f-1")
    api.track(old, "old")
    clock.forward(days=20)
    young = api.init("f-1", visitorToken=old["visitorToken"])
    api.track(young, "young")
    retention.keep(event=30)
    clock.forward(days=11)
    assert retention.run() == 1
    assert api.journey("visitors", old["visitorId"]) == ["young"]
    assert api.get("visitors", old["visitorId"])["events"] == 1
    assert api.get("sessions", old["sessionId"])["events"] == 0
    assert retention.run() == 0


def test_what_names_a_user_stays_without_what_it_said(
    api: Api, clock: Clock, graph: Graph, retention: Retention
) -> None:
    session = api.init("f-1")
    api.track(session, "click", page={"url": "https://shop.example/canary"})
    sent: dict[str, Any] = {"properties": {"email": "canary@shop.example"}, "messageId": "m-1"}
    first = api.identify(session, "anna", page={"url": "https://shop.example/canary"}, **sent)
    other = api.init("f-2")
    api.track(other, "buy", userId="carol", properties={"note": "canary"})
    names = ("userId", "identityId", "confidence")
    was = [[api.get("visitors", one["visitorId"])[name] for name in names] for one in (session, other)]
    before = api.get("users", "anna", "visitors", session["visitorId"]).json
    said = api.pages("users", "anna", "journey")[-1]
    retention.keep(event=30, session=30)
    clock.forward(days=80)
    assert retention.run() == 3
    assert [[api.get("visitors", one["visitorId"])[name] for name in names] for one in (session, other)] == was
    assert api.journey("visitors", other["visitorId"]) == ["buy"]
    assert [item["visitorId"] for item in api.pages("users", "carol", "visitors")] == [other["visitorId"]]
    assert api.journey("users", "anna") == ["identify"]
    [event] = api.pages("users", "anna", "journey")
    assert (event["properties"], event["page"]["url"]) == ({}, None)
    assert [event[name] for name in ("eventId", "timestamp", "sessionId")] == [
        said[name] for name in ("eventId", "timestamp", "sessionId")
    ]
    after = api.get("users", "anna", "visitors", session["visitorId"]).json
    assert (after["count"], after["lastSeen"]) == (before["count"], before["lastSeen"])
    assert marked(graph) == []
    # The message id of a login that stays is known, too.
    again = api.identify(session, "anna", page={"url": "https://shop.example/canary"}, **sent)
    assert (again["duplicate"], again["eventId"]) == (True, first["eventId"])
    assert retention.run() == 0


def test_sessions_go_that_hold_nothing_and_for_which_nothing_can_arrive(
    api: Api, clock: Clock, graph: Graph, retention: Retention
) -> None:
    empty, with_event, with_user = api.init("f-1"), api.init("f-2"), api.init("f-3", userId="anna")
    api.track(with_event)
    claimed = api.init("f-5")
    api.put("users", "ben", "visitors", claimed["visitorId"], confidence=90, claim=True)
    api.post("/eventTracking/collect", {"fingerprint": {"visitorId": "f-4"}})
    retention.keep(session=10)
    clock.forward(days=30)
    assert retention.run() == 0
    clock.forward(days=2)
    assert retention.run() == 2
    api.get("sessions", empty["sessionId"], expect=404)
    api.get("sessions", with_event["sessionId"])
    api.get("sessions", with_user["sessionId"])
    assert api.get("sessions", claimed["sessionId"])["userId"] == "ben"
    assert graph.count("Collection") == 0
    # Whoever it was is still known.
    assert api.get("visitors", empty["visitorId"])["sessions"] == 0
    assert api.init("f-1", visitorToken=empty["visitorToken"])["visitorId"] == empty["visitorId"]
    assert len(api.pages("users", "anna", "visitors")) == 1
    retention.keep(event=10)
    assert retention.run() == 2
    api.get("sessions", with_event["sessionId"], expect=404)


def test_addresses_go_wherever_they_are(api: Api, clock: Clock, graph: Graph, retention: Retention) -> None:
    one = api.init("f-1", address="198.51.100.7")
    api.track(one, address="198.51.100.7")
    other = api.init("f-2", address="198.51.100.7")
    for fingerprint in ("f-1", "f-9"):
        api.post("/eventTracking/collect", {"fingerprint": {"visitorId": fingerprint}}, address="198.51.100.7")
    assert len(graph.edges("PROBABLY")) > 1
    clock.forward(days=20)
    api.init("f-3", address="198.51.100.8")
    retention.keep(address=30)
    clock.forward(days=18)
    retention.run()
    kept = graph.rows("MATCH (n) WHERE n.address IS NOT NULL RETURN DISTINCT n.address AS address")
    assert kept == [{"address": "198.51.100.8"}]
    assert marked(graph, "198.51.100.7") == []
    assert graph.edges("PROBABLY") == set()
    assert api.journey("visitors", one["visitorId"]) == ["click"]
    assert api.get("sessions", other["sessionId"])["visitorId"] == other["visitorId"]
    assert retention.run() == 0


def test_components_go_when_nobody_shows_the_fingerprint_any_more(
    api: Api, clock: Clock, graph: Graph, retention: Retention
) -> None:
    drawn = {name: {"canvas": {"value": name}, "fonts": {"value": ["all"]}} for name in ("f-1", "f-2")}
    for name, components in drawn.items():
        api.init({"visitorId": name, "components": components})
    clock.forward(days=20)
    api.init({"visitorId": "f-2", "components": drawn["f-2"]})
    retention.keep(components=30)
    clock.forward(days=11)
    assert retention.run() == 1
    rows = graph.rows(
        "MATCH (f:Fingerprint) RETURN f.hash AS hash, f.components IS NULL AND f.features IS NULL AS gone ORDER BY hash"
    )
    assert rows == [{"hash": "f-1", "gone": True}, {"hash": "f-2", "gone": False}]
    assert graph.edges("IN_BUCKET") == {("f-2", "graphics"), ("f-2", "fonts")}
    assert graph.count("FuzzyBucket") == 2, "that of the other's canvas is gone"
    # Shown again, it can be compared again.
    api.init({"visitorId": "f-1", "components": drawn["f-1"]})
    assert len(graph.edges("IN_BUCKET")) == 4


def test_another_tenant_keeps_what_is_its_own(api: Api, other_api: Api, clock: Clock, retention: Retention) -> None:
    visits = [each.init("f-1", address="198.51.100.7") for each in (api, other_api)]
    for each, visit in zip((api, other_api), visits, strict=True):
        each.track(visit)
    retention.keep(event=1, session=1, address=1, components=1)
    clock.forward(days=40)
    assert retention.run("rival") == 0
    assert retention.run() != 0
    assert other_api.journey("visitors", visits[1]["visitorId"]) == ["click"]
    assert api.journey("visitors", visits[0]["visitorId"]) == []


def test_a_run_that_was_cut_off_is_finished_by_the_next(
    api: Api,
    clock: Clock,
    graph: Graph,
    retention: Retention,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retain, "BATCH", 2)
    for number in range(5):
        session = api.init(f"f-{number}")
        for _ in range(3):
            api.track(session)
    retention.keep(event=5, session=5, address=5)
    clock.forward(days=40)
    told: list[int] = []

    def stop(so_far: int) -> None:
        told.append(so_far)
        if so_far >= 5:
            raise Refused("another runner has it by now")

    with pytest.raises(Refused):
        retention.run(progress=stop)
    assert told == sorted(told)
    assert 0 < graph.count("Event") < 15
    retention.check()
    clock.forward(minutes=3)
    retention.run()
    assert [graph.count(label) for label in ("Event", "Session", "BrowserAtIp", "IpAddress")] == [0, 0, 0, 0]
    assert graph.count("Visitor") == 5


def test_what_arrives_while_the_job_runs_is_counted(
    api: Api, clock: Clock, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retain, "BATCH", 2)
    old = api.init("f-1")
    for _ in range(8):
        api.track(old, "old")
    retention.keep(event=5, session=5)
    clock.forward(days=11)
    young = api.init("f-1", visitorToken=old["visitorToken"])

    def work(number: int) -> Answer:
        if number == 0:
            assert jobs.run(retention.database, TENANT, "retain", clock=clock, new_id=new_id) == 9
            return young
        return api.track(young, "young")

    at_once(6, work)
    assert api.journey("visitors", old["visitorId"]) == ["young"] * 5
    assert api.get("visitors", old["visitorId"])["sessions"] == 1
    retention.check()


def test_a_repeat_of_what_was_removed_is_refused(api: Api, clock: Clock, retention: Retention) -> None:
    retention.keep(event=3)
    session = api.init("f-1")
    sent: dict[str, Any] = {"messageId": "m-1", "timestamp": clock().isoformat()}
    api.track(session, **sent, sentAt=clock().isoformat())
    clock.forward(days=2)
    assert api.track(session, **sent, sentAt=clock().isoformat())["duplicate"]
    clock.forward(days=2)
    assert retention.run() == 1
    answer = api.track(session, **sent, sentAt=clock().isoformat(), expect=410)
    assert "3 days" in answer["detail"]
    assert api.journey("visitors", session["visitorId"]) == []


def test_what_can_still_arrive_is_younger_than_what_goes() -> None:
    policy = Policy(event_retention_days=7.0, session_retention_days=7.0)
    assert policy.late_delivery == timedelta(days=7)
    assert Policy(event_retention_days=90.0).late_delivery == timedelta(days=30)
