"""Close relationships that were not seen for the tenant's period, or that faded below what counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.acts import audit, closing
from graph.database import Transaction
from graph.errors import Overtaken
from graph.rules import relationships as rules
from graph.rules.decay import DAY
from graph.rules.policy import Policy
from graph.store import relationships as store
from graph.store import sweep as found
from graph.store import visitors

CALL = "sweep"
#: So few at once that nobody who writes waits for long.
BATCH = 200


@dataclass(frozen=True)
class Sweep:
    """One batch of what is over at a time."""

    tenant: str
    at: datetime
    actor: str
    policy: Policy
    change_id: str

    @property
    def seen_before(self) -> datetime:
        """What was not seen since is over."""
        return self.at - timedelta(days=self.policy.relationship_ttl_days)

    @property
    def rank_below(self) -> float:
        """What ranks lower is worth less than counts."""
        half_life_seconds = self.policy.relationship_half_life_days * DAY
        return math.log2(self.policy.relationship_confidence_min) + self.at.timestamp() / half_life_seconds


def due(tx: Transaction, command: Sweep) -> list[store.Pair]:
    """Some relationships that are over, at most a batch."""
    stale = found.stale(tx, command.tenant, seen_before=command.seen_before, limit=BATCH)
    if len(stale) < BATCH:
        stale += found.faded(
            tx,
            command.tenant,
            rank_below=command.rank_below,
            confidence_min=command.policy.relationship_confidence_min,
            limit=BATCH - len(stale),
        )
    return list(dict.fromkeys(stale))


def act(tx: Transaction, command: Sweep, pairs: Sequence[store.Pair]) -> int:
    """Close those of the relationships that are over still, and say how many that were.

    The claims that made them stay: what was sent belongs to whom it did. A later association begins anew.
    """
    locked = visitors.lock_group(tx, command.tenant, sorted({visitor_id for _, visitor_id in pairs}))
    closed: list[store.Pair] = []
    over: set[str] = set()
    again: list[store.Edge] = []
    changes: list[audit.Change] = []
    for (user_id, visitor_id), group in store.gather(tx, command.tenant, pairs).items():
        weighed = group.weighed(command.policy)
        if weighed is None or group.survivor_id != visitor_id or not group.is_visible:
            continue
        if not locked.issuperset(group.records):
            raise Overtaken("a visitor was merged just now")
        reason = _reason(command, weighed)
        if reason is None:
            # It looked as if by figures of another policy.
            again.append(store.Edge.of(group, visitor_id, weighed, is_listed=True))
            continue
        closed += [(user_id, one) for one in {visitor_id, *group.records}]
        over.add(visitor_id)
        changes.append(
            audit.Change(
                change_id=f"{command.change_id}.{len(changes)}",
                subjects=(f"user:{user_id}", f"visitor:{visitor_id}"),
                act=CALL,
                actor=command.actor,
                reason=reason,
                before=audit.relationship(user_id, visitor_id, weighed),
                after=None,
                at=command.at,
            )
        )
    store.apply(tx, command.tenant, again)
    when = closing.times(tx, command.tenant, over, at=command.at, locked=locked)
    store.close(tx, command.tenant, sorted(closed), closing=when, change_id=command.change_id)
    audit.record(tx, command.tenant, changes)
    return len(changes)


def _reason(command: Sweep, weighed: rules.Relationship) -> str | None:
    if weighed.last_seen < command.seen_before:
        return f"not seen for {command.policy.relationship_ttl_days:g} days"
    least = command.policy.relationship_confidence_min
    if weighed.confidence >= least and weighed.rank < command.rank_below:
        return f"worth less than {least:g} by now"
    return None
