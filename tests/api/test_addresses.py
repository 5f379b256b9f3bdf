"""A tenant keeps addresses in full, truncated or keyed, and in the same form everywhere."""

import pytest
from flask import Flask

from graph.acts.tenants import TenantSettings, create_tenant
from graph.database import Database
from tests.conftest import SECRET_KEY
from tests.world import IPHONE, Api, Clock, Graph, Json


@pytest.mark.parametrize(
    ("form", "v4", "v6"),
    [("full", "203.0.113.7", "2001:db8:1:2::"), ("truncated", "203.0.113.0", "2001:db8:1::"), ("keyed", None, None)],
)
def test_an_address_is_kept_in_the_tenants_form(  # noqa: PLR0917 - fixtures
    app: Flask, database: Database, clock: Clock, graph: Graph, form: str, v4: str | None, v6: str | None
) -> None:
    settings = TenantSettings(addresses=form)  # type: ignore[arg-type]
    api = Api(app, create_tenant(database, "t", secret_key=SECRET_KEY, now=clock(), settings=settings))
    kept = []
    for address in ("203.0.113.7", "2001:db8:1:2:3::4"):
        visit = api.init("f-1", address=address)
        api.track(visit, address=address)
        session = api.get("sessions", visit["sessionId"])["context"]["ip"]
        [*_, event] = api.pages("visitors", visit["visitorId"], "journey")
        [node] = graph.rows(
            "MATCH (:Visitor)-[:SEEN_WITH]->(b)-[:AT]->(a {address: $a}) RETURN a.address AS a", a=session
        )
        assert session == event["context"]["ip"] == node["a"]
        kept.append(session)

    if form == "keyed":
        assert all(len(text) == 16 and "." not in text and ":" not in text for text in kept)
        assert len(set(kept)) == 2
    else:
        assert kept == [v4, v6]


def test_a_merge_group_counts_as_one_visitor_at_an_address(api: Api, clock: Clock) -> None:
    at: Json = {"address": "203.0.113.60"}
    first, second = api.init("f-1", **at), api.init("f-2", **at)
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])
    clock.forward(seconds=1)
    [seen] = api.init("f-3", **at)["match"]["evidence"]
    assert (seen["kind"], seen["strength"], seen["sharedBy"]) == ("ip_browser", 0.6, 1)
    clock.forward(seconds=1)
    [seen] = api.init("f-4", agent=IPHONE, **at)["match"]["evidence"]
    assert (seen["kind"], seen["sharedBy"]) == ("ip", 2)


def test_a_login_is_carried_on_to_a_merge_group_as_to_one_visitor(api: Api, clock: Clock, graph: Graph) -> None:
    at: Json = {"address": "203.0.113.60"}
    visits = [api.init(f"f-{number}") for number in range(3)]
    api.change("visitors", visits[0]["visitorId"], "merge", into=visits[1]["visitorId"])
    for visit in visits:
        clock.forward(seconds=1)
        login = api.init(visitorToken=visit["visitorToken"], **at)
    assert api.identify(login, "anna", **at)["propagated"] == 1
    assert graph.rows("MATCH ()-[p:PROBABLY]->(:User) RETURN p.confidence AS confidence") == [{"confidence": 0.6}]
