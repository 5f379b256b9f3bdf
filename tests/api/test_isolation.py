"""On no route does a tenant see or touch another tenant's data. Another tenant's id gets the answer of an unknown id."""

import re

import pytest
from flask import Flask

from app import jobs
from graph.database import Database
from tests.world import IPHONE, Api, Clock, Graph, Json, address_of


@pytest.fixture
def theirs(other_api: Api, database: Database, clock: Clock) -> dict[str, str]:
    """Return ids of the other tenant, one of every kind."""
    visit = other_api.init("f-1")
    other_api.track(visit, "secret")
    login = other_api.identify(visit, "anna")
    other_api.identify(other_api.init("f-gone"), "gone")
    receipt = other_api.remove("users", "gone", expect=200)
    other_api.put("users", "anna", "visitors", visit["visitorId"], confidence=90)
    other_api.init("phone", address=address_of("f-1"), agent=IPHONE)
    for job in ("candidates", "clusters"):
        jobs.run(database, "rival", job, clock=clock, new_id=lambda: "1")
    return {
        "visitor_id": visit["visitorId"],
        "session_id": visit["sessionId"],
        "identity_id": login["identityId"],
        "user_id": "anna",
        "erasure_id": receipt["erasureId"],
        "candidate_id": other_api.get("candidates")["items"][0]["candidateId"],
        "cluster_id": other_api.get("clusters")["items"][0]["clusterId"],
    }


#: Reads without an id in their path that do not return lists.
NUMBERS = {"/api/v1/policy", "/api/v1/stats"}
#: What is the same for every tenant.
OF_ALL = {"/api/v1/analytics", "/api/v1/queries"}
#: Reads by a name that is no tenant's.
BY_NAME = {"/api/v1/analytics/<report>", "/api/v1/queries/<name>"}


def reads(app: Flask) -> list[str]:
    """Return the URL rule of every GET under /api/v1. Rules without an id are lists of the tenant's own data."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1") and "GET" in (rule.methods or ())
    )


def test_every_read_of_another_tenants_id_is_404(app: Flask, api: Api, theirs: dict[str, str]) -> None:
    kinds = {
        "visitors": "visitor_id",
        "users": "user_id",
        "sessions": "session_id",
        "identities": "identity_id",
        "erasures": "erasure_id",
        "clusters": "cluster_id",
    }
    seen = 0
    for rule in reads(app):
        if "<" not in rule or rule in BY_NAME:
            continue
        path: list[str] = []
        for segment in rule.removeprefix("/api/v1/").split("/"):
            placeholder = re.fullmatch(r"<(\w+)>", segment)
            path.append(theirs[kinds[path[-1]]] if placeholder else segment)
        answer = api.get(*path, expect=404)
        unknown = api.get(*["no-such-id" if segment in theirs.values() else segment for segment in path], expect=404)
        assert {**answer.json, "requestId": ""} == {**unknown.json, "requestId": ""}
        seen += 1
    assert seen >= 9


def test_no_list_has_anything_of_another_tenants(app: Flask, api: Api, other_api: Api, theirs: dict[str, str]) -> None:
    other_api.identify(other_api.init("null"), "undefined")
    lists = [rule.removeprefix("/api/v1/") for rule in reads(app) if "<" not in rule and rule not in NUMBERS | OF_ALL]
    assert lists
    lists.remove("explain")
    for name in lists:
        asked: Json = {"about": "user:anna"} if name == "audit" else {}
        assert other_api.get(name, **asked)["items"]
        assert api.get(name, **asked)["items"] == []


def test_no_explanation_knows_another_tenants(api: Api, theirs: dict[str, str]) -> None:
    for kind in ("user", "visitor", "session"):
        answer = api.get("explain", a=f"{kind}:{theirs[f'{kind}_id']}", b="user:anna", expect=404)
        assert answer["code"] == f"{kind}_not_found"


def test_no_number_counts_anything_of_another_tenants(api: Api, other_api: Api, theirs: dict[str, str]) -> None:
    assert other_api.get("stats")["visitors"] > 0
    stats = api.get("stats").json
    assert not any(value for name, value in stats.items() if name not in {"bySource", "confidence", "ingestLag", "at"})
    assert stats["ingestLag"] == {"events": 0, "p50Milliseconds": None, "p95Milliseconds": None}
    assert not any(stats["bySource"].values())
    assert not any(bucket["count"] for bucket in stats["confidence"])


def test_nothing_that_is_sent_reaches_another_tenants(api: Api, theirs: dict[str, str], graph: Graph) -> None:
    before = everything_of("rival", graph)
    session = theirs["session_id"]
    events = [
        {"type": "track", "eventName": "click", "sessionId": session},
        {"type": "identify", "userProperties": {"userId": "eve"}, "sessionId": session},
    ]
    for secret in (False, True):
        api.track(session, expect=404, secret=secret)
        api.identify(session, "eve", expect=404, secret=secret)
        results = api.post("/eventTracking/batch", {"events": events}, secret=secret)["results"]
        assert [result["code"] for result in results] == ["session_not_found"] * 2
        api.init("f-1", userId="anna", secret=secret)
        api.track(None, userId="anna", secret=True)
    api.put("users", "anna", "visitors", theirs["visitor_id"], confidence=50, expect=404)
    for said in ("accept", "refuse"):
        api.change("candidates", theirs["candidate_id"], said, expect=404)
    [result] = api.post(
        "/api/v1/relationships/batch",
        {"relationships": [{"userId": "anna", "visitorId": theirs["visitor_id"], "confidence": 50}]},
        secret=True,
    )["results"]
    assert result["code"] == "visitor_not_found"
    api.change("consistency", "check", repair=True)
    api.put("users", "anna", "visitors", theirs["visitor_id"], "visibility", visible=False, expect=404)
    api.put("users", "anna", "visibility", visible=False)
    assert everything_of("rival", graph) == before


def everything_of(tenant: str, graph: Graph) -> list[Json]:
    """Return each node of a tenant and each edge that starts at such a node, with all properties."""
    query = "MATCH (n {tenant: $tenant}) OPTIONAL MATCH (n)-[r]->(m) "
    query += (
        "RETURN elementId(n) AS id, properties(n) AS node, type(r) AS type, properties(r) AS edge, elementId(m) AS to"
    )
    return sorted(graph.rows(query, tenant=tenant), key=str)


def test_one_anonymous_id_in_two_tenants_is_two_browsers(api: Api, other_api: Api, graph: Graph) -> None:
    for tenant in (api, other_api):
        tenant.post("/eventTracking/batch", {"anonymousId": "a-1", "events": [{"type": "track", "eventName": "click"}]})
    assert graph.count("Visitor") == graph.count("Jar") == 2
    mine, rivals = api.init(anonymousId="a-1"), other_api.init(anonymousId="a-1")
    assert mine["visitorId"] != rivals["visitorId"]
    assert api.init("f-1", visitorToken=rivals["visitorToken"])["visitorId"] not in {
        mine["visitorId"],
        rivals["visitorId"],
    }
    assert api.track(None, anonymousId="a-1")["visitorId"] == mine["visitorId"]


def test_one_user_id_in_two_tenants_is_two_users(api: Api, other_api: Api, graph: Graph) -> None:
    mine, rivals = api.init("f-1"), other_api.init("f-1")
    api.track(mine, "mine")
    other_api.track(rivals, "theirs")

    assert api.identify(mine, "anna")["identityId"] != other_api.identify(rivals, "anna")["identityId"]
    assert api.journey("users", "anna") == ["mine", "identify"]
    assert mine["visitorId"] != rivals["visitorId"]
    crossing = graph.rows("MATCH (a)-[r]->(b) WHERE a.tenant <> b.tenant RETURN type(r) AS kind")
    assert crossing == []


def test_every_node_carries_its_tenant(api: Api, graph: Graph, theirs: dict[str, str]) -> None:
    api.identify(api.init("f-1", userId="u"), "anna")

    assert theirs
    assert graph.rows("MATCH (n) WHERE n.tenant IS NULL AND NOT n:Migration RETURN labels(n) AS labels") == []


def test_a_key_may_not_speak_for_another_tenant(api: Api) -> None:
    answer = api.post("/eventTracking/init", {"tenantId": "rival"})

    assert (answer.status, answer["code"]) == (403, "wrong_tenant")


def test_a_write_key_reads_nothing(app: Flask, api: Api) -> None:
    for rule in reads(app):
        path = re.sub(r"<\w+>", "x", rule)
        answer = app.test_client().get(path, headers={"X-Write-Key": api.keys.write_key})
        assert answer.status_code == 403, path
        assert app.test_client().get(path).status_code == 401, path
