"""GET /audit lists what each act changed about a user, a visitor or an identity, and who made the act. No call changes the
audit trail.
"""

import pytest
from flask import Flask

from tests.world import Api, Clock, Graph


def acts(api: Api, about: str) -> list[str]:
    return [entry["act"] for entry in reversed(api.pages("audit", about=about))]


def test_every_act_that_changes_who_somebody_is_leaves_an_entry(api: Api, clock: Clock) -> None:
    first = api.init("f-1", userId="anna")
    clock.forward(minutes=1)
    tied = api.init("f-1")
    clock.forward(minutes=1)
    api.identify(tied, "anna")
    clock.forward(minutes=1)
    second = api.post("/eventTracking/collect", {"fingerprint": {"visitorId": "f-2"}, "userId": "anna"})
    clock.forward(minutes=1)
    api.change("visitors", second["visitorId"], "merge", into=first["visitorId"])
    clock.forward(minutes=1)
    api.change("visitors", second["visitorId"], "split")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", first["visitorId"])

    assert acts(api, f"visitor:{first['visitorId']}") == ["init", "init", "identify", "merge", "split", "release"]
    assert acts(api, "user:anna") == ["init", "identify", "collect", "merge", "split", "release"]
    assert acts(api, f"identity:{api.get('users', 'anna')['identityId']}") == acts(api, "user:anna")
    tenure = api.get("sessions", first["sessionId"])["tenureId"]
    assert acts(api, f"identity:{tenure}") == acts(api, f"visitor:{first['visitorId']}")
    assert acts(api, "user:nobody") == acts(api, "identity:none") == []


def test_an_entry_of_a_login_says_what_it_found_and_made(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    api.identify(visit, "ben", secret=True)
    entry = api.pages("audit", about="user:ben")[0]
    assert entry["before"] == {"relationship": None, "userId": "anna"}
    assert entry["after"]["relationship"] == {
        "userId": "ben",
        "visitorId": visit["visitorId"],
        "confidence": 99.0,
        "count": 1,
        "source": "verified",
    }
    assert (entry["after"]["userId"], entry["after"]["login"]) == ("ben", "second")
    assert entry["actor"].startswith("key:")
    anna = api.pages("audit", about="user:anna")[0]
    assert anna["actor"] != entry["actor"]


def test_an_entry_of_a_tie_says_by_what(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    clock.forward(minutes=1)
    api.init("f-1")
    [entry] = api.pages("audit", about=f"visitor:{visit['visitorId']}")
    assert (entry["before"], entry["after"]["method"]) == (None, "fingerprint")
    assert entry["after"]["tiedTo"] == api.get("sessions", visit["sessionId"])["tenureId"]


def test_what_was_refused_or_repeated_leaves_none(api: Api, graph: Graph) -> None:
    visit = api.init("f-1")
    for _ in range(2):
        api.identify(visit, "anna", messageId="m-1")
    api.identify(visit, "undefined")
    api.identify("ses_none", "anna", expect=404)
    assert graph.count("AuditEntry") == 2


def test_entries_come_by_time(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    times = []
    for user in ("anna", "ben", "anna"):
        times.append(clock.forward(minutes=1).isoformat())
        api.identify(visit, user)
    about = f"visitor:{visit['visitorId']}"
    found = api.pages("audit", about=about, limit=1, **{"from": times[1], "to": times[2]})
    assert [entry["after"]["userId"] for entry in found] == ["ben"]


@pytest.mark.parametrize("about", ["", "user", "user:", "session:x", "anna"])
def test_it_must_be_about_somebody(api: Api, about: str) -> None:
    assert api.get("audit", about=about, expect=400)["code"] == "malformed_query"


def test_where_nobody_is_named_it_says_what_to_add(api: Api) -> None:
    refused = api.get("audit", expect=400)
    assert refused["code"] == "malformed_query"
    assert "missing" in refused["detail"]
    assert all(f"about={kind}:ID" in str(refused["errors"]["about"]) for kind in ("user", "visitor", "identity"))


def test_no_call_but_reading_is_there_for_it(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "audit" in rule.rule]
    assert {method for rule in rules for method in rule.methods or ()} <= {"GET", "HEAD", "OPTIONS"}


def test_a_page_ends_early_when_it_has_many_bytes(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = api.init("f-1")
    for user in ("anna", "ben", "carl"):
        clock.forward(minutes=1)
        api.identify(visit, user, secret=True)
    about = f"visitor:{visit['visitorId']}"
    whole = api.get("audit", about=about)["items"]
    assert len(whole) > 2
    monkeypatch.setattr("app.schemas.paging.PAGE_BYTES_MAX", 1)
    page = api.get("audit", about=about, limit=1000)
    assert page["items"] == whole[:1]
    assert api.pages("audit", about=about) == whole
