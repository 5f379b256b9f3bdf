"""Close relationships that were not seen for the policy's time, or whose confidence has faded below its minimum."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from graph.acts import audit, closing
from graph.model import Change
from graph.rules import decay
from graph.rules import relationships as rules
from graph.rules.policy import Policy
from graph.rules.relationships import Pair
from graph.store import relationships, visitors
from graph.store import sweep as store
from graph.transaction import Rung, Transaction

CALL = "sweep"
#: How many relationships one transaction closes: so few that other writers do not wait for long.
BATCH = 200


@dataclass(frozen=True)
class Sweep:
    """One batch of a sweep at the time of its change."""

    change: Change
    policy: Policy

    @property
    def seen_before(self) -> datetime:
        """A relationship that was last seen before this time is closed, whatever its confidence."""
        return self.change.at - timedelta(days=self.policy.relationship_ttl_days)

    @property
    def rank_below(self) -> float:
        """A relationship that ranks below this has a confidence below `relationship_confidence_min` now."""
        policy = self.policy
        return decay.rank(policy.relationship_confidence_min, self.change.at, policy.relationship_half_life_days)


def due(tx: Transaction, command: Sweep) -> list[Pair]:
    """Return relationships that are to be closed, at most a batch."""
    pairs = store.stale(tx, seen_before=command.seen_before, limit=BATCH)
    if len(pairs) < BATCH:
        pairs += store.faded(
            tx,
            rank_below=command.rank_below,
            confidence_min=command.policy.relationship_confidence_min,
            limit=BATCH - len(pairs),
        )
    return list(dict.fromkeys(pairs))


def act(tx: Transaction, command: Sweep, pairs: Sequence[Pair]) -> int:
    """Close those of these relationships that are still due once they are locked; return how many were closed.

    The claims that made them stay, so the events belong to the same user as before. A later association begins a new
    relationship.
    """
    tx = tx.making(command.change)
    visitors.lock_group(tx, sorted({visitor_id for _, visitor_id in pairs}))
    closed: list[Pair] = []
    survivors: set[str] = set()
    reranked: list[relationships.Edge] = []
    traces: list[audit.Trace] = []
    for (user_id, visitor_id), group in relationships.gather(tx, pairs).items():
        weighed = group.weighed(command.policy)
        if weighed is None or group.survivor_id != visitor_id or not group.is_visible:
            continue
        tx.locks.require(Rung.VISITOR, group.records, "a visitor was merged just now")
        reason = _reason(command, weighed)
        if reason is None:
            # It only seemed due, since its stored figures are by another policy.
            reranked.append(relationships.Edge.of(group, visitor_id, weighed, is_listed=True))
            continue
        closed += [(user_id, member_id) for member_id in {visitor_id, *group.records}]
        survivors.add(visitor_id)
        traces.append(
            audit.Trace(
                replace(command.change, id=f"{command.change.id}.{len(traces)}", reason=reason),
                subjects=(f"user:{user_id}", f"visitor:{visitor_id}"),
                act=CALL,
                before=audit.relationship(user_id, visitor_id, weighed),
                after=None,
            )
        )
    relationships.apply(tx, reranked)
    closed_at = closing.times(tx, survivors, at=command.change.at)
    relationships.close(tx, sorted(closed), closing=closed_at)
    audit.record(tx, *traces)
    return len(traces)


def _reason(command: Sweep, weighed: rules.Relationship) -> str | None:
    """Return why a relationship is closed; None if it is not."""
    if weighed.last_seen < command.seen_before:
        return f"not seen for {command.policy.relationship_ttl_days:g} days"
    least = command.policy.relationship_confidence_min
    if weighed.confidence >= least and weighed.rank < command.rank_below:
        return f"worth less than {least:g} by now"
    return None
