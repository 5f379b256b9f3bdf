"""A tenant decides whether signatures of user ids are checked if sent, demanded, or ignored."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

import jwt
import pytest

from graph.acts import tenants
from graph.database import Database
from tests.world import Api, Clock, Done, Json


def signature(api: Api, user_id: str) -> str:
    return hmac.digest(api.keys.signing_secret.encode(), user_id.encode(), "sha256").hex()


def token(api: Api, user_id: str, expires_at: datetime) -> str:
    return jwt.encode({"sub": user_id, "exp": int(expires_at.timestamp())}, api.keys.signing_secret, "HS256")


@pytest.fixture
def enforcing(api: Api, database: Database) -> Api:
    """A tenant that demands signatures."""
    tenants.configure(database, "shop", {"identify_verification": "enforce"}, {})
    return api


@pytest.fixture
def indifferent(api: Api, database: Database) -> Api:
    """A tenant that ignores signatures."""
    tenants.configure(database, "shop", {"identify_verification": "off"}, {})
    return api


def test_unless_told_otherwise_a_signature_is_checked_where_it_is_sent(api: Api) -> None:
    session = api.init("f-1")
    assert api.identify(session, "anna")["verified"] is False
    assert api.identify(session, "anna", userHash=signature(api, "anna"))["verified"] is True
    refused = api.identify(session, "anna", userHash=signature(api, "ben"), expect=403)
    assert refused["code"] == "user_hash_invalid"


def test_where_it_is_demanded_a_login_without_is_refused_and_leaves_nothing(enforcing: Api) -> None:
    session = enforcing.init("f-1")
    assert enforcing.identify(session, "anna", expect=403)["code"] == "user_hash_required"
    assert enforcing.identify(session, "anna", userHash=None, expect=403)["code"] == "user_hash_required"
    assert enforcing.identify(session, "anna", userHash="f" * 64, expect=403)["code"] == "user_hash_invalid"
    enforcing.get("users", "anna", expect=404)
    assert enforcing.get("sessions", session["sessionId"])["userId"] is None
    assert enforcing.identify(session, "anna", userHash=signature(enforcing, "anna"))["verified"] is True


def test_where_it_is_demanded_an_item_of_a_batch_needs_it_too(enforcing: Api) -> None:
    session = enforcing.init("f-1")
    items = [
        {"type": "identify", "userProperties": {"userId": "anna"}},
        {"type": "identify", "userProperties": {"userId": "anna"}, "userHash": signature(enforcing, "anna")},
    ]
    answer = enforcing.post("/eventTracking/batch", {"sessionId": session["sessionId"], "events": items})
    refused, taken = answer["results"]
    assert (refused["code"], taken["verified"]) == ("user_hash_required", True)


def test_where_it_is_demanded_a_server_needs_none(enforcing: Api) -> None:
    session = enforcing.init("f-1")
    assert enforcing.identify(session, "anna", secret=True)["verified"] is True
    assert enforcing.track(None, userId="ben", secret=True)["userId"] == "ben"


def test_where_it_is_demanded_who_is_nobody_is_still_nobody(enforcing: Api) -> None:
    answer = enforcing.identify(enforcing.init("f-1"), "undefined")
    assert (answer["userId"], answer["warnings"]) == (None, ["placeholder_user_id"])


def test_where_it_is_demanded_an_init_collects_no_user_without_it(enforcing: Api) -> None:
    answer = enforcing.init("f-1", userId="anna")
    assert answer["warnings"] == ["user_hash_required"]
    enforcing.get("users", "anna", expect=404)
    signed = enforcing.init("f-1", userId="anna", userHash=signature(enforcing, "anna"))
    assert signed["warnings"] == []
    [relationship] = enforcing.get("users", "anna", "visitors")["items"]
    assert relationship["source"] == "collected"


def test_an_init_collects_no_user_with_a_signature_that_is_not_theirs(api: Api) -> None:
    answer = api.init("f-1", userId="anna", userHash=signature(api, "ben"))
    assert answer["warnings"] == ["user_hash_invalid"]
    api.get("users", "anna", expect=404)
    assert api.init("f-1", userId="anna")["warnings"] == []
    api.get("users", "anna")


def test_where_it_is_not_looked_at_every_login_of_a_page_is_a_claim(indifferent: Api) -> None:
    session = indifferent.init("f-1", userId="anna", userHash="nonsense")
    assert session["warnings"] == []
    for user_hash in (None, "nonsense", signature(indifferent, "anna")):
        assert indifferent.identify(session, "anna", userHash=user_hash)["verified"] is False
    assert indifferent.identify(session, "anna", secret=True)["verified"] is True


def test_a_token_with_an_end_proves_a_user_id_until_then(enforcing: Api, clock: Clock) -> None:
    session = enforcing.init("f-1")
    shown = token(enforcing, "anna", clock() + timedelta(minutes=5))
    assert enforcing.identify(session, "anna", userToken=shown)["verified"] is True
    assert enforcing.init("f-1", userId="anna", userToken=shown)["warnings"] == []
    assert enforcing.identify(session, "ben", userToken=shown, expect=403)["code"] == "user_token_invalid"
    clock.forward(minutes=6)
    assert enforcing.identify(session, "anna", userToken=shown, expect=403)["code"] == "user_token_invalid"
    assert enforcing.init("f-1", userId="anna", userToken=shown)["warnings"] == ["user_token_invalid"]


def test_of_two_signatures_both_have_to_hold(api: Api, clock: Clock) -> None:
    session = api.init("f-1")
    good = token(api, "anna", clock() + timedelta(minutes=5))
    both: Json = {"userToken": good, "userHash": signature(api, "anna")}
    assert api.identify(session, "anna", **both)["verified"] is True
    api.identify(session, "anna", **{**both, "userHash": "wrong"}, expect=403)
    api.identify(session, "anna", **{**both, "userToken": "wrong"}, expect=403)


def ending(api: Api, user_id: str, ends_at: datetime) -> str:
    """Return a `userHash` that ends, made as docs/api.md says."""
    ends = int(ends_at.timestamp())
    key = f"{api.keys.signing_secret}.{ends}".encode()
    return f"{ends}.{hmac.digest(key, user_id.encode(), 'sha256').hex()}"


def test_a_hash_with_an_end_proves_a_user_id_until_then(enforcing: Api, clock: Clock) -> None:
    session = enforcing.init("f-1")
    shown = ending(enforcing, "anna", clock() + timedelta(minutes=5))
    assert enforcing.identify(session, "anna", userHash=shown)["verified"] is True
    assert enforcing.init("f-1", userId="anna", userHash=shown)["warnings"] == []
    assert enforcing.identify(session, "ben", userHash=shown, expect=403)["code"] == "user_hash_invalid"
    clock.forward(minutes=6)
    refused = enforcing.identify(session, "anna", userHash=shown, expect=403)
    assert (refused["code"], refused["detail"]) == (
        "user_hash_invalid",
        "userHash ended at 2026-03-04T12:05:00Z: the page needs a new one",
    )
    assert enforcing.init("f-1", userId="anna", userHash=shown)["warnings"] == ["user_hash_invalid"]
    details = [warning["detail"] for warning in enforcing.get("warnings")["items"]]
    assert any("ended at 2026-03-04T12:05:00Z" in detail for detail in details)


def test_a_tenant_can_demand_that_a_hash_ends(command: Callable[..., Done], api: Api, clock: Clock) -> None:
    assert command("tenants", "configure", "shop", "--user-hash-expiry", "required").code == 0
    session = api.init("f-1")
    refused = api.identify(session, "anna", userHash=signature(api, "anna"), expect=403)
    assert (refused["code"], "the time when it ends" in refused["detail"]) == ("user_hash_invalid", True)
    shown = ending(api, "anna", clock() + timedelta(minutes=5))
    assert api.identify(session, "anna", userHash=shown)["verified"] is True
    assert api.identify(session, "anna")["verified"] is False
    assert api.identify(session, "anna", secret=True)["verified"] is True
