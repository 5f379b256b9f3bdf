"""Check `userHash`, by which a page proves a user id: its server made it."""

import hmac
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

#: How far the clock of a customer's server may be behind ours when it says until when a `userHash` holds.
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
