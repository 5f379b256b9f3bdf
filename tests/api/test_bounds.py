"""Whoever posts logins with a public key can neither lock a user out nor claim without end."""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from graph.acts import tenants
from graph.database import Database
from graph.rules import times, unverified
from graph.rules.policy import Policy
from tests import given
from tests.world import Answer, Api, Clock, Graph


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
