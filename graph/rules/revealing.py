"""What an answer says about whose a session is: a server may learn more than a page."""

from dataclasses import dataclass

from graph.model import Standing
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Revealed:
    """The identity and the user that an answer names."""

    identity_id: str
    user_id: str | None


def revealed(standing: Standing, policy: Policy, *, trusted: bool, is_holder: bool = True) -> Revealed:
    """Return what of a standing the caller of `init`, `track` or `identify` is told.

    A secret key (`trusted`) is told everything. A public key is told a user, and the user's identity, only if the user
    claimed the session's own tenure, unless the policy has `reveal_tied_user`. Else it is told the tenure that its
    session's leads to, whether that is claimed or not. So a fingerprint that looks like another's learns nothing: the
    answers before and after Anna claims that tenure are the same.

    Who only names a browser by `anonymousId` is no holder (`is_holder`) of it, and is told no user.
    """
    if trusted or (is_holder and (policy.reveal_tied_user or standing.claimed_user_id is not None)):
        return Revealed(standing.person_id, standing.user_id)
    return Revealed(standing.public_id, None)
