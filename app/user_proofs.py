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


class Flaw(ValueError):  # noqa: N818 - a caller answers it as one of the wire's problems
    """What is wrong with a `userHash` or `userToken`, for whoever made it."""


@dataclass(frozen=True)
class ProofKey:
    """A key that may have signed: a signing secret, or a public key as PEM. It is for one algorithm."""

    key_id: str
    algorithm: Algorithm
    key: str


def user_hash(signing_secret: str, user_id: str, ends: str | None = None) -> str:
    """Return the `userHash` of a user id; it ends at `ends`, in decimal Unix seconds, or never.

    The end is part of the key and not of the text. Were it part of the text, a user who is called like another user's id
    with an end would have that user's `userHash`.
    """
    if ends is None:
        return hmac.digest(signing_secret.encode(), user_id.encode(), "sha256").hex()
    return f"{ends}.{hmac.digest(f'{signing_secret}.{ends}'.encode(), user_id.encode(), 'sha256').hex()}"


def key_of_hash(
    shown: str, keys: Collection[ProofKey], user_ids: Collection[str], now: datetime, *, must_end: bool = False
) -> str:
    """Return the id of the secret under which `shown` proves one of the user ids; raise `Flaw` if there is none."""
    form = FORM.fullmatch(shown.strip().lower())
    if form is None:
        raise Flaw("userHash is neither a hex HMAC-SHA-256 nor Unix seconds, a dot and a hex HMAC-SHA-256")
    ends = form["ends"]
    if ends is None and must_end:
        raise Flaw("this tenant takes a userHash only with the time when it ends: Unix seconds, a dot and the HMAC")
    proving = [
        key.key_id
        for key in keys
        if key.algorithm == "HS256"
        for user_id in user_ids
        if hmac.compare_digest(user_hash(key.key, user_id, ends), form[0])
    ]
    if not proving:
        raise Flaw("userHash is not this user id's under a signing secret of the tenant")
    if ends is not None and now >= datetime.fromtimestamp(int(ends), UTC) + LEEWAY:
        ended = f"{datetime.fromtimestamp(int(ends), UTC):%Y-%m-%dT%H:%M:%SZ}"
        raise Flaw(f"userHash ended at {ended}: the page needs a new one")
    return proving[0]


def key_of_token(
    shown: str,
    keys: Collection[ProofKey],
    user_ids: Collection[str],
    now: datetime,
    *,
    audience: str | None = None,
    issuer: str | None = None,
) -> str:
    """Return the id of the key with which the JWT `shown` proves one of the user ids; raise `Flaw` if there is none.

    `exp` is required, in Unix seconds; it is compared with the service's own clock. `aud` and `iss` have to be the given
    ones. A `kid` that is a key's id picks this key.
    """
    try:
        kid = jwt.get_unverified_header(shown).get("kid")
    except (jwt.PyJWTError, RecursionError):
        raise Flaw("userToken is not a JWT") from None
    for key in [key for key in keys if key.key_id == kid] or keys:
        try:
            claims = _claims(shown, key, audience, issuer)
        except jwt.MissingRequiredClaimError as error:
            raise Flaw(f"userToken has no {error.claim}") from None
        except jwt.InvalidAudienceError:
            raise Flaw("userToken has not the aud that this tenant takes: see its --token-audience") from None
        except jwt.InvalidIssuerError:
            raise Flaw("userToken has not the iss that this tenant takes: see its --token-issuer") from None
        except jwt.PyJWTError:
            continue
        _require(claims, user_ids, now)
        return key.key_id
    raise Flaw("userToken is signed, by HS256, ES256 or EdDSA, with no live signing key of the tenant")


def _claims(shown: str, key: ProofKey, audience: str | None, issuer: str | None) -> dict[str, Any]:
    return jwt.decode(
        shown,
        key.key if key.algorithm == "HS256" else _public_key(key.key),
        # The token must not choose its algorithm: https://datatracker.ietf.org/doc/html/rfc8725#section-3.1
        algorithms=[key.algorithm],
        options={"require": ["exp", "sub"], "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        audience=audience,
        issuer=issuer,
    )


def _require(claims: dict[str, Any], user_ids: Collection[str], now: datetime) -> None:
    ends = claims["exp"]
    if isinstance(ends, bool) or not isinstance(ends, int | float):
        raise Flaw("userToken has an exp that is not in Unix seconds")
    if claims["sub"] not in user_ids:
        raise Flaw("userToken is another user's: its sub is not the user id")
    # An exp that is no number (NaN) is never in the future.
    if not now.timestamp() - LEEWAY.total_seconds() < ends:
        raise Flaw("userToken has ended: the page needs a new one")


@lru_cache(maxsize=1024)
def _public_key(pem: str) -> Any:
    """Return a key as it verifies: to read it from its text takes as long as to verify."""
    return load_pem_public_key(pem.encode())
