"""A tenant's signing keys are replaced while logins that the old one signed go on."""

import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from app import key_ring
from graph import queries
from graph.acts import signing_keys
from graph.database import Database
from graph.errors import NotFound, Refused
from graph.rules.signing_keys import PUBLIC_KEYS_MAX, REVOKED_KEPT
from tests.conftest import SECRET_KEY
from tests.world import Answer, Api, Clock, Done, Graph


@pytest.fixture(autouse=True)
def _changes_are_in_force_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)


def user_hash(secret: str, user_id: str = "anna") -> str:
    return hmac.digest(secret.encode(), user_id.encode(), "sha256").hex()


def user_token(key: Any, until: datetime, algorithm: str = "HS256", kid: str | None = None, **claims: str) -> str:
    shown = {"sub": "anna", "exp": int(until.timestamp()), **claims}
    return jwt.encode(shown, key, algorithm, headers={"kid": kid} if kid else None)


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
    first = {
        "keyId": "first",
        "algorithm": "HS256",
        "createdAt": "2026-03-04T12:00:00Z",
        "revokedAt": None,
        "lastUsedAt": None,
    }
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


def test_a_list_says_in_which_hour_each_key_last_proved_a_user_id(
    command: Callable[..., Done], database: Database, api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def used() -> list[datetime | None]:
        return [key.last_used_at for key in signing_keys.signing_keys(database, "shop")]

    _, new = signing_keys.add_secret(database, "shop", secret_key=SECRET_KEY, now=clock())
    ran: list[str] = []
    monkeypatch.setattr(queries, "observe", lambda name, _seconds: ran.append(name))
    login(api, 200)
    login(api, 403, userHash=user_hash("wrong"))
    assert used() == [None, None]
    for _ in range(3):
        login(api, 200, userHash=user_hash(api.keys.signing_secret))
        clock.forward(minutes=10)
    at_twelve, at_one = datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 3, 4, 13, tzinfo=UTC)
    assert (used(), ran.count("tenants/keep_signing_keys")) == ([at_twelve, None], 1)
    clock.forward(minutes=50)
    login(api, 200, userToken=user_token(new, clock() + timedelta(minutes=5)))
    assert (used(), ran.count("tenants/keep_signing_keys")) == ([at_twelve, at_one], 2)
    shown = command("tenants", "signing-keys", "list", "shop").out.splitlines()
    assert [line.split("\t")[3] for line in shown] == [
        "last used 2026-03-04T12:00:00Z",
        "last used 2026-03-04T13:00:00Z",
    ]


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
    assert outcomes == ["added"] + ["too_many_signing_keys"] * 7
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


def pem(private: Any) -> str:
    return str(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.fixture
def register(command: Callable[..., Done], tmp_path: Path) -> Callable[..., Done]:
    """Register the text of a public key for tenant `shop`, from a file."""

    def run(text: str, *options: str) -> Done:
        file = tmp_path / "public-key"
        file.write_text(text, encoding="utf-8")
        return command("tenants", "signing-keys", "add-public-key", "shop", str(file), *options, "--json")

    return run


def test_public_keys_of_both_kinds_are_replaced_while_old_and_new_sign(
    register: Callable[..., Done], command: Callable[..., Done], api: Api, clock: Clock
) -> None:
    old, new = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    until = clock() + timedelta(minutes=5)
    by_old, by_new = user_token(old, until, "ES256", "2026-03"), user_token(new, until, "EdDSA", "2026-04")
    login(api, 403, userToken=by_old)
    assert register(pem(old), "--key-id", "2026-03").json == {"keyId": "2026-03", "algorithm": "ES256"}
    assert login(api, 200, userToken=by_old)["verified"] is True
    jwk = {**jwt.algorithms.OKPAlgorithm.to_jwk(new.public_key(), as_dict=True), "kid": "2026-04", "alg": "EdDSA"}
    assert register(json.dumps(jwk)).json == {"keyId": "2026-04", "algorithm": "EdDSA"}
    for shown in (by_old, by_new, user_token(old, until, "ES256"), user_token(new, until, "EdDSA")):
        assert login(api, 200, userToken=shown)["verified"] is True
    assert login(api, 200, userHash=user_hash(api.keys.signing_secret))["verified"] is True

    listed = [line.split("\t")[:2] for line in command("tenants", "signing-keys", "list", "shop").out.splitlines()]
    assert sorted(listed) == [["2026-03", "ES256"], ["2026-04", "EdDSA"], ["first", "HS256"]]
    assert command("tenants", "signing-keys", "revoke", "shop", "2026-03").code == 0
    assert login(api, 403, userToken=by_old)["code"] == "user_token_invalid"
    assert login(api, 200, userToken=by_new)["verified"] is True


def test_a_token_is_refused_whose_key_is_not_for_its_algorithm(
    register: Callable[..., Done], api: Api, clock: Clock
) -> None:
    private, until = ec.generate_private_key(ec.SECP256R1()), clock() + timedelta(minutes=5)
    register(pem(private), "--key-id", "ours")
    good = user_token(private, until, "ES256", "ours")
    assert login(api, 200, userToken=good)["verified"] is True
    bare = user_token(None, until, "none", "ours")
    stranger = user_token(ec.generate_private_key(ec.SECP256R1()), until, "ES256", "ours")
    for wrong in (bare, stranger, user_token(api.keys.signing_secret, until, "HS256", "ours"), good[:-8]):
        assert login(api, 403, userToken=wrong)["code"] == "user_token_invalid"
    assert api.identify(api.init("f-1"), "ben", userToken=good, expect=403)["code"] == "user_token_invalid"


def test_a_tenant_says_whom_a_token_is_for_and_who_made_it(
    command: Callable[..., Done], api: Api, clock: Clock
) -> None:
    def shown(**claims: str) -> str:
        return user_token(api.keys.signing_secret, clock() + timedelta(minutes=5), **claims)

    options = ("--token-audience", "whograph", "--token-issuer", "https://login.example")
    assert command("tenants", "configure", "shop", *options).code == 0
    right = {"aud": "whograph", "iss": "https://login.example"}
    assert login(api, 200, userToken=shown(**right))["verified"] is True
    for wrong in ({}, {**right, "aud": "others"}, {**right, "iss": "https://other.example"}):
        assert login(api, 403, userToken=shown(**wrong))["code"] == "user_token_invalid"
    assert command("tenants", "configure", "shop", "--token-audience", "", "--token-issuer", "").code == 0
    assert login(api, 200, userToken=shown())["verified"] is True


def test_a_public_key_that_cannot_be_taken_is_refused_with_why(
    register: Callable[..., Done], database: Database, api: Api, clock: Clock
) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    refused = register(text)
    assert (refused.code, "this is a private key" in refused.err, text in refused.err) == (2, True, False)
    assert "is no id of a key" in register(pem(private), "--key-id", "a b").err
    assert register(pem(private), "--key-id", "first").err == "Error: tenant shop has or had a signing key first\n"
    for number in range(PUBLIC_KEYS_MAX):
        signing_keys.add_public_key(database, "shop", pem(private), "EdDSA", key_id=f"k-{number}", now=clock())
    assert "tenant shop has 10 public keys, k-0 and k-1 and" in register(pem(private)).err
