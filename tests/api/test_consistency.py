"""A check finds each kind of damage with its ids, repairs what follows from other facts, and sees no other tenant's data."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

import pytest
import uuid6

from app import jobs
from graph.acts import consistency
from graph.acts.rebuild import Rebuild
from graph.database import Database
from graph.errors import GraphTimeout
from graph.rules.consistency import Kind
from graph.rules.derived import Derived
from graph.rules.policy import Policy
from graph.store import visitors
from graph.transaction import Transaction
from tests import given
from tests.api.test_candidates import days_at_home
from tests.api.test_merge import snapshot
from tests.faults.test_races import at_once, statuses
from tests.graph.test_claims import MINUTES, POLICY, Walk
from tests.statements import statements
from tests.world import IPHONE, Answer, Api, Clock, Done, Graph, Json


def check(api: Api, *, repair: bool = False) -> list[Json]:
    """Run a check, and return each finding as its kind, its ids and whether it was repaired."""
    answer = api.change("consistency", "check", repair=repair)
    assert answer["findingsLeftOut"] == 0
    found: list[Json] = answer["findings"]
    assert all(finding["detail"] for finding in found)
    return [{"kind": finding["kind"], **finding["ids"], "repaired": finding["repaired"]} for finding in found]


def told(api: Api, clock: Clock) -> dict[str, Answer]:
    """Make a graph with every kind of relationship and fact, and return its main visits.

    It has laptops with equal fingerprints, a phone, two logins in one browser, an adoption, a merge, a split, a release
    and a statement. Anna's relationship with the phone is hidden by way of the visitor that was merged into the phone.
    """
    laptop = api.init("f-1")
    api.track(laptop)
    clock.forward(minutes=1)
    api.identify(laptop, "anna")
    again = api.init("f-1", visitorToken=laptop["visitorToken"], userId="anna")
    clock.forward(minutes=1)
    api.identify(again, "ben")
    api.track(again, "late", timestamp="2026-03-04T12:00:30.000Z")
    alike = api.init("f-1")
    api.track(alike)
    clock.forward(minutes=1)
    phone = api.init("f-2", agent=IPHONE)
    api.identify(phone, "anna")
    other = api.init("f-3")
    api.identify(other, "anna")
    api.track(None, userId="anna", secret=True)
    clock.forward(minutes=1)
    api.change("visitors", other["visitorId"], "merge", into=phone["visitorId"])
    api.put("users", "anna", "visitors", other["visitorId"], "visibility", visible=False)
    gone = api.init("f-4")
    api.identify(gone, "carl")
    api.change("visitors", gone["visitorId"], "merge", into=laptop["visitorId"], force=True, reason="a test")
    clock.forward(minutes=1)
    api.change("visitors", gone["visitorId"], "split")
    api.remove("users", "carl", "visitors", gone["visitorId"])
    api.put("users", "dora", "visitors", laptop["visitorId"], confidence=70)
    api.init("f-5")
    api.identify(api.init("f-5"), "emma")
    return {"laptop": laptop, "again": again, "phone": phone, "other": other, "gone": gone}


def test_where_there_is_nothing_everything_was_looked_at_all_the_same(api: Api) -> None:
    answer = api.change("consistency", "check")
    assert answer["checked"] == dict.fromkeys(consistency.LOOKS, 0)


def test_a_healthy_graph_has_nothing_to_report(api: Api, clock: Clock) -> None:
    told(api, clock)
    answer = api.change("consistency", "check")

    assert answer.json["findings"] == []
    assert answer["checked"]["visitors"] >= 4
    assert answer["checked"]["events"] > 5
    assert api.change("consistency", "check", repair=True)["findings"] == []


@pytest.mark.parametrize("seed", range(3))
def test_wherever_a_walk_leads_there_is_nothing_to_report(
    seed: int, database: Database, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(database, graph, random.Random(seed))  # noqa: S311 - the walk is repeatable
    for _ in range(MINUTES):
        walk.step()
    monkeypatch.setattr(consistency, "PAGE", 7)
    report = consistency.act(
        database,
        consistency.Check(
            POLICY, is_repairing=False, at=given.NOON, actor="job:test", new_id=lambda: str(uuid6.uuid7())
        ),
    )

    assert report.findings == []
    for label, name in (("Visitor", "visitors"), ("Tenure", "tenures"), ("Session", "sessions"), ("Event", "events")):
        assert report.checked[name] == graph.count(label)
    for row in graph.rows("MATCH (v:Visitor) RETURN v.visitor_id AS id"):
        whole, in_parts = database.read(whole_and_in_parts, row["id"])
        assert in_parts.numbers(POLICY) | {"recent_users": []} == whole.numbers(POLICY) | {"recent_users": []}
        assert in_parts.records == whole.records


def whole_and_in_parts(tx: Transaction, visitor_id: str) -> tuple[Derived, Derived]:
    """Return what was observed on a visitor's jars, read at once and jar by jar."""
    parts, after = [], ""
    while True:
        part, last = visitors.observed_on(tx, visitor_id, after, 1)
        parts += [part] if part else []
        if last is None:
            return visitors.observed(tx, [visitor_id])[visitor_id], Derived.joined(parts)
        after = last


def test_a_user_id_that_was_refused_by_a_merge_counts_once_that_is_undone(api: Api, clock: Clock, graph: Graph) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    alike = api.init("f-2")
    api.identify(first, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", first["visitorId"])
    api.change("visitors", second["visitorId"], "merge", into=first["visitorId"])
    for fingerprint in ("f-2", "f-3"):
        clock.forward(minutes=1)
        api.init(fingerprint, visitorToken=second["visitorToken"], userId="anna")
    collected = {"fingerprint": {"visitorId": "f-2"}, "userId": "anna", "visitorToken": second["visitorToken"]}
    assert api.post("/eventTracking/collect", collected).status == 200
    assert graph.edges("IDENTIFIED_AS") == set()
    assert check(api, repair=True) == []

    clock.forward(minutes=1)
    api.change("visitors", second["visitorId"], "split")
    jar = api.get("sessions", alike["sessionId"])["jarId"]
    api.change("visitors", second["visitorId"], "split", jar=jar)
    [found] = graph.rows(
        "MATCH (v)-[r:IDENTIFIED_AS]->() RETURN v.visitor_id AS visitor_id, r.collected_count AS count"
    )
    assert found == {"visitor_id": second["visitorId"], "count": 3}
    assert check(api, repair=True) == []
    assert graph.count("Collection") == 1

    # A user id that comes in later counts too.
    api.init("f-2", visitorToken=second["visitorToken"], userId="anna")
    assert api.get("users", "anna", "visitors", second["visitorId"])["count"] == 4
    assert check(api) == []


def test_a_user_id_that_counted_by_a_merge_still_counts_after_the_split(api: Api, clock: Clock) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    for visit in (first, second):
        api.identify(visit, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", first["visitorId"])
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])
    clock.forward(minutes=1)
    api.init("f-1", visitorToken=first["visitorToken"], userId="anna")
    clock.forward(minutes=1)
    api.change("visitors", first["visitorId"], "split")
    assert check(api, repair=True) == []
    assert api.get("users", "anna", "visitors", first["visitorId"])["source"] == "collected"


@dataclass(frozen=True)
class Damage:
    """A query that breaks the graph and returns the ids that the finding of kind `kind` must have."""

    kind: str
    query: LiteralString
    is_repaired: bool = False


DAMAGES = {
    "the key of a relationship": Damage(
        "relationship_key",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) SET r.user_id = 'eve'
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
    ),
    "a rank that no index finds": Damage(
        "relationship_not_found",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) SET r.rank = 0.0 / 0.0
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "the figures of a relationship": Damage(
        "relationship_figures",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) SET r.confidence = 12.5, r.count = 99, r.source = 'verified'
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a survivor's figures": Damage(
        "relationship_figures",
        """
        MATCH (:Visitor)-[:MERGED_INTO]->(v)-[r:IDENTIFIED_AS]->(u) SET r.count = 1, r.last_seen = r.first_seen
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a merged visitor's place in lists": Damage(
        "relationship_figures",
        """
        MATCH (v:Visitor)-[:MERGED_INTO]->(), (v)-[r:IDENTIFIED_AS]->(u) SET r.rank = 90.0
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a statement's figures": Damage(
        "relationship_figures",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'dora'}) REMOVE r.confidence
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "what was recorded of logins": Damage(
        "relationship_records",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) SET r.claimed_count = 7, r.count = 7
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "half of a record": Damage(
        "relationship_records",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) REMOVE r.claimed_first
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a relationship that is gone": Damage(
        "relationship_records",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) DELETE r
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a relationship of nothing": Damage(
        "relationship_records",
        """
        MATCH (v:Visitor)-[:IDENTIFIED_AS]->({user_id: 'ben'}), (u:User {user_id: 'emma'})
        CREATE (v)-[:IDENTIFIED_AS {
          tenant: 'shop', user_id: 'emma', visitor_id: v.visitor_id, rank: 9.0, collected_count: 1,
          collected_first: v.first_seen, collected_last: v.last_seen
        }]->(u)
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "that a login was verified": Damage(
        "relationship_verified",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) SET r.verified = true
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "that a login on a server was verified": Damage(
        "relationship_verified",
        """
        MATCH (v:Visitor {kind: 'server'})-[r:IDENTIFIED_AS]->(u) SET r.verified = false
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "whether a survivor's logins were verified": Damage(
        "relationship_verified",
        """
        MATCH (:Visitor)-[:MERGED_INTO]->(v)-[r:IDENTIFIED_AS]->(u) REMOVE r.verified
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a relationship that nobody hid": Damage(
        "relationship_visible",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) SET r.visible = false
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a relationship that does not say whether it is hidden": Damage(
        "relationship_visible",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'ben'}) REMOVE r.visible
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a survivor that shows what is hidden below it": Damage(
        "relationship_visible",
        """
        MATCH (:Visitor)-[:MERGED_INTO]->(v)-[r:IDENTIFIED_AS]->(u) SET r.visible = true
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a merged visitor that shows what is hidden above it": Damage(
        "relationship_visible",
        """
        MATCH (v:Visitor)-[:MERGED_INTO]->(w)-[s:IDENTIFIED_AS]->(u), (v)-[r:IDENTIFIED_AS]->(u)
        SET s.hidden = true, r.hidden = null, r.visible = true
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "what was hidden and is shown on all that are one": Damage(
        "relationship_visible",
        """
        MATCH (v:Visitor)-[r:IDENTIFIED_AS]->(u {user_id: 'anna'})
        WHERE EXISTS { (v)-[:MERGED_INTO]-() }
        SET r.visible = true
        RETURN v.visitor_id AS visitorId, u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a session's number of events": Damage(
        "session_count",
        "MATCH (s:Session {tenant: 'shop'}) WHERE s.events = 1 SET s.events = 2 RETURN s.session_id AS sessionId",
        is_repaired=True,
    ),
    "a tenure's number of sessions": Damage(
        "tenure_count",
        "MATCH (t:Tenure {tenant: 'shop'}) REMOVE t.sessions RETURN t.identity_id AS tenureId",
        is_repaired=True,
    ),
    "a tenure's number of events": Damage(
        "tenure_count",
        "MATCH (t:Tenure {tenant: 'shop'}) SET t.events = -1 RETURN t.identity_id AS tenureId",
        is_repaired=True,
    ),
    "a visitor's survivor": Damage(
        "visitor_root",
        "MATCH (v:Visitor {tenant: 'shop'}) SET v.root_id = 'vis_none' RETURN v.visitor_id AS visitorId",
        is_repaired=True,
    ),
    "a merged visitor's survivor": Damage(
        "visitor_root",
        """
        MATCH (v:Visitor)-[:MERGED_INTO]->(), (v)-[r:IDENTIFIED_AS]->(u)
        SET v.root_id = v.visitor_id, r.claimed_count = 7
        RETURN DISTINCT v.visitor_id AS visitorId
        """,
        is_repaired=True,
    ),
    "a visitor's survivor that is missing": Damage(
        "visitor_root",
        "MATCH (v:Visitor {tenant: 'shop'}) REMOVE v.root_id RETURN v.visitor_id AS visitorId",
        is_repaired=True,
    ),
    "a visitor's number of known jars": Damage(
        "visitor_jars",
        "MATCH (v:Visitor {tenant: 'shop'}) SET v.known_jars = 9 RETURN v.visitor_id AS visitorId",
        is_repaired=True,
    ),
    "a visitor's latest tenure": Damage(
        "visitor_latest_tenure",
        "MATCH (v:Visitor {tenant: 'shop'}) SET v.latest_tenure_id = 'ten_none' RETURN v.visitor_id AS visitorId",
        is_repaired=True,
    ),
    "an adoption that is missing": Damage(
        "adoption",
        "MATCH (t)-[r:RESOLVES_TO {method: 'adopted'}]->() DELETE r RETURN t.identity_id AS tenureId",
        is_repaired=True,
    ),
    "an adoption of another's": Damage(
        "adoption",
        """
        MATCH (t)-[r:RESOLVES_TO {method: 'adopted'}]->(), (u:User {user_id: 'dora'})
        CREATE (t)-[other:RESOLVES_TO]->(u) SET other = properties(r) DELETE r
        RETURN t.identity_id AS tenureId
        """,
        is_repaired=True,
    ),
    "an edge to another tenant's fingerprint": Damage(
        "another_tenants",
        """
        MATCH (v:Visitor {tenant: 'shop'})-[:IDENTIFIED_AS]->({user_id: 'ben'}), (f:Fingerprint {tenant: 'rival'})
        CREATE (v)-[:HAS_FINGERPRINT]->(f) RETURN v.visitor_id AS visitorId, 'HAS_FINGERPRINT' AS type
        """,
    ),
    "an edge from another tenant's session": Damage(
        "another_tenants",
        """
        MATCH (e:Event {name: 'late'}), (s:Session {tenant: 'rival'}) WITH e, s LIMIT 1
        CREATE (s)-[:RECORDED]->(e) RETURN e.event_id AS eventId, 'RECORDED' AS type
        """,
    ),
    "an edge from another tenant's collection": Damage(
        "another_tenants",
        """
        MATCH (t)-[:RESOLVES_TO]->({user_id: 'ben'}) CREATE (:Collection {tenant: 'rival'})-[:DURING]->(t)
        RETURN t.identity_id AS tenureId, 'DURING' AS type
        """,
    ),
    "a browser at another tenant's address": Damage(
        "another_tenants",
        """
        MATCH (b:BrowserAtIp {tenant: 'shop'}), (a:IpAddress {tenant: 'rival'}) WITH b, a LIMIT 1
        CREATE (b)-[:AT]->(a) RETURN b.address AS address, 'AT' AS type
        """,
    ),
    "two merges of one visitor": Damage(
        "several_merges",
        """
        MATCH (v:Visitor)-[:MERGED_INTO]->(), (w:Visitor)-[:IDENTIFIED_AS]->({user_id: 'ben'})
        CREATE (v)-[:MERGED_INTO]->(w) RETURN v.visitor_id AS visitorId
        """,
    ),
    "a circle of merges": Damage(
        "merge_circle",
        """
        MATCH (v:Visitor)-[:MERGED_INTO]->(w) CREATE (w)-[:MERGED_INTO]->(v)
        WITH v, w UNWIND [v, w] AS one RETURN one.visitor_id AS visitorId
        """,
    ),
    "two ties of one tenure": Damage(
        "several_ties",
        """
        MATCH (t:Tenure)-[:TIED_TO]->(), (other:Tenure)-[:RESOLVES_TO {method: 'claim'}]->({user_id: 'ben'})
        WITH t, other ORDER BY t.identity_id LIMIT 1
        CREATE (t)-[:TIED_TO {confidence: 0.5}]->(other) RETURN t.identity_id AS tenureId
        """,
    ),
    "a circle of ties": Damage(
        "tie_circle",
        """
        MATCH (t:Tenure)-[:TIED_TO]->(u) WHERE NOT (u)-[:TIED_TO]->() WITH t, u ORDER BY t.identity_id LIMIT 1
        CREATE (u)-[:TIED_TO {confidence: 0.5}]->(t)
        WITH t, u UNWIND [t, u] AS one RETURN one.identity_id AS tenureId
        """,
    ),
    "a tenure of two users": Damage(
        "several_users",
        """
        MATCH (t)-[:RESOLVES_TO {method: 'claim'}]->({user_id: 'ben'}), (u:User {user_id: 'dora'})
        CREATE (t)-[:RESOLVES_TO {method: 'claim', at: datetime()}]->(u) RETURN t.identity_id AS tenureId
        """,
    ),
    "a jar in two visitors": Damage(
        "several_visitors",
        """
        MATCH (j:Jar)-[:IN]->(v)-[:IDENTIFIED_AS]->({user_id: 'emma'}), (w:Visitor)-[:IDENTIFIED_AS]->({user_id: 'ben'})
        CREATE (j)-[:IN]->(w) RETURN j.jar_id AS jarId
        """,
    ),
    "an event of two sessions": Damage(
        "several_wholes",
        """
        MATCH (s:Session)-[:RECORDED]->(e {name: 'late'}), (other:Session)-[:DURING]->(t)<-[:DURING]-(s)
        WITH e, other ORDER BY other.session_id LIMIT 1
        CREATE (other)-[:RECORDED]->(e) RETURN e.event_id AS eventId
        """,
    ),
    "a session in two tenures": Damage(
        "several_wholes",
        """
        MATCH (s)-[:DURING]->()-[:RESOLVES_TO]->({user_id: 'ben'}), (t:Tenure)-[:RESOLVES_TO]->({user_id: 'emma'})
        WITH s, t ORDER BY t.identity_id LIMIT 1
        CREATE (s)-[:DURING]->(t) RETURN s.session_id AS sessionId
        """,
    ),
    "a tenure on two jars": Damage(
        "several_wholes",
        """
        MATCH (t)-[:RESOLVES_TO]->({user_id: 'ben'}), (j:Jar)-[:IN]->(v)-[:IDENTIFIED_AS]->({user_id: 'emma'})
        WITH t, j ORDER BY j.jar_id LIMIT 1
        CREATE (t)-[:ON]->(j) RETURN t.identity_id AS tenureId
        """,
    ),
    "a jar with two current tenures": Damage(
        "several_wholes",
        """
        MATCH (j:Jar)-[:CURRENT]->(t)-[:RESOLVES_TO]->({user_id: 'ben'}), (other:Tenure)-[:ON]->(j)
        WHERE other <> t CREATE (j)-[:CURRENT]->(other) RETURN j.jar_id AS jarId
        """,
    ),
    "an event that names another tenure": Damage(
        "event_tenure",
        """
        MATCH (e:Event {name: 'late'}), (t:Tenure)-[:RESOLVES_TO]->({user_id: 'ben'})
        SET e.tenure_id = t.identity_id RETURN e.event_id AS eventId
        """,
    ),
    "a claim by a session that is elsewhere": Damage(
        "claim_session",
        """
        MATCH (t)-[r:RESOLVES_TO {method: 'claim'}]->({user_id: 'ben'}), (s:Session)
        WHERE NOT (s)-[:DURING]->(t) WITH t, r, s ORDER BY s.session_id LIMIT 1
        SET r.session_id = s.session_id RETURN t.identity_id AS tenureId
        """,
    ),
    "a first jar that is only probably its visitor's": Damage(
        "first_jar",
        """
        MATCH (j:Jar)-[r:IN]->(v)-[:IDENTIFIED_AS]->({user_id: 'ben'}) WHERE r.method = 'new'
        SET r.method = 'ip', r.confidence = 0.2 RETURN v.visitor_id AS visitorId
        """,
    ),
    "a jar without visitor": Damage(
        "jar_without_visitor",
        "MATCH (j:Jar)-[r:IN]->()-[:IDENTIFIED_AS]->({user_id: 'ben'}) DELETE r RETURN j.jar_id AS jarId",
    ),
    "a tenure without jar": Damage(
        "tenure_without_jar",
        "MATCH (t)-[:RESOLVES_TO]->({user_id: 'ben'}) MATCH (t)-[r:ON]->() DELETE r RETURN t.identity_id AS tenureId",
    ),
    "a session without tenure": Damage(
        "session_without_tenure",
        """
        MATCH (s)-[r:DURING]->()-[:RESOLVES_TO]->({user_id: 'ben'}) DELETE r RETURN s.session_id AS sessionId
        """,
    ),
    "an event without session": Damage(
        "event_without_session",
        "MATCH (:Session)-[r:RECORDED]->(e {name: 'late'}) DELETE r RETURN e.event_id AS eventId",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_where_it_is_and_repaired_where_that_follows(
    name: str, api: Api, other_api: Api, clock: Clock, graph: Graph
) -> None:
    damage = DAMAGES[name]
    told(api, clock)
    other_api.init("f-1")
    planted = as_set(graph.rows(damage.query))

    found = check(api)
    assert planted
    assert as_set(found, damage.kind) == planted
    assert not any(finding["repaired"] for finding in found)
    assert check(api) == found, "a check without repair writes nothing"

    repaired = check(api, repair=True)
    assert {finding["repaired"] for finding in repaired if finding["kind"] == damage.kind} == {damage.is_repaired}
    left = check(api)
    assert left == [] if damage.is_repaired else as_set(left, damage.kind) == planted


@pytest.fixture
def joined(api: Api, clock: Clock, database: Database) -> None:
    """Three linked users and one who is not, an open candidate of two visitors, and a refused one."""
    for user_id in ("anna", "anna@work", "anna@home", "ben"):
        clock.forward(minutes=1)
        api.identify(api.init(f"of {user_id}"), user_id)
    for other_id in ("anna@work", "anna@home"):
        api.change("users", "anna", "link", to=other_id)
    days_at_home(api, clock)
    days_at_home(api, clock, address="203.0.113.77")
    jobs.run(database, api.keys.tenant_id, "candidates", clock=clock, new_id=lambda: str(uuid6.uuid7()))
    api.change("candidates", api.pages("candidates")[0]["candidateId"], "refuse")
    assert len(api.pages("candidates")) == 1
    assert check(api) == []


JOINED_DAMAGES = {
    "a user's identity by links": Damage(
        "linked_id",
        "MATCH (u:User {user_id: 'anna@work'}) SET u.linked_id = 'usr_x' RETURN u.user_id AS userId",
        is_repaired=True,
    ),
    "all users' identity by links": Damage(
        "linked_id",
        "MATCH (u:User) WHERE u.linked_id IS NOT NULL REMOVE u.linked_id RETURN u.user_id AS userId",
        is_repaired=True,
    ),
    "an identity of a user who is linked with nobody": Damage(
        "linked_id",
        """
        MATCH (u:User {user_id: 'ben'}), (anna:User {user_id: 'anna'})
        SET u.linked_id = anna.identity_id
        RETURN u.user_id AS userId
        """,
        is_repaired=True,
    ),
    "a link that is gone": Damage(
        "linked_id",
        "MATCH ()-[l:LINKED_TO]->(u:User {user_id: 'anna@home'}) DELETE l RETURN u.user_id AS userId",
        is_repaired=True,
    ),
    "which way a candidate leads": Damage(
        "candidate_ends",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->(other)
        WITH v, other, c, properties(c) AS said
        DELETE c
        CREATE (other)-[turned:MAY_BE]->(v)
        SET turned = said
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "a second candidate of two visitors": Damage(
        "candidate_ends",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'refused'}]->(other)
        CREATE (v)-[:MAY_BE {
          tenant: 'shop', candidate_id: 'can_x', state: 'open', confidence: c.confidence, found_at: c.found_at + duration('P1D')
        }]->(other)
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "the key of a candidate": Damage(
        "candidate_ends",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->(other) REMOVE c.tenant
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "a candidate of a visitor and a user": Damage(
        "candidate_ends",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->(), (u:User {user_id: 'ben'})
        CREATE (v)-[:MAY_BE {tenant: 'shop', candidate_id: 'can_x', state: 'open'}]->(u)
        RETURN v.visitor_id AS visitorId
        """,
        is_repaired=True,
    ),
    "a candidate of a visitor and itself": Damage(
        "candidate_ends",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->()
        CREATE (v)-[:MAY_BE {tenant: 'shop', candidate_id: 'can_x', state: 'open'}]->(v)
        RETURN v.visitor_id AS visitorId, v.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "a candidate of a visitor of whom nothing is left": Damage(
        "candidate_ends",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->()
        CREATE (gone:Visitor {tenant: 'shop', visitor_id: 'vis_~', root_id: 'vis_~', kind: 'browser', known_jars: 0})
        CREATE (v)-[:MAY_BE {
          tenant: 'shop', candidate_id: 'can_x', state: 'open', addresses: c.addresses, arithmetic: c.arithmetic,
          confidence: c.confidence, first_seen: c.first_seen, found_at: c.found_at
        }]->(gone)
        RETURN v.visitor_id AS visitorId, gone.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "an open candidate that says when somebody decided": Damage(
        "candidate_state",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->(other) SET c.decided_at = c.found_at
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "a candidate in no known state": Damage(
        "candidate_state",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->(other) SET c.state = 'maybe'
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "a refusal without a time": Damage(
        "candidate_state",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'refused'}]->(other) REMOVE c.decided_at
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
    ),
    "a refusal before the candidate was found": Damage(
        "candidate_state",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'refused'}]->(other) SET c.decided_at = c.found_at - duration('P1D')
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
    ),
    "the figures of a candidate": Damage(
        "candidate_figures",
        """
        MATCH (v:Visitor)-[c:MAY_BE]->(other) SET c.confidence = 0.99, c.first_seen = c.found_at
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
        is_repaired=True,
    ),
    "the evidence of a candidate": Damage(
        "candidate_figures",
        """
        MATCH (v:Visitor)-[c:MAY_BE {state: 'open'}]->(other) SET c.arithmetic = '{'
        RETURN v.visitor_id AS visitorId, other.visitor_id AS otherId
        """,
    ),
}


@pytest.mark.parametrize("name", JOINED_DAMAGES)
def test_damage_to_links_and_candidates_is_found_and_repaired(
    name: str, joined: None, api: Api, graph: Graph, database: Database
) -> None:
    damage = JOINED_DAMAGES[name]
    before = snapshot(graph)
    planted = as_set(graph.rows(damage.query))

    found = check(api)
    assert planted
    assert as_set(found, damage.kind) == planted
    assert check(api) == found, "a check without repair writes nothing"

    if damage.is_repaired:
        rebuilding = Rebuild(Policy(), given.NOON, "job:test", lambda: str(uuid6.uuid7()), False, "chg_rebuild")
        assert Kind(damage.kind) in rebuilding.act(database).kinds
    repaired = check(api, repair=True)
    assert {finding["repaired"] for finding in repaired if finding["kind"] == damage.kind} == {damage.is_repaired}
    left = check(api)
    assert left == [] if damage.is_repaired else as_set(left, damage.kind) == planted
    if damage.is_repaired and name not in {"a link that is gone", "a candidate of a visitor of whom nothing is left"}:
        assert snapshot(graph) == before
    if damage.kind == "linked_id":
        assert api.pages("audit", about=f"user:{dict(min(planted))['userId']}")[0]["act"] == "repair"


def test_a_visitor_that_lost_its_survivor_keeps_what_was_decided_about_it(joined: None, api: Api, graph: Graph) -> None:
    before = snapshot(graph)
    graph.rows("MATCH (:Visitor)-[:MAY_BE {state: 'refused'}]->(other) REMOVE other.root_id")
    assert {finding["kind"] for finding in check(api, repair=True)} == {"visitor_root"}
    assert snapshot(graph) == before


@pytest.mark.parametrize("seed", range(2))
def test_wherever_links_lead_each_user_has_the_identity_that_they_give(
    seed: int, api: Api, clock: Clock, graph: Graph
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the walk is repeatable
    names = [f"user {number}" for number in range(6)]
    for name in names:
        api.identify(api.init(f"of {name}"), name)
        clock.forward(minutes=1)
    for _ in range(40):
        one, other = chance.sample(names, 2)
        match chance.choices(["link", "unlink", "hide", "erase"], [8, 5, 3, 1])[0]:
            case "link":
                api.post(f"/api/v1/users/{one}/link", {"to": other}, secret=True)
            case "unlink":
                api.remove("users", one, "link", other, expect=None)
            case "hide":
                api.put("users", one, "visibility", visible=chance.random() < 0.5)
            case _:
                api.remove("users", one, expect=None)
                clock.forward(minutes=1)
                api.identify(api.init(f"of {one}"), one)
        clock.forward(minutes=1)
    assert check(api) == []
    assert graph.edges("LINKED_TO")


def as_set(rows: list[Json], kind: str | None = None) -> set[tuple[tuple[str, str], ...]]:
    return {
        tuple(sorted((name, value) for name, value in row.items() if name not in {"kind", "repaired"}))
        for row in rows
        if kind is None or row["kind"] == kind
    }


def test_a_repair_gives_what_it_was_before_and_is_in_the_audit_trail(api: Api, clock: Clock, graph: Graph) -> None:
    laptop = told(api, clock)["laptop"]["visitorId"]
    before = everything(graph)
    graph.rows(
        "MATCH ()-[r:IDENTIFIED_AS {visitor_id: $id}]->() SET r.claimed_count = 9, r.rank = 1.0, r.visible = false",
        id=laptop,
    )
    graph.rows("MATCH (v:Visitor {visitor_id: $id}) SET v.known_jars = 77", id=laptop)

    assert {finding["kind"] for finding in check(api, repair=True)} >= {"relationship_records", "relationship_figures"}
    assert everything(graph) == before
    [entry] = [entry for entry in api.get("audit", about=f"visitor:{laptop}")["items"] if entry["act"] == "repair"]
    assert entry["actor"].startswith("key:")
    says = {finding["kind"]: finding["says"] for finding in entry["before"]["findings"]}
    due = {finding["kind"]: finding["says"] for finding in entry["after"]["findings"]}
    assert (says["visitor_jars"], due["visitor_jars"]) == ({"known_jars": 77}, {"known_jars": 1})
    assert "repair" in {entry["act"] for entry in api.get("audit", about="user:anna")["items"]}


def everything(graph: Graph) -> list[str]:
    """Return all visitors and relationships with all properties but the locks."""
    rows = graph.rows("MATCH (v:Visitor) OPTIONAL MATCH (v)-[r:IDENTIFIED_AS]->() RETURN v, properties(r) AS r")
    return sorted(
        str(
            [
                sorted((name, value) for name, value in (row[column] or {}).items() if name != "_lock")
                for column in ("v", "r")
            ]
        )
        for row in rows
    )


def test_a_policy_that_was_changed_is_a_finding_until_all_is_weighed_anew(
    api: Api, clock: Clock, database: Database
) -> None:
    told(api, clock)
    policy = Policy(relationship_claimed_first=60.0)

    def checked(*, repair: bool) -> consistency.Report:
        return consistency.act(
            database,
            consistency.Check(
                policy, is_repairing=repair, at=clock(), actor="job:test", new_id=lambda: str(uuid6.uuid7())
            ),
        )

    assert checked(repair=False).kinds.keys() == {"relationship_figures"}
    assert checked(repair=True).left == 0
    assert checked(repair=False).kinds.total() == 0
    assert {relationship["confidence"] for relationship in api.get("users", "ben", "visitors")["items"]} == {60}


def test_another_tenants_damage_is_not_seen(api: Api, other_api: Api, clock: Clock, graph: Graph) -> None:
    told(api, clock)
    told(other_api, clock)
    graph.rows("MATCH (n {tenant: 'rival'}) WHERE n:Session OR n:Tenure SET n.events = 99")
    graph.rows("MATCH ()-[r:IDENTIFIED_AS {tenant: 'rival'}]->() SET r.confidence = 1.0")
    graph.rows("MATCH (j:Jar {tenant: 'rival'})-[r:IN]->() DELETE r")

    assert check(api, repair=True) == []
    assert {finding["kind"] for finding in check(other_api)} > {"session_count", "jar_without_visitor"}


def test_an_edge_between_tenants_is_found_where_it_starts(api: Api, other_api: Api, clock: Clock, graph: Graph) -> None:
    told(api, clock)
    other_api.init("f-1")
    planted = graph.rows(
        """
        MATCH (u:User {tenant: 'shop', user_id: 'ben'}), (v:Visitor {tenant: 'rival'})
        CREATE (v)-[:IDENTIFIED_AS]->(u) RETURN v.visitor_id AS visitorId, 'IDENTIFIED_AS' AS type
        """
    )
    assert as_set(check(other_api), "another_tenants") == as_set(planted)
    assert check(api) == []


def test_a_thousand_findings_are_listed_and_the_others_counted(
    api: Api, clock: Clock, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(api, clock)
    graph.rows("MATCH (s:Session) SET s.events = 99")
    monkeypatch.setattr(consistency, "LISTED_MAX", 3)
    answer = api.change("consistency", "check", repair=True)

    assert len(answer["findings"]) == 3
    assert answer["findingsLeftOut"] == graph.count("Session") - 3
    assert check(api) == []


def test_repairs_while_visitors_come_and_go_make_nothing_wrong(api: Api, clock: Clock, graph: Graph) -> None:
    laptop = told(api, clock)["laptop"]

    def one(number: int) -> Answer:
        if number % 2:
            graph.rows("MATCH (v:Visitor {visitor_id: $id}) SET v.known_jars = 77", id=laptop["visitorId"])
            return api.change("consistency", "check", repair=True)
        api.track(api.init("f-1", visitorToken=laptop["visitorToken"]))
        return api.identify(api.init("f-1"), f"user-{number}")

    assert statuses(at_once(12, one)) == {200: 12}
    check(api, repair=True)
    assert check(api) == []


def test_the_command_finds_repairs_and_reads_the_whole_database_for_what_has_no_tenant(
    api: Api, clock: Clock, graph: Graph, command: Callable[..., Done]
) -> None:
    told(api, clock)
    assert command("consistency", "check", "shop", "--json").json["findings"] == []
    graph.rows("MATCH (s:Session) SET s.events = 99")
    broken = command("consistency", "check", "shop", "--json")
    assert (broken.code, {finding["kind"] for finding in broken.json["findings"]}) == (1, {"session_count"})
    done = command("consistency", "check", "shop", "--repair")
    assert done.code == 0
    assert "session_count" in done.out
    assert "0 left" in done.out
    [row] = graph.rows("MATCH (e:AuditEntry {act: 'repair'}) RETURN DISTINCT e.actor AS actor")
    assert row["actor"] == "job:consistency"

    graph.rows("CREATE (:Jar {jar_id: 'jar_lost'})")
    lost = command("consistency", "check", "shop", "--json")
    assert lost.code == 1
    assert [(finding["kind"], finding["ids"]) for finding in lost.json["findings"]] == [
        ("without_tenant", {"label": "Jar", "id": "jar_lost"})
    ]
    assert check(api) == []
    assert command("consistency", "check", "nobody").code == 1


def test_a_check_in_parts_finds_what_a_whole_one_finds(
    api: Api, clock: Clock, graph: Graph, command: Callable[..., Done]
) -> None:
    told(api, clock)
    graph.rows("MATCH (s:Session) SET s.events = 99")
    graph.rows("MATCH (v:Visitor) SET v.known_jars = 77")
    whole = api.change("consistency", "check")

    parts = [api.change("consistency", "check", limit=7)]
    while (cursor := parts[-1]["nextCursor"]) is not None:
        parts.append(api.change("consistency", "check", limit=7, cursor=cursor))
    assert whole["nextCursor"] is None
    assert {sum(part["checked"].values()) for part in parts[:-1]} == {7}
    assert {name: sum(part["checked"][name] for part in parts) for name in consistency.LOOKS} == whole["checked"]
    assert [finding for part in parts for finding in part["findings"]] == whole["findings"]

    rest = command("consistency", "check", "shop", "--json", "--cursor", parts[0]["nextCursor"])
    assert rest.json["checked"] == {name: count - parts[0]["checked"][name] for name, count in whole["checked"].items()}


@pytest.mark.parametrize("wrong", [{"cursor": "x"}, {"limit": 0}, {"limit": "7"}])
def test_what_is_no_cursor_or_limit_of_a_check_is_refused(api: Api, wrong: Json, command: Callable[..., Done]) -> None:
    refused = api.post("/api/v1/consistency/check", wrong, secret=True)
    assert refused.status == 422
    assert next(iter(wrong)) in refused["errors"]
    assert "no cursor of a check" in command("consistency", "check", "shop", "--cursor", "x").err


def test_a_page_that_takes_too_long_is_read_in_parts(
    api: Api, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(api, clock)

    def check(alive: Callable[[int], None] = lambda _: None) -> consistency.Report:
        checking = consistency.Check(Policy(), is_repairing=False, at=clock(), actor="test", new_id=lambda: "x")
        return consistency.act(database, checking, alive)

    at_once = check()
    read, asked = consistency.LOOKS["events"], []

    def slow(tx: Transaction, policy: Policy, first: str, limit: int) -> list[consistency.Looked]:
        asked.append(limit)
        if limit > 1:
            raise GraphTimeout("Neo4j took longer over the transaction than it is given")
        return read(tx, policy, first, limit)

    monkeypatch.setattr(consistency, "LOOKS", {**consistency.LOOKS, "events": slow})
    monkeypatch.setattr(consistency, "PAGE", 2)
    alive: list[int] = []
    in_parts = check(alive.append)
    assert in_parts.checked == at_once.checked
    assert asked[:2] == [2, 1]
    assert alive[:2] == [0, 1]


def too_slow(read: consistency.Look, is_fat: Callable[[str], bool]) -> consistency.Look:
    """Return a check of nodes that takes too long for each page with a fat node."""

    def slow(tx: Transaction, policy: Policy, first: str, limit: int) -> list[consistency.Looked]:
        page = read(tx, policy, first, limit)
        if any(is_fat(node.id) for node in page):
            raise GraphTimeout("Neo4j took longer over the transaction than it is given")
        return page

    return slow


@pytest.mark.parametrize("name", consistency.LOOKS)
def test_a_node_that_takes_too_long_alone_is_not_checked_and_stops_nothing(
    name: str, api: Api, clock: Clock, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(api, clock)
    whole = api.change("consistency", "check")
    graph.rows("MATCH (s:Session) WITH s ORDER BY s.session_id DESC LIMIT 1 SET s.events = 99")
    broken = check(api)

    fat: list[str] = []

    def is_fat(node_id: str) -> bool:
        fat[:] = fat or [node_id]
        return fat == [node_id]

    slow = too_slow(consistency.LOOKS[name], is_fat)
    monkeypatch.setattr(consistency, "LOOKS", {**consistency.LOOKS, name: slow})
    monkeypatch.setattr(consistency, "IN_PARTS", {})
    answer = api.change("consistency", "check", repair=True)
    not_checked = {"kind": "not_checked", "ids": {consistency.ID_NAMES[name]: fat[0]}, "repaired": False}
    found = [{key: value for key, value in finding.items() if key != "detail"} for finding in answer["findings"]]
    assert not_checked in found
    assert answer["checked"] == {**whole["checked"], name: whole["checked"][name] - 1}
    assert [finding["kind"] for finding in found if finding != not_checked] == [finding["kind"] for finding in broken]


@pytest.fixture
def fat(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """A visitor with four jars, in which `anna` logged in, that takes too long to read in one transaction."""
    visits = [api.init("f-1")]
    for _ in range(3):
        clock.forward(minutes=1)
        visits.append(api.init("f-1"))
    for visit in visits:
        clock.forward(minutes=1)
        api.identify(visit, "anna")
    assert {visit["visitorId"] for visit in visits} == {visits[0]["visitorId"]}
    slow = too_slow(consistency.LOOKS["visitors"], lambda node_id: node_id == visits[0]["visitorId"])
    monkeypatch.setattr(consistency, "LOOKS", {**consistency.LOOKS, "visitors": slow})
    monkeypatch.setattr(consistency, "PAGE", 2)
    monkeypatch.setattr(consistency, "JARS", 2)
    return visits[0]


def test_a_visitor_that_takes_too_long_alone_is_read_by_its_jars(fat: Answer, api: Api, graph: Graph) -> None:
    with statements() as ran:
        answer = api.change("consistency", "check")
    assert answer["findings"] == []
    assert answer["checked"]["visitors"] == 1
    # The page that took too long, alone too; two pages of two jars each and the end of them; and the end of the visitors.
    assert ran.count("visitors/observed") == 2 + 3 + 1

    graph.rows(
        "MATCH (v:Visitor)-[r:IDENTIFIED_AS]->() SET r.claimed_count = 9, v.known_jars = 7, v.latest_tenure_id = 'x'"
    )
    wrong = ["visitor_jars", "visitor_latest_tenure", "relationship_records", "relationship_figures"]
    assert [finding["kind"] for finding in check(api)] == wrong
    # A repair would keep the visitor's lock for as long as reading it takes.
    assert not any(finding["repaired"] for finding in check(api, repair=True))


def test_what_changes_while_a_visitor_is_read_in_parts_is_no_finding(
    fat: Answer, api: Api, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = visitors.observed_on
    parts: list[str] = []

    def read_and_log_in(tx: Transaction, visitor_id: str, after: str, limit: int) -> Any:
        part = read(tx, visitor_id, after, limit)
        clock.forward(minutes=1)
        database.write(given.log_in, given.login(fat["sessionId"], "anna", at=clock()))
        parts.append(after)
        return part

    monkeypatch.setattr(visitors, "observed_on", read_and_log_in)
    assert check(api) == []
    assert len(parts) == 3


def test_only_a_secret_key_checks(api: Api) -> None:
    assert api.post("/api/v1/consistency/check", {}).status == 403
    assert api.post("/api/v1/consistency/check", {"repair": "x"}, secret=True).status == 422
