"""What proves a user id, and what does not."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.user_proofs import LEEWAY, flaw_of_hash, user_hash
from graph.rules.signing_keys import signing_secret

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECRET = signing_secret("k" * 40, "shop")
ENDS = str(int(NOW.timestamp()) + 60)
USER_IDS = st.text(st.characters(exclude_categories=["Cs"]))


def flaw(shown: str, user_id: str = "u1", now: datetime = NOW, *, must_end: bool = False) -> str | None:
    return flaw_of_hash(shown, [SECRET], [user_id], now, must_end=must_end)


def test_a_user_hash_is_the_hex_hmac_of_the_user_id_under_the_printed_secret() -> None:
    shown = hmac.new(SECRET.encode(), b"u1", hashlib.sha256).hexdigest()
    assert flaw(shown) is None
    assert flaw(f" {shown.upper()} ") is None
    assert flaw(shown, "u2") is not None
    assert flaw_of_hash(shown, [signing_secret("k" * 40, "rival")], ["u1"], NOW) is not None
    assert flaw(shown[:-1]) is not None


def test_one_of_several_secrets_and_spellings_is_enough() -> None:
    shown = user_hash(SECRET, "Anna")
    assert flaw_of_hash(shown, ["other", SECRET], ["anna", "Anna"], NOW) is None
    assert flaw_of_hash(shown, [], ["anna", "Anna"], NOW) is not None


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
