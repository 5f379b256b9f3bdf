"""Merge visitors: one counts for the other from now on, and everything stays where it was observed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.acts import adopt, audit, closing, refold
from graph.acts.messages import Answer
from graph.errors import NotFound, Refused
from graph.model import Change, Evidence, NewIds, Standing
from graph.rules import merging
from graph.rules.policy import Policy
from graph.store import identities, messages, users, visitors
from graph.store import merge as store
from graph.transaction import Rung, Transaction

CALL = "merge"


@dataclass(frozen=True)
class Merge:
    """That a visitor is the same browser as the one it is merged `into`."""

    visitor_id: str
    into: str
    is_forced: bool
    change: Change
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
    tx = tx.making(command.change)
    named = [command.visitor_id, command.into]
    visitors.lock_group(tx, named)
    survivors = visitors.survivors(tx, named)
    missing = next((one for one in named if one not in survivors), None)
    if missing is not None:
        raise NotFound(f"there is no visitor {missing}", code="visitor_not_found")
    source_id, into_id = (survivors[one] for one in named)
    if source_id == into_id:
        return _merged(tx, command, into_id, 0, changed=False)
    source, into = (
        store.side.one(tx, visitor_id=source_id, without=None),
        store.side.one(tx, visitor_id=into_id, without=None),
    )
    members = (*source.visitor_ids, *into.visitor_ids)
    tx.locks.require(Rung.VISITOR, members, "one of the visitors was merged just now")
    whose, others = standings(tx, [source, into])
    decided = merging.decide(
        source,
        into,
        whose,
        others,
        is_forced=command.is_forced and bool(command.change.reason),
        policy=command.policy,
    )
    if decided is merging.Refusal.TOO_DEEP:
        why = "so many were merged one into the other that the way to who it belongs to would be too long"
        raise Refused(why, code="merge_too_deep", subject=source_id)
    if decided is merging.Refusal.DIFFERENT_USERS:
        why = "the two are different users': they are merged only by force, with a reason"
        raise Refused(why, code="merge_refused", reason="different_users", subject=source_id)
    known = refold.known(tx, source_id)
    users.lock(tx, [(user_id, command.ids.user) for user_id in sorted(known)], command.change.at)
    before = refold.known(tx, into_id)
    store.apply(tx, visitor_id=source_id, into_id=into_id, at=command.change.at)
    when = closing.times(tx, [into_id], at=command.change.at)[into_id]
    store.allow(tx, visitor_ids=source.visitor_ids, other_ids=into.visitor_ids, at=when)
    if decided is not None:
        tie(tx, decided, at=command.change.at)
    refold.act(tx, into_id, command.policy)
    concerned = sorted({*known, *before})
    subjects = (f"visitor:{source_id}", f"visitor:{into_id}", *(f"user:{user_id}" for user_id in concerned))
    audit.record(
        tx,
        audit.Trace(
            command.change,
            subjects=subjects,
            act=CALL,
            before={"visitorId": source_id, "userIds": sorted(known)[:100]},
            after={"visitorId": into_id, "mergedId": source_id, "isForced": command.is_forced},
        ),
    )
    return _merged(tx, command, into_id, len(known.keys() - before.keys()), changed=True, merged_id=source_id)


def tie(tx: Transaction, one: merging.Tie, *, at: datetime) -> None:
    """Tie the two sides of a merge, and let the anchor and those above it choose again whom they follow."""
    evidence = messages.keep((Evidence("merge", 1.0, 0, at),))
    store.tie(tx, one, evidence=evidence, at=at)
    adopt.again(tx, [one.anchor_id], at=at)


def standings(tx: Transaction, sides: Sequence[merging.Side]) -> list[Standing | None]:
    """Whose the sides' latest tenures are, by facts alone."""
    found = identities.certainly(tx, [side.latest_id for side in sides if side.latest_id is not None])
    return [found.get(side.latest_id or "") for side in sides]


def _merged(
    tx: Transaction, command: Merge, into_id: str, count: int, *, changed: bool, merged_id: str | None = None
) -> Merged:
    side = store.side.one(tx, visitor_id=into_id, without=None)
    [whose] = standings(tx, [side])
    return Merged(
        visitor_id=into_id,
        merged_id=merged_id or command.visitor_id,
        identity_id=whose.identity_id if whose else "",
        user_id=whose.user_id if whose else None,
        relationships=count,
        changed=changed,
    )
