"""Merge visitors: one counts for the other from now on, and everything stays where it was observed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.acts import adopt, audit, closing, refold
from graph.acts.messages import Answer
from graph.database import Transaction
from graph.errors import NotFound, Overtaken, Refused
from graph.model import Evidence, NewIds, Standing
from graph.rules import merging
from graph.rules.policy import Policy
from graph.store import identities, messages, users, visitors
from graph.store import merge as store

CALL = "merge"


@dataclass(frozen=True)
class Merge:
    """That a visitor is the same browser as the one it is merged `into`, as `actor` says, such as `key:ID`."""

    tenant: str
    visitor_id: str
    into: str
    is_forced: bool
    reason: str | None
    at: datetime
    actor: str
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Merged(Answer):
    """The survivor, whose it is now, and how many relationships count for it that did not; `changed` is False for a repeat."""

    visitor_id: str
    merged_id: str
    identity_id: str
    user_id: str | None
    relationships: int
    changed: bool


def act(tx: Transaction, command: Merge) -> Merged:
    """Merge what the two ids resolve to; where that is one already, nothing is written.

    Raises `NotFound` for a visitor there is not, and `Refused` for two that are different users' without force and a
    reason, or for a way that would be too long.
    """
    tenant, change_id = command.tenant, command.ids.change
    named = [command.visitor_id, command.into]
    locked = visitors.lock_group(tx, tenant, named)
    survivors = visitors.survivors(tx, tenant, named)
    missing = next((one for one in named if one not in survivors), None)
    if missing is not None:
        raise NotFound(f"there is no visitor {missing}", code="visitor_not_found")
    source_id, into_id = (survivors[one] for one in named)
    if source_id == into_id:
        return _merged(tx, command, into_id, 0, changed=False)
    source, into = store.side(tx, tenant, source_id), store.side(tx, tenant, into_id)
    if not locked.issuperset([*source.visitor_ids, *into.visitor_ids]):
        raise Overtaken("one of the visitors was merged just now")
    whose, others = standings(tx, tenant, [source, into])
    decided = merging.decide(
        source,
        into,
        whose,
        others,
        is_forced=command.is_forced and bool(command.reason),
        policy=command.policy,
    )
    if decided is merging.Refusal.TOO_DEEP:
        why = "so many were merged one into the other that the way to who it belongs to would be too long"
        raise Refused(why, code="merge_too_deep", subject=source_id)
    if decided is merging.Refusal.DIFFERENT_USERS:
        why = "the two are different users': they are merged only by force, with a reason"
        raise Refused(why, code="merge_refused", reason="different_users", subject=source_id)
    known = refold.known(tx, tenant, source_id)
    users.lock(tx, tenant, [(user_id, command.ids.user) for user_id in sorted(known)], command.at)
    before = refold.known(tx, tenant, into_id)
    store.apply(
        tx,
        tenant,
        source_id,
        into_id,
        at=command.at,
        reason=command.reason,
        actor=command.actor,
        change_id=change_id,
    )
    when = closing.times(tx, tenant, [into_id], at=command.at, locked=locked)[into_id]
    store.allow(tx, tenant, source.visitor_ids, into.visitor_ids, at=when, change_id=change_id)
    if decided is not None:
        tie(tx, tenant, decided, at=command.at, change_id=change_id)
    refold.act(tx, tenant, into_id, command.policy)
    concerned = sorted({*known, *before})
    subjects = (f"visitor:{source_id}", f"visitor:{into_id}", *(f"user:{user_id}" for user_id in concerned))
    audit.record(
        tx,
        tenant,
        [
            audit.Change(
                change_id=change_id,
                subjects=subjects,
                act=CALL,
                actor=command.actor,
                reason=command.reason,
                before={"visitorId": source_id, "userIds": sorted(known)[:100]},
                after={"visitorId": into_id, "mergedId": source_id, "isForced": command.is_forced},
                at=command.at,
            )
        ],
    )
    return _merged(tx, command, into_id, len(known.keys() - before.keys()), changed=True, merged_id=source_id)


def tie(tx: Transaction, tenant: str, one: merging.Tie, *, at: datetime, change_id: str) -> None:
    """Tie the two sides of a merge, and let the anchor and those above it choose again whom they follow."""
    evidence = messages.keep((Evidence("merge", 1.0, 0, at),))
    store.tie(tx, tenant, one, evidence=evidence, at=at, change_id=change_id)
    adopt.again(tx, tenant, [one.anchor_id], at=at, change_id=change_id)


def standings(tx: Transaction, tenant: str, sides: Sequence[merging.Side]) -> list[Standing | None]:
    """Whose the sides' latest tenures are, by facts alone."""
    found = identities.certainly(tx, tenant, [side.latest_id for side in sides if side.latest_id is not None])
    return [found.get(side.latest_id or "") for side in sides]


def _merged(
    tx: Transaction, command: Merge, into_id: str, count: int, *, changed: bool, merged_id: str | None = None
) -> Merged:
    side = store.side(tx, command.tenant, into_id)
    [whose] = standings(tx, command.tenant, [side])
    return Merged(
        visitor_id=into_id,
        merged_id=merged_id or command.visitor_id,
        identity_id=whose.identity_id if whose else "",
        user_id=whose.user_id if whose else None,
        relationships=count,
        changed=changed,
    )
