"""Sessions and events have the place and network that their address had at their time."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from graph.acts.tenants import TenantSettings, create_tenant
from graph.database import Database
from tests.conftest import SECRET_KEY
from tests.world import Api, Clock, Graph

SWEDEN = "89.160.20.112"
LINKOPING = {
    "country": "SE",
    "region": "Östergötland County",
    "city": "Linköping",
    "latitude": 58.4167,
    "longitude": 15.6167,
    "timeZone": "Europe/Stockholm",
}
BREDBAND = {"number": 29518, "organization": "Bredband2 AB"}


def contexts(api: Api, visitor_id: str) -> list[tuple[Any, Any]]:
    return [
        (event["context"]["geo"], event["context"]["asn"]) for event in api.pages("visitors", visitor_id, "journey")
    ]


def test_sessions_and_events_have_the_place_and_the_network_of_their_address(api: Api, graph: Graph) -> None:
    visit = api.init("f-1", address=SWEDEN)
    api.track(visit, address=SWEDEN)
    # The event has the place that it was sent from; the test's London address has no network.
    api.track(visit, address="81.2.69.160")
    api.track(visit, secret=True)

    session = api.get("sessions", visit["sessionId"])["context"]
    assert (session["geo"], session["asn"]) == (LINKOPING, BREDBAND)
    first, travelling, by_server = contexts(api, visit["visitorId"])
    assert first == by_server == (LINKOPING, BREDBAND)
    assert (travelling[0]["city"], travelling[0]["country"], travelling[1]) == ("London", "GB", None)
    [row] = graph.rows("MATCH (e:Event {city: 'Linköping'}) RETURN e.asn AS asn, e.country AS country")
    assert row == {"asn": 29518, "country": "SE"}


def test_an_address_no_database_knows_is_nowhere(api: Api) -> None:
    visit = api.init("f-1", address="203.0.113.7")
    api.track(visit, address="203.0.113.7")
    assert contexts(api, visit["visitorId"]) == [(None, None)]


@pytest.mark.parametrize("form", ["truncated", "keyed"])
def test_the_place_is_the_full_addresses_however_much_of_that_is_kept(
    app: Flask, database: Database, clock: Clock, form: str
) -> None:
    settings = TenantSettings(addresses=form)  # type: ignore[arg-type]
    api = Api(app, create_tenant(database, "t", secret_key=SECRET_KEY, now=clock(), settings=settings))
    visit = api.init("f-1", address=SWEDEN)

    context = api.get("sessions", visit["sessionId"])["context"]
    assert (context["geo"], context["asn"]) == (LINKOPING, BREDBAND)
    assert context["ip"] != SWEDEN


def test_without_consent_no_place_is_kept(api: Api, graph: Graph) -> None:
    visit = api.init("f-1", address=SWEDEN, consent=False)
    api.track(visit, address=SWEDEN)

    assert api.get("sessions", visit["sessionId"])["context"]["geo"] is None
    assert contexts(api, visit["visitorId"]) == [(None, None)]
    assert graph.rows("MATCH (n) WHERE n.country IS NOT NULL OR n.asn IS NOT NULL RETURN n") == []


def test_the_successor_of_a_session_has_its_place(api: Api) -> None:
    visit = api.init("f-1", address=SWEDEN)
    api.identify(visit, "mum", address=SWEDEN)
    kid = api.identify(visit, "kid", address="203.0.113.7")

    assert kid["sessionId"] != visit["sessionId"]
    assert api.get("sessions", kid["sessionId"])["context"]["geo"] == LINKOPING


def test_the_service_runs_without_databases(settings: Settings, database: Database, clock: Clock, api: Api) -> None:
    bare = replace(settings, geoip_city_db=None, geoip_asn_db=None, cache_dir=settings.data_dir / "empty")
    served = Api(create_app(bare, database, clock=clock), api.keys)
    visit = served.init("f-1", address=SWEDEN)
    context = served.get("sessions", visit["sessionId"])["context"]
    assert (context["geo"], context["asn"]) == (None, None)
