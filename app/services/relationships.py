"""Count associations of users and visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.services import reads
from graph.database import Transaction
from graph.errors import NotFound
from graph.rules.decay import rank_of_bound
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.rules.relationships import Relationship, Source
from graph.rules.relationships import associate as weigh_with
from graph.store import relationships as store
from graph.store import users

#: Before the first of any list.
TOP = store.Place(float("inf"), "")


@dataclass(frozen=True)
class Association:
    """One observation that a user used a visitor; the identity id is for a user there is not yet."""

    user_id: str
    visitor_id: str
    source: Source
    at: datetime
    new_identity_id: str
    policy: Policy


def associate(tx: Transaction, tenant: str, associations: Sequence[Association]) -> list[Relationship]:
    """Count each association into its relationship and answer what that is now; visitors are locked already."""
    if not associations:
        return []
    new = {one.user_id: (one.user_id, one.new_identity_id) for one in associations}
    users.lock(tx, tenant, list(new.values()), max(one.at for one in associations))
    known = store.gather(tx, tenant, [(one.user_id, one.visitor_id) for one in associations])
    weighed = {}
    for one in associations:
        pair = (one.user_id, one.visitor_id)
        weighed[pair] = weigh_with(known[pair], one.source, one.at, one.policy)
        known[pair] = dict(weighed[pair].records)
    store.apply(tx, tenant, weighed)
    return [weighed[one.user_id, one.visitor_id] for one in associations]


def of_user(
    tx: Transaction,
    tenant: str,
    user_id: str,
    *,
    confidence_min: float,
    after: store.Place | None,
    limit: int,
    now: datetime,
    policy: Policy,
) -> list[store.Listed]:
    """A user's visitors worth at least `confidence_min` (0–100, as shown) now, strongest first; raises `NotFound`."""
    user_id = reads.user(tx, tenant, user_id).user_id
    least = rank_of_bound(confidence_min, now, policy.relationship_half_life_days)
    return store.of_user(tx, tenant, user_id, rank_min=least, after=after or TOP, limit=limit)


def of_visitor(
    tx: Transaction,
    tenant: str,
    visitor_id: str,
    *,
    confidence_min: float,
    after: store.Place | None,
    limit: int,
    now: datetime,
    policy: Policy,
) -> list[store.Listed]:
    """A visitor's users worth at least `confidence_min` (0–100, as shown) now, strongest first; raises `NotFound`."""
    reads.visitor(tx, tenant, visitor_id, Bound.of(policy, now))
    least = rank_of_bound(confidence_min, now, policy.relationship_half_life_days)
    return store.of_visitor(tx, tenant, visitor_id, rank_min=least, after=after or TOP, limit=limit)


def get(tx: Transaction, tenant: str, user_id: str, visitor_id: str) -> store.One:
    """The relationship of a user and a visitor; raises `NotFound`."""
    found = store.get(tx, tenant, reads.kept_id(user_id), visitor_id)
    if found is None:
        raise NotFound("this user was not seen on this visitor", code="relationship_not_found")
    return found
