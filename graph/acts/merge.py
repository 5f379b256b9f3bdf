"""Merge visitors: a visitor counts for another one from now on, and everything stays where it was observed."""

from collections.abc import Iterable, Sequence
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
    """The caller states that a visitor is the same browser as the visitor that it is merged `into`."""

    visitor_id: str
    into: str
    is_forced: bool
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Merged(Answer):
    """The survivor of a merge, and the identity and user that it belongs to now.

    `relationships` is the number of users that the survivor has a relationship with only since the merge. `changed` is
    False if the two were in one merge group already.
    """

    visitor_id: str
    merged_id: str
    identity_id: str
    user_id: str | None
    relationships: int
    changed: bool


def act(tx: Transaction, command: Merge) -> Merged:
    """Merge the survivors of the two visitors; write nothing if both have the same survivor.

    Raises:
        NotFound: There is no such visitor.
        Refused: The visitors belong to different users, and the merge is not forced or has no reason. Or a path of
            merges or ties would become too long.
    """
    tx = tx.making(command.change)
    named = [command.visitor_id, command.into]
    visitors.lock_group(tx, named)
    survivors = visitors.survivors(tx, named)
    missing = next((visitor_id for visitor_id in named if visitor_id not in survivors), None)
    if missing is not None:
        raise NotFound(f"there is no visitor {missing}", code="visitor_not_found")
    source_id, into_id = (survivors[visitor_id] for visitor_id in named)
    if source_id == into_id:
        return _merged(tx, command, into_id, 0, changed=False)
    source, into = (
        store.side.one(tx, visitor_id=source_id, without=None),
        store.side.one(tx, visitor_id=into_id, without=None),
    )
    members = (*source.visitor_ids, *into.visitor_ids)
    tx.locks.require(Rung.VISITOR, members, "one of the visitors was merged just now")
    opening = _decide(tx, command, source, into, source_id=source_id)
    source_groups = refold.known(tx, source_id)
    # The cannot-links that the merge contradicts are closed, which writes to their users.
    changed = sorted({*source_groups, *store.forbidden(tx, members)})
    users.lock(tx, [(user_id, command.ids.user) for user_id in changed], command.change.at)
    into_groups = refold.known(tx, into_id)
    store.apply(tx, visitor_id=source_id, into_id=into_id, at=command.change.at)
    closed_at = closing.times(tx, [into_id], at=command.change.at)[into_id]
    store.allow(tx, visitor_ids=source.visitor_ids, other_ids=into.visitor_ids, at=closed_at)
    if opening is not None:
        tie(tx, opening, at=command.change.at)
    refold.act(tx, into_id, command.policy)
    audit.record(tx, _trace(command, source_id, into_id, source_groups, into_groups))
    added = len(source_groups.keys() - into_groups.keys())
    return _merged(tx, command, into_id, added, changed=True, merged_id=source_id)


def tie(tx: Transaction, opening: merging.Tie, *, at: datetime) -> None:
    """Open the tie of a merge, and let the anchor and the tenures above it adopt again."""
    evidence = messages.keep((Evidence("merge", 1.0, 0, at),))
    store.tie(tx, opening, evidence=evidence, at=at)
    adopt.choose_again(tx, [opening.anchor_id], at=at)


def standings(tx: Transaction, sides: Sequence[merging.Side]) -> list[Standing | None]:
    """Return who each side's latest tenure belongs to by facts alone; None for a side that was never used."""
    certain = identities.certainly(tx, [side.latest_id for side in sides if side.latest_id is not None])
    return [certain.get(side.latest_id or "") for side in sides]


def _decide(
    tx: Transaction, command: Merge, source: merging.Side, into: merging.Side, *, source_id: str
) -> merging.Tie | None:
    """Return the tie to open, or None; raise `Refused` if the sides must not be merged."""
    decision = merging.decide(
        source,
        into,
        *standings(tx, [source, into]),
        is_forced=command.is_forced and bool(command.change.reason),
        policy=command.policy,
    )
    if decision is merging.Refusal.TOO_DEEP:
        why = "so many were merged one into the other that the way to who it belongs to would be too long"
        raise Refused(why, code="merge_too_deep", subject=source_id)
    if decision is merging.Refusal.DIFFERENT_USERS:
        why = "the two are different users': they are merged only by force, with a reason"
        raise Refused(why, code="merge_refused", reason="different_users", subject=source_id)
    return decision


def _trace(
    command: Merge, source_id: str, into_id: str, source_users: Iterable[str], into_users: Iterable[str]
) -> audit.Trace:
    concerned = sorted({*source_users, *into_users})
    return audit.Trace(
        command.change,
        subjects=(f"visitor:{source_id}", f"visitor:{into_id}", *(f"user:{user_id}" for user_id in concerned)),
        act=CALL,
        before={"visitorId": source_id, "userIds": sorted(source_users)[:100]},
        after={"visitorId": into_id, "mergedId": source_id, "isForced": command.is_forced},
    )


def _merged(
    tx: Transaction, command: Merge, into_id: str, relationships: int, *, changed: bool, merged_id: str | None = None
) -> Merged:
    side = store.side.one(tx, visitor_id=into_id, without=None)
    [standing] = standings(tx, [side])
    return Merged(
        visitor_id=into_id,
        merged_id=merged_id or command.visitor_id,
        identity_id=standing.person_id if standing else "",
        user_id=standing.user_id if standing else None,
        relationships=relationships,
        changed=changed,
    )
