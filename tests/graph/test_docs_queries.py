"""Every query in the documents finds something in a graph that has it, and names nothing that is not there."""

import re
from typing import LiteralString, cast

import pytest
from flask import Flask

from app.config import CHECKOUT
from graph.acts import clusters
from graph.acts.tenants import create_tenant
from graph.database import Database
from graph.rules.policy import Policy
from tests.conftest import SECRET_KEY
from tests.world import IPHONE, Api, Clock, Graph

PAGES = [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/**/*.md"))]
QUERIES = {
    f"{page.stem} {number}": text
    for page in PAGES
    for number, text in enumerate(re.findall(r"```cypher\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1)
}


@pytest.fixture
def told(app: Flask, database: Database, clock: Clock) -> None:
    """Tenant `demo`: Anna's two devices, a shared tablet, a common phone, a login that overtook another, links and clusters."""
    api = Api(app, create_tenant(database, "demo", secret_key=SECRET_KEY, now=clock()))
    api.track(api.init("laptop"), "search")
    clock.forward(days=1)
    api.identify(api.init("laptop"), "anna")
    clock.forward(minutes=5)
    phone = api.init("phone", agent=IPHONE)
    api.track(phone, "buy", agent=IPHONE)
    api.identify(phone, "anna", agent=IPHONE)

    tablet = api.init("tablet")
    for user in ("mum", "kid"):
        clock.forward(minutes=5)
        api.identify(tablet, user)

    for visitor in ("one", "other"):
        api.init("a common phone", visitorToken=api.init(visitor)["visitorToken"])
    api.init("a common phone")

    api.init("desk")
    first, second = api.init("desk"), api.init("desk")
    began = clock()
    clock.forward(minutes=20)
    for session, user, minutes in ((second, "late", 10), (first, "early", 5)):
        api.identify(session, user, timestamp=began.replace(minute=began.minute + minutes).isoformat())

    for user in ("dee", "dee@work"):
        api.track(None, "order", userId=user, secret=True)
    api.change("users", "dee@work", "link", to="dee")
    clusters.act(database.of("demo"), Policy(), clock())


@pytest.mark.usefixtures("told")
def test_queries_to_paste_find_something_change_nothing_and_draw_no_remark(graph: Graph) -> None:
    assert len(QUERIES) > 5
    wanting = {}
    for name, text in QUERIES.items():
        found = graph.driver.execute_query(cast("LiteralString", text))
        remarks = [one.gql_status for one in found.summary.gql_status_objects if one.is_notification]
        if not found.records or remarks or found.summary.counters.contains_updates:
            wanting[name] = f"{len(found.records)} rows, {remarks}"
    assert wanting == {}
