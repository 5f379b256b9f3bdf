"""Whoever posts logins with a public key can neither lock a user out nor claim without end."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from graph.acts import release, tenants
from graph.database import Database
from graph.rules import times, unverified
from graph.rules.policy import Policy
from tests import given
from tests.api.test_consistency import check
from tests.world import Answer, Api, Clock, Done, Graph


def bounded(database: Database, **policy: int) -> None:
    tenants.configure(database, "shop", {}, policy)


def claimed(answer: Answer) -> tuple[str | None, list[str]]:
    return answer["userId"], answer["warnings"]


NOT_BELIEVED = (None, ["too_many_claims"])


@pytest.mark.parametrize("bound", ["claims_max", "user_claims_per_hour"])
def test_a_user_is_not_locked_out_by_logins_that_others_post(
    bound: str, api: Api, database: Database, graph: Graph
) -> None:
    bounded(database, **{bound: 3})
    attacks = [api.identify(api.init(f"f-{number}"), "anna") for number in range(5)]
    assert [claimed(answer) for answer in attacks] == [("anna", [])] * 3 + [NOT_BELIEVED] * 2

    signature = hmac.digest(api.keys.signing_secret.encode(), b"anna", "sha256").hex()
    signed = api.identify(api.init("laptop"), "anna", userHash=signature)
    assert (claimed(signed), signed["verified"]) == (("anna", []), True)
    assert claimed(api.identify(api.init("phone"), "anna", secret=True)) == ("anna", [])
    visitor = api.init("tablet")["visitorId"]
    api.put("users", "anna", "visitors", visitor, confidence=90, claim=True)
    assert api.get("visitors", visitor)["userId"] == "anna"
    # What nobody vouches for is still bounded, and others are not.
    assert claimed(api.identify(api.init("another"), "anna")) == NOT_BELIEVED
    assert claimed(api.identify(api.init("other"), "ben")) == ("ben", [])
    # What is not believed is kept.
    assert graph.rows("MATCH (e:Event {name: 'identify'}) RETURN count(e) AS n") == [{"n": 9}]
    assert [(item["code"], item["count"]) for item in api.pages("warnings")] == [("too_many_claims", 3)]


def test_claims_that_somebody_vouches_for_count_towards_no_bound(api: Api, database: Database) -> None:
    bounded(database, claims_max=1, user_claims_per_hour=1)
    for number in range(3):
        api.identify(api.init(f"f-{number}"), "anna", secret=True)
    assert claimed(api.identify(api.init("laptop"), "anna")) == ("anna", [])
    assert claimed(api.identify(api.init("phone"), "anna")) == NOT_BELIEVED


def test_a_login_that_is_vouched_for_makes_the_claim_count_no_more(api: Api, database: Database, graph: Graph) -> None:
    bounded(database, claims_max=1)
    laptop = api.init("laptop")
    api.identify(laptop, "anna")
    assert claimed(api.identify(api.init("phone"), "anna")) == NOT_BELIEVED
    api.identify(laptop, "anna", secret=True)
    assert claimed(api.identify(api.init("tablet"), "anna")) == ("anna", [])
    # What somebody vouched for stays so, also where a login without a signature was earlier.
    api.identify(laptop, "anna", timestamp="2026-03-04T11:50:00Z")
    verified = graph.rows(
        "MATCH (t)-[r:RESOLVES_TO]->() MATCH (t)<-[:DURING]-(s {session_id: $session}) RETURN r.verified AS is_verified",
        session=laptop["sessionId"],
    )
    assert verified == [{"is_verified": True}]
    assert check(api) == []


def test_the_bound_of_an_hour_ends_with_the_hour(api: Api, clock: Clock, database: Database) -> None:
    bounded(database, user_claims_per_hour=2)
    for number in range(2):
        api.identify(api.init(f"f-{number}"), "anna")
    last = api.init("f-3")
    assert claimed(api.identify(last, "anna")) == NOT_BELIEVED
    clock.forward(minutes=61)
    assert claimed(api.identify(api.init("f-4"), "anna")) == ("anna", [])


def test_one_address_claims_for_so_many_users_within_an_hour(api: Api, database: Database) -> None:
    bounded(database, address_claims_per_hour=2)

    def log_in(user: str, address: str = "198.51.100.7", *, secret: bool = False) -> Answer:
        return api.identify(api.init(f"of {user}"), user, address=address, secret=secret)

    assert [claimed(log_in(user)) for user in ("anna", "ben")] == [("anna", []), ("ben", [])]
    assert [claimed(log_in("cleo")) for _ in range(2)] == [NOT_BELIEVED] * 2
    # Who was believed before is, too, in another browser.
    assert claimed(log_in("anna")) == ("anna", [])
    # A login where the tenure is the user's already is no further claim.
    at_home = api.init("of eve", address="198.51.100.9")
    api.identify(at_home, "eve", address="198.51.100.9")
    assert claimed(api.identify(at_home, "eve", address="198.51.100.7")) == ("eve", [])
    assert claimed(log_in("cleo", "198.51.100.8")) == ("cleo", [])
    assert claimed(log_in("dora", secret=True)) == ("dora", [])


def test_items_of_a_batch_count_like_calls(api: Api, database: Database) -> None:
    bounded(database, user_claims_per_hour=2)
    items = [
        {"type": "identify", "sessionId": api.init(f"f-{number}")["sessionId"], "userProperties": {"userId": "anna"}}
        for number in range(4)
    ]
    results = api.post("/eventTracking/batch", {"events": items})["results"]
    assert [result["userId"] for result in results] == ["anna", "anna", None, None]


@drawn(st.lists(st.integers(0, 180), max_size=40), st.integers(1, 6))
def test_no_hour_has_more_claims_than_the_bound(minutes: list[int], most: int) -> None:
    policy = replace(Policy(), user_claims_per_hour=most)
    recent: tuple[int, ...] = ()
    believed: list[datetime] = []
    for at in (given.NOON + timedelta(minutes=minute) for minute in sorted(minutes)):
        if not unverified.is_too_many(len(believed), recent, at, policy):
            recent = unverified.remember(recent, at, policy)
            believed.append(at)
        within = [each for each in believed if each > at - unverified.WINDOW]
        assert len(within) <= most
        assert [times.milliseconds(each) for each in within] == [
            each for each in recent if each > times.milliseconds(at - unverified.WINDOW)
        ]


def visitors_of(api: Api, user: str) -> set[str]:
    return {item["visitorId"] for item in api.pages("users", user, "visitors")}


def test_posted_logins_are_undone_by_the_time_when_they_came(api: Api, clock: Clock) -> None:
    def log_in(fingerprint: str, user: str = "anna", **sent: Any) -> str:
        visit = api.init(fingerprint)
        api.identify(visit, user, **sent)
        return str(visit["visitorId"])

    before = log_in("tablet")
    clock.forward(minutes=1)
    since = clock()
    # Whoever posts them says that they are old.
    posted = [log_in(f"f-{number}", timestamp="2026-03-04T11:55:00Z") for number in range(3)]
    mixed = log_in("laptop")
    by_server = log_in("phone", secret=True)
    api.identify(api.init("laptop"), "anna", secret=True)
    other = log_in("others", "ben")
    clock.forward(minutes=1)
    until = clock()
    after = log_in("watch")

    asked: dict[str, Any] = {"from": since.isoformat(), "to": until.isoformat(), "reason": "ticket 7"}
    answer = api.change("users", "anna", "release", **asked)
    assert answer.json == {"userId": "anna", "released": 3, "more": False}
    assert visitors_of(api, "anna") == {before, mixed, by_server, after}
    assert visitors_of(api, "ben") == {other}
    assert [api.get("visitors", visitor)["userId"] for visitor in posted] == [None] * 3
    entries = [item for item in api.pages("audit", about="user:anna") if item["act"] == "release"]
    assert [entry["reason"] for entry in entries] == ["ticket 7"] * 3
    assert api.change("users", "anna", "release", **asked)["released"] == 0
    assert check(api) == []

    # Her own next login on such a browser counts.
    api.identify(api.init("f-0"), "anna")
    assert api.get("visitors", posted[0])["userId"] == "anna"


def test_a_time_that_ends_before_it_begins_is_refused(api: Api) -> None:
    between = {"from": "2026-03-04T12:00:00Z", "to": "2026-03-04T11:00:00Z"}
    refused = api.post("/api/v1/users/anna/release", between, secret=True)
    assert (refused.status, list(refused["errors"])) == (422, ["to"])


def test_many_visitors_are_released_call_by_call(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "AT_ONCE_MAX", 2)
    for number in range(5):
        api.identify(api.init(f"f-{number}"), "anna")
    answers = [api.change("users", "anna", "release") for _ in range(3)]
    assert [(answer["released"], answer["more"]) for answer in answers] == [(2, True), (2, True), (1, False)]
    assert api.get("users", "anna", "visitors")["items"] == []


def test_verified_logins_are_undone_only_when_that_is_asked_for(api: Api) -> None:
    visitor = api.init("phone")
    api.identify(visitor, "anna", secret=True)
    assert api.change("users", "anna", "release")["released"] == 0
    assert api.change("users", "anna", "release", source="verified")["released"] == 1
    assert list(api.change("users", "anna", "release", source="stated", expect=422)["errors"]) == ["source"]


def test_the_command_releases_until_none_is_left(api: Api, command: Callable[..., Done]) -> None:
    for number in range(3):
        api.identify(api.init(f"f-{number}"), "anna")
    done = command("relationships", "release", "shop", "anna", "--reason", "ticket 7", "--json")
    assert done.json == {"userId": "anna", "released": 3, "more": False}
    assert visitors_of(api, "anna") == set()
    wrong = command("relationships", "release", "shop", "anna", "--from", "yesterday")
    assert wrong.code == 2
    assert "--from" in wrong.err
