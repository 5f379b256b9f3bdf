"""A browser that says that its user opts out (`Sec-GPC: 1`) gives no consent, unless the tenant's policy says otherwise."""

import pytest

from graph.acts import tenants
from graph.database import Database
from tests.world import Api, Graph

OUT = {"Sec-GPC": "1"}
VISIT = {"fingerprint": {"visitorId": "f-1"}, "consent": True}


@pytest.mark.parametrize("call", ["init", "collect"])
def test_a_visit_that_opts_out_is_one_without_consent(api: Api, graph: Graph, call: str) -> None:
    answer = api.post(f"/eventTracking/{call}", VISIT, headers=OUT)
    assert (answer.status, answer["visitorToken"]) == (200, None)
    assert (graph.count("Fingerprint"), graph.count("IpAddress")) == (0, 0)


@pytest.mark.parametrize("said", ["0", "", "yes", "11"])
def test_only_1_opts_out(api: Api, said: str) -> None:
    assert api.post("/eventTracking/init", VISIT, headers={"Sec-GPC": said})["visitorToken"]


def test_a_server_s_own_header_says_nothing_of_the_visitor(api: Api) -> None:
    assert api.post("/eventTracking/init", VISIT, headers=OUT, secret=True)["visitorToken"]


def test_a_tenant_may_ask_for_consent_by_itself(api: Api, database: Database) -> None:
    tenants.configure(database, api.keys.tenant_id, {}, {"gpc_is_no_consent": False})
    assert api.post("/eventTracking/init", VISIT, headers=OUT)["visitorToken"]


def test_a_call_by_the_browser_s_own_id_begins_no_lasting_browser(api: Api, graph: Graph) -> None:
    body = {"anonymousId": "a-1", "eventName": "click"}
    first = api.post("/eventTracking/track", {**body, "messageId": "m-1"}, headers=OUT)
    second = api.post("/eventTracking/track", body, headers=OUT)
    assert first["visitorId"] != second["visitorId"]
    again = api.post("/eventTracking/track", {**body, "messageId": "m-1"}, headers=OUT)
    assert (again["eventId"], again["duplicate"]) == (first["eventId"], True)
    items = [{"type": "track", "anonymousId": name, "eventName": "click"} for name in ("a-1", "a-1", "a-2")]
    results = api.post("/eventTracking/batch", {"events": items}, headers=OUT)["results"]
    assert results[0]["sessionId"] == results[1]["sessionId"] != results[2]["sessionId"]
    assert graph.count("Session") == 4
    assert graph.count("IpAddress") == 0
    assert graph.rows("MATCH (jar:Jar {kind: 'caller'}) RETURN jar") == []
