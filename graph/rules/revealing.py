"""Which user id an answer contains: a server may learn more than a page."""

from graph.model import Standing
from graph.rules.policy import Policy


def revealed_user_id(standing: Standing, policy: Policy, *, trusted: bool) -> str | None:
    """The user id of a standing for an answer to `init` or `track`.

    A secret key (`trusted`) gets every user id. A public key gets only a user that claimed the session's own tenure,
    unless the policy has `reveal_tied_user`. So a fingerprint that looks like another's learns nothing: if Anna claimed
    the tenure that the session's tenure is tied to, the page gets None.
    """
    return standing.user_id if trusted or policy.reveal_tied_user else standing.claimed_user_id
