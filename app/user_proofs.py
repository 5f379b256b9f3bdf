"""Check `userHash` and `userToken`, by which a page proves a user id: its server made them."""

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from graph.rules.signing_keys import Algorithm

#: How far the clock of a customer's server may be behind ours when it says until when its signature holds.
LEEWAY = timedelta(seconds=30)
#: Eleven digits are seconds until the year 5138. The milliseconds that some languages count have thirteen: a mistake that
#: would hold for ever.
FORM = re.compile(r"(?:(?P<ends>[0-9]{1,11})\.)?(?P<digest>[0-9a-f]{64})")


def user_hash(signing_secret: str, user_id: str, ends: str | None = None) -> str:
    """Return the `userHash` of a user id; it ends at `ends`, in decimal Unix seconds, or never.

    The end is part of the key and not of the text. Were it part of the text, a user who is called like another user's id
    with an end would have that user's `userHash`.
    """
    if ends is None:
        return hmac.digest(signing_secret.encode(), user_id.encode(), "sha256").hex()
    return f"{ends}.{hmac.digest(f'{signing_secret}.{ends}'.encode(), user_id.encode(), 'sha256').hex()}"


def flaw_of_hash(
    shown: str, secrets: Collection[str], user_ids: Collection[str], now: datetime, *, must_end: bool = False
) -> str | None:
    """Return why `shown` proves none of the user ids, under any of the secrets; None if it proves one."""
    form = FORM.fullmatch(shown.strip().lower())
    if form is None:
        return "userHash is neither a hex HMAC-SHA-256 nor Unix seconds, a dot and a hex HMAC-SHA-256"
    ends = form["ends"]
    if ends is None and must_end:
        return "this tenant takes a userHash only with the time when it ends: Unix seconds, a dot and the HMAC"
    matches = [
        hmac.compare_digest(user_hash(secret, user_id, ends), form[0]) for secret in secrets for user_id in user_ids
    ]
    if not any(matches):
        return "userHash is not this user id's under a signing secret of the tenant"
    if ends is not None and now >= datetime.fromtimestamp(int(ends), UTC) + LEEWAY:
        return (
            f"userHash ended at {datetime.fromtimestamp(int(ends), UTC):%Y-%m-%dT%H:%M:%SZ}: the page needs a new one"
        )
    return None


@dataclass(frozen=True)
class TokenKey:
    """A key that may have signed a token: a signing secret, or a public key as PEM. It is for one algorithm."""

    key_id: str
    algorithm: Algorithm
    key: str


def flaw_of_token(
    shown: str,
    keys: Collection[TokenKey],
    user_ids: Collection[str],
    now: datetime,
    *,
    audience: str | None = None,
    issuer: str | None = None,
) -> str | None:
    """Return why the JWT `shown` proves none of the user ids, under any of the keys; None if it proves one.

    `exp` is required, in Unix seconds; it is compared with the service's own clock. `aud` and `iss` have to be the given
    ones. A `kid` that is a key's id picks this key.
    """
    try:
        kid = jwt.get_unverified_header(shown).get("kid")
    except (jwt.PyJWTError, RecursionError):
        return "userToken is not a JWT"
    for key in [key for key in keys if key.key_id == kid] or keys:
        try:
            claims = _claims(shown, key, audience, issuer)
        except jwt.MissingRequiredClaimError as error:
            return f"userToken has no {error.claim}"
        except jwt.InvalidAudienceError:
            return "userToken has not the aud that this tenant takes: see --token-audience of the tenant"
        except jwt.InvalidIssuerError:
            return "userToken has not the iss that this tenant takes: see --token-issuer of the tenant"
        except jwt.PyJWTError:
            continue
        return _flaw_of_claims(claims, user_ids, now)
    return "userToken is signed, by HS256, ES256 or EdDSA, with no live signing key of the tenant"


def _claims(shown: str, key: TokenKey, audience: str | None, issuer: str | None) -> dict[str, Any]:
    return jwt.decode(
        shown,
        key.key if key.algorithm == "HS256" else _public_key(key.key),
        # The token must not choose its algorithm: https://datatracker.ietf.org/doc/html/rfc8725#section-3.1
        algorithms=[key.algorithm],
        options={"require": ["exp", "sub"], "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        audience=audience,
        issuer=issuer,
    )


def _flaw_of_claims(claims: dict[str, Any], user_ids: Collection[str], now: datetime) -> str | None:
    ends = claims["exp"]
    if isinstance(ends, bool) or not isinstance(ends, int | float):
        return "userToken has an exp that is not in Unix seconds"
    if claims["sub"] not in user_ids:
        return "userToken is another user's: its sub is not the user id"
    return None if now.timestamp() < ends + LEEWAY.total_seconds() else "userToken has ended: the page needs a new one"


@lru_cache(maxsize=1024)
def _public_key(pem: str) -> Any:
    """Return a key as it verifies: to read it from its text takes as long as to verify."""
    return load_pem_public_key(pem.encode())
