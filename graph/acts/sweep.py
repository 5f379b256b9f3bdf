"""Close relationships that were not seen for the tenant's period, or that faded below what counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from graph.acts import audit, closing
from graph.model import Change
from graph.rules import relationships as rules
from graph.rules.decay import DAY
from graph.rules.policy import Policy
from graph.store import relationships as store
from graph.store import sweep as found
from graph.store import visitors
from graph.transaction import Rung, Transaction

CALL = "sweep"
#: So few at once that nobody who writes waits for long.
BATCH = 200


@dataclass(frozen=True)
class Sweep:
    """One batch of what is over at a time."""

    change: Change
    policy: Policy

    @property
    def seen_before(self) -> datetime:
        """What was not seen since is over."""
        return self.change.at - timedelta(days=self.policy.relationship_ttl_days)

    @property
    def rank_below(self) -> float:
        """What ranks lower is worth less than counts."""
        half_life_seconds = self.policy.relationship_half_life_days * DAY
        return math.log2(self.policy.relationship_confidence_min) + self.change.at.timestamp() / half_life_seconds


def due(tx: Transaction, command: Sweep) -> list[store.Pair]:
    """Some relationships that are over, at most a batch."""
    stale = found.stale(tx, seen_before=command.seen_before, limit=BATCH)
    if len(stale) < BATCH:
        stale += found.faded(
            tx,
            rank_below=command.rank_below,
            confidence_min=command.policy.relationship_confidence_min,
            limit=BATCH - len(stale),
        )
    return list(dict.fromkeys(stale))


def act(tx: Transaction, command: Sweep, pairs: Sequence[store.Pair]) -> int:
    """Close those of the relationships that are over still, and say how many that were.

    The claims that made them stay: what was sent belongs to whom it did. A later association begins anew.
    """
    tx = tx.making(command.change)
    visitors.lock_group(tx, sorted({visitor_id for _, visitor_id in pairs}))
    closed: list[store.Pair] = []
    over: set[str] = set()
    again: list[store.Edge] = []
    traces: list[audit.Trace] = []
    for (user_id, visitor_id), group in store.gather(tx, pairs).items():
        weighed = group.weighed(command.policy)
        if weighed is None or group.survivor_id != visitor_id or not group.is_visible:
            continue
        tx.locks.require(Rung.VISITOR, group.records, "a visitor was merged just now")
        reason = _reason(command, weighed)
        if reason is None:
            # It looked as if by figures of another policy.
            again.append(store.Edge.of(group, visitor_id, weighed, is_listed=True))
            continue
        closed += [(user_id, one) for one in {visitor_id, *group.records}]
        over.add(visitor_id)
        traces.append(
            audit.Trace(
                replace(command.change, id=f"{command.change.id}.{len(traces)}", reason=reason),
                subjects=(f"user:{user_id}", f"visitor:{visitor_id}"),
                act=CALL,
                before=audit.relationship(user_id, visitor_id, weighed),
                after=None,
            )
        )
    store.apply(tx, again)
    when = closing.times(tx, over, at=command.change.at)
    store.close(tx, sorted(closed), closing=when)
    audit.record(tx, *traces)
    return len(traces)


def _reason(command: Sweep, weighed: rules.Relationship) -> str | None:
    if weighed.last_seen < command.seen_before:
        return f"not seen for {command.policy.relationship_ttl_days:g} days"
    least = command.policy.relationship_confidence_min
    if weighed.confidence >= least and weighed.rank < command.rank_below:
        return f"worth less than {least:g} by now"
    return None
