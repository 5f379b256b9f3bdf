"""How a tenant keeps addresses: full, truncated or keyed, the same everywhere."""

import pytest
from flask import Flask

from app.services.tenants import TenantSettings, create_tenant
from graph.database import Database
from tests.conftest import SECRET_KEY
from tests.world import Api, Clock, Graph


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
