"""Count associations of users and visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.database import Transaction
from graph.rules.policy import Policy
from graph.rules.relationships import Relationship, Source
from graph.rules.relationships import associate as weigh_with
from graph.store import relationships as store
from graph.store import users


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
