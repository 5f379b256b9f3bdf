"""A tenant's signing keys are replaced while logins that the old one signed go on."""

import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import jwt
import pytest

from app import key_ring
from graph.acts import signing_keys
from graph.database import Database
from graph.errors import NotFound, Refused
from graph.rules.signing_keys import REVOKED_KEPT
from tests.conftest import SECRET_KEY
from tests.world import Answer, Api, Clock, Done, Graph


@pytest.fixture(autouse=True)
def _changes_are_in_force_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)


def user_hash(secret: str, user_id: str = "anna") -> str:
    return hmac.digest(secret.encode(), user_id.encode(), "sha256").hex()


def user_token(secret: str, until: datetime, user_id: str = "anna") -> str:
    return jwt.encode({"sub": user_id, "exp": int(until.timestamp())}, secret, "HS256")


def login(api: Api, expect: int, **signature: str) -> Answer:
    return api.identify(api.init("f-1"), "anna", expect=expect, **signature)


def test_a_secret_is_replaced_while_both_sign(command: Callable[..., Done], api: Api, clock: Clock) -> None:
    old, until = api.keys.signing_secret, clock() + timedelta(minutes=5)
    added = command("tenants", "signing-keys", "add", "shop", "--json").json
    new = added["signingSecret"]
    assert len({old, new}) == 2
    for secret in (old, new):
        assert login(api, 200, userHash=user_hash(secret))["verified"] is True
        assert login(api, 200, userToken=user_token(secret, until))["verified"] is True
    assert command("tenants", "signing-secret", "shop").out.strip() == new

    assert command("tenants", "signing-keys", "revoke", "shop", "first").out == "first is revoked\n"
    assert login(api, 403, userHash=user_hash(old))["code"] == "user_hash_invalid"
    assert login(api, 403, userToken=user_token(old, until))["code"] == "user_token_invalid"
    assert login(api, 200, userHash=user_hash(new))["verified"] is True


def test_a_list_has_ids_and_dates_and_no_secret(command: Callable[..., Done], api: Api, graph: Graph) -> None:
    first = {"keyId": "first", "createdAt": "2026-03-04T12:00:00Z", "revokedAt": None}
    assert command("tenants", "signing-keys", "list", "shop", "--json").json == [first]
    added = command("tenants", "signing-keys", "add", "shop", "--json").json
    command("tenants", "signing-keys", "revoke", "shop", added["keyId"])
    before, after = command("tenants", "signing-keys", "list", "shop", "--json").json
    assert before == first
    assert (after["keyId"], after["revokedAt"] is None) == (added["keyId"], False)
    shown = command("tenants", "signing-keys", "list", "shop").out
    assert [line.split("\t")[0] for line in shown.splitlines()] == ["first", added["keyId"]]
    stored = str(graph.rows("MATCH (n) RETURN properties(n) AS properties"))
    for secret in (api.keys.signing_secret, added["signingSecret"]):
        assert secret not in shown + stored


def test_a_third_secret_and_the_end_of_the_last_are_refused_with_what_to_do(
    command: Callable[..., Done], api: Api
) -> None:
    refused = command("tenants", "signing-keys", "revoke", "shop", "first")
    assert (refused.code, refused.err) == (
        1,
        "Error: first is the only signing secret of tenant shop: add another one first\n",
    )
    second = command("tenants", "signing-keys", "add", "shop", "--json").json["keyId"]
    refused = command("tenants", "signing-keys", "add", "shop")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == f"Error: tenant shop has 2 signing secrets, first and {second}: revoke one of them first\n"
    for words in (("revoke", "shop", "nothing"), ("add", "nobody"), ("list", "nobody")):
        done = command("tenants", "signing-keys", *words)
        assert (done.code, done.out, "Traceback" in done.err) == (1, "", False)


def test_of_many_that_add_a_secret_at_once_one_does(database: Database, api: Api, clock: Clock) -> None:
    def add(_: int) -> str:
        try:
            signing_keys.add_secret(database, "shop", secret_key=SECRET_KEY, now=clock())
        except Refused as error:
            return error.code
        return "added"

    with ThreadPoolExecutor(8) as adding:
        outcomes = sorted(adding.map(add, range(8)))
    assert outcomes == ["added"] + ["too_many_signing_secrets"] * 7
    assert len(signing_keys.signing_keys(database, "shop")) == 2


def test_of_two_that_end_one_secret_each_at_once_one_does(database: Database, api: Api, clock: Clock) -> None:
    second, _ = signing_keys.add_secret(database, "shop", secret_key=SECRET_KEY, now=clock())

    def revoke(key_id: str) -> str:
        try:
            signing_keys.revoke(database, "shop", key_id, now=clock())
        except Refused as error:
            return error.code
        return "revoked"

    with ThreadPoolExecutor(2) as revoking:
        outcomes = sorted(revoking.map(revoke, ("first", second)))
    assert outcomes == ["last_signing_secret", "revoked"]


def test_a_revoked_secret_is_not_found_again_however_many_follow(database: Database, api: Api, clock: Clock) -> None:
    live = "first"
    for _ in range(REVOKED_KEPT + 5):
        clock.forward(days=1)
        added, _secret = signing_keys.add_secret(database, "shop", secret_key=SECRET_KEY, now=clock())
        signing_keys.revoke(database, "shop", live, now=clock())
        live = added
    listed = signing_keys.signing_keys(database, "shop")
    assert (len(listed), [key.key_id for key in listed if key.is_live]) == (REVOKED_KEPT + 1, [live])
    assert login(api, 403, userHash=user_hash(api.keys.signing_secret))["code"] == "user_hash_invalid"
    with pytest.raises(NotFound, match="no signing key first"):
        signing_keys.revoke(database, "shop", "first", now=clock())


def test_a_secret_of_one_tenant_signs_for_no_other(database: Database, api: Api, other_api: Api, clock: Clock) -> None:
    _, secret = signing_keys.add_secret(database, "rival", secret_key=SECRET_KEY, now=clock())
    login(api, 403, userHash=user_hash(secret))
    assert login(other_api, 200, userHash=user_hash(secret))["verified"] is True
