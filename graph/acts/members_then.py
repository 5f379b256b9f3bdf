"""Read an identity as of a time: whose an id was, and the tenures and visitors that this identity consisted of.

Without a time, or with one that has not come yet, it is the identity as of now.
"""

from dataclasses import replace
from datetime import datetime

from graph.acts import reads
from graph.acts.standing_then import as_of, standing_then
from graph.errors import NotFound
from graph.model import Standing
from graph.rules.probable import Bound
from graph.store import identities
from graph.transaction import Transaction


def act(
    tx: Transaction, identity_id: str, bound: Bound, at: datetime | None, *, before: str | None, limit: int
) -> tuple[Standing, identities.Members]:
    """Return the standing that a tenure or user had, and a page of the identity that it belonged to.

    Inferences are weighed by today's policy and sharing. The page has the tenures whose ids come before `before`, the latest
    first, `limit` at most.

    Raises:
        NotFound: There is no such identity, or it is hidden.
    """
    bound, is_now = as_of(bound, at)
    if is_now:
        return reads.members(tx, identity_id, bound, before, limit)
    then, _, links = standing_then(tx, [identity_id], bound, is_now=False)
    standing = then[identity_id].standing(bound) if identity_id in then else None
    if standing is None or standing.method == "hidden":
        raise NotFound("there is no such identity", code="identity_not_found")
    owners = [user.identity_id for user in links.shown(standing.person_id).values()] or [standing.identity_id]
    found = identities.members_then.one(tx, identity_ids=owners, at=bound.at, before=before, limit=limit)
    return replace(standing, identity_id=standing.person_id), found
