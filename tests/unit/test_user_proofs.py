"""What proves a user id, and what does not."""

import base64
import hashlib
import hmac
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from app.user_proofs import LEEWAY, Flaw, ProofKey, key_of_hash, key_of_token, user_hash
from graph.rules.signing_keys import signing_secret

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECRET = signing_secret("k" * 40, "shop")
ENDS = str(int(NOW.timestamp()) + 60)
USER_IDS = st.text(st.characters(exclude_categories=["Cs"]))


def flaw(shown: str, user_id: str = "u1", now: datetime = NOW, *, must_end: bool = False) -> str | None:
    try:
        key_of_hash(shown, [ProofKey("first", "HS256", SECRET)], [user_id], now, must_end=must_end)
    except Flaw as error:
        return str(error)
    return None


def test_a_user_hash_is_the_hex_hmac_of_the_user_id_under_the_printed_secret() -> None:
    shown = hmac.new(SECRET.encode(), b"u1", hashlib.sha256).hexdigest()
    assert flaw(shown) is None
    assert flaw(f" {shown.upper()} ") is None
    assert flaw(shown, "u2") is not None
    with pytest.raises(Flaw):
        key_of_hash(shown, [ProofKey("first", "HS256", signing_secret("k" * 40, "rival"))], ["u1"], NOW)
    assert flaw(shown[:-1]) is not None


def test_one_of_several_secrets_and_spellings_is_enough() -> None:
    shown = user_hash(SECRET, "Anna")
    keys = [ProofKey("first", "HS256", "other"), ProofKey("ec", "ES256", SECRET), ProofKey("second", "HS256", SECRET)]
    assert key_of_hash(shown, keys, ["anna", "Anna"], NOW) == "second"
    with pytest.raises(Flaw):
        key_of_hash(shown, keys[:2], ["anna", "Anna"], NOW)


def test_with_an_end_the_secret_and_the_end_are_the_key() -> None:
    digest = hmac.new(f"{SECRET}.{ENDS}".encode(), b"u1", hashlib.sha256).hexdigest()
    assert user_hash(SECRET, "u1", ENDS) == f"{ENDS}.{digest}"
    assert flaw(f"{ENDS}.{digest}") is None
    assert flaw(f"{int(ENDS) + 1}.{digest}") is not None
    assert flaw(digest) is not None


def test_a_user_hash_with_an_end_holds_until_then_and_a_little_longer() -> None:
    shown, end = user_hash(SECRET, "u1", ENDS), NOW + timedelta(seconds=60)
    assert flaw(shown, now=end + LEEWAY - timedelta(milliseconds=1)) is None
    assert flaw(shown, now=end + LEEWAY) == "userHash ended at 2026-03-04T12:01:00Z: the page needs a new one"


def test_a_tenant_can_require_an_end() -> None:
    assert "with the time when it ends" in str(flaw(user_hash(SECRET, "u1"), must_end=True))
    assert flaw(user_hash(SECRET, "u1", ENDS), must_end=True) is None


@pytest.mark.parametrize("ends", [f"{ENDS}000", "", "-1", "1e9", "\uff11772625660", f"{ENDS} "])
def test_an_end_that_is_not_in_unix_seconds_is_refused(ends: str) -> None:
    """Milliseconds would hold for 50,000 years."""
    assert "Unix seconds" in str(flaw(user_hash(SECRET, "u1", ends)))


@given(USER_IDS, st.integers(0, 10**11 - 1), USER_IDS)
def test_a_user_hash_without_an_end_is_never_one_with_an_end(user_id: str, ends: int, other: str) -> None:
    """A server signs whatever its users call themselves, such as `anna.1772625660`."""
    for called in (other, f"{user_id}.{ends}", f"{ends}.{user_id}"):
        assert flaw(f"{ends}.{user_hash(SECRET, called)}", user_id, NOW) is not None


@given(st.text(), USER_IDS)
def test_an_arbitrary_text_is_no_user_hash(shown: str, user_id: str) -> None:
    assert flaw(shown, user_id) is not None


EC, EDWARDS = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
CLAIMS = {"sub": "u1", "exp": int(ENDS)}


def pem(private: Any) -> str:
    return str(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


KEYS = (
    ProofKey("first", "HS256", SECRET),
    ProofKey("ec", "ES256", pem(EC)),
    ProofKey("ed", "EdDSA", pem(EDWARDS)),
)


def token(claims: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **header: str) -> str:
    return jwt.encode(claims, key, algorithm, headers=header)


def flaw_of(shown: str, now: datetime = NOW, keys: tuple[ProofKey, ...] = KEYS, **expected: str) -> str | None:
    try:
        assert key_of_token(shown, keys, ["u1"], now, **expected) in {key.key_id for key in keys}
    except Flaw as error:
        return str(error)
    return None


SIGNED = ((SECRET, "HS256", "first"), (EC, "ES256", "ec"), (EDWARDS, "EdDSA", "ed"))


@pytest.mark.parametrize(("key", "algorithm", "kid"), SIGNED, ids=["HS256", "ES256", "EdDSA"])
def test_a_token_holds_until_it_ends_and_a_little_longer(key: Any, algorithm: str, kid: str) -> None:
    for shown in (token(CLAIMS, key, algorithm), token(CLAIMS, key, algorithm, kid=kid)):
        assert flaw_of(shown) is None
        end = NOW + timedelta(seconds=60)
        assert flaw_of(shown, end + LEEWAY - timedelta(milliseconds=1)) is None
        assert "has ended" in str(flaw_of(shown, end + LEEWAY))


@pytest.mark.parametrize(("key", "algorithm", "kid"), SIGNED, ids=["HS256", "ES256", "EdDSA"])
def test_a_kid_picks_its_key_and_one_that_names_none_picks_nothing(key: Any, algorithm: str, kid: str) -> None:
    others = [other for _, _, other in SIGNED if other != kid]
    for named in others:
        assert "no live signing key" in str(flaw_of(token(CLAIMS, key, algorithm, kid=named)))
    assert flaw_of(token(CLAIMS, key, algorithm, kid="of another system")) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (token({**CLAIMS, "sub": "u2"}), "another user's"),
        (token({"sub": "u1"}), "has no exp"),
        (token({"exp": CLAIMS["exp"]}), "has no sub"),
        (token({**CLAIMS, "exp": True}), "not in Unix seconds"),
        (token({**CLAIMS, "exp": "tomorrow"}), "not in Unix seconds"),
        (token({**CLAIMS, "exp": float("nan")}), "has ended"),
        (token({**CLAIMS, "aud": "us"}), "aud"),
        (token(CLAIMS, key="t" * 64), "no live signing key"),
        (token(CLAIMS, algorithm="HS512"), "no live signing key"),
        (token(CLAIMS, ec.generate_private_key(ec.SECP256R1()), "ES256"), "no live signing key"),
        (token(CLAIMS, ec.generate_private_key(ec.SECP384R1()), "ES384"), "no live signing key"),
        (token(CLAIMS, ed25519.Ed25519PrivateKey.generate(), "EdDSA"), "no live signing key"),
        (token(CLAIMS, rsa.generate_private_key(65537, 2048), "RS256"), "no live signing key"),
        (token(CLAIMS, None, "none"), "no live signing key"),
        (token(CLAIMS)[:-2], "not a JWT"),
        ("", "not a JWT"),
        ("e30.e30.e30", "no live signing key"),
        ("ü", "not a JWT"),
        ("W1tb" * 40_000 + ".e30.e30", "not a JWT"),
    ],
    ids=itertools.count(),
)
def test_what_is_wrong_with_a_token_is_said(wrong: str, why: str) -> None:
    assert why in str(flaw_of(wrong))


@pytest.mark.parametrize("public", [EC, EDWARDS], ids=["ES256", "EdDSA"])
@pytest.mark.parametrize("kid", [{}, {"kid": "first"}, {"kid": "ec"}, {"kid": "ed"}], ids=str)
def test_who_knows_a_public_key_cannot_sign_with_its_text(public: Any, kid: dict[str, str]) -> None:
    """A token's header would have the public key's text taken for an HS256 secret."""
    head, payload, _ = token(CLAIMS, **kid).split(".")
    for text in (pem(public), pem(public).strip()):
        digest = hmac.digest(text.encode(), f"{head}.{payload}".encode(), "sha256")
        forged = f"{head}.{payload}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        assert flaw_of(forged) is not None


def test_a_token_is_for_the_audience_and_from_the_issuer_that_the_tenant_takes() -> None:
    ours = token({**CLAIMS, "aud": ["us", "them"], "iss": "https://login.example"})
    assert flaw_of(ours, audience="us", issuer="https://login.example") is None
    assert "aud" in str(flaw_of(ours, audience="others"))
    assert "aud" in str(flaw_of(token(CLAIMS), audience="us"))
    assert "iss" in str(flaw_of(ours, audience="us", issuer="https://other.example"))
    assert "iss" in str(flaw_of(token(CLAIMS), issuer="https://login.example"))


@given(st.text())
def test_an_arbitrary_text_is_no_token(shown: str) -> None:
    assert flaw_of(shown) is not None
