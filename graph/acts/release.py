"""Take a user from a visitor: what they claimed there is released, and nothing takes the two for each other again."""

from dataclasses import dataclass
from datetime import datetime

from graph.acts import adopt, audit, closing
from graph.acts.messages import Answer
from graph.database import Transaction
from graph.errors import NotFound, Overtaken
from graph.model import NewIds
from graph.rules import relationships as rules
from graph.rules.policy import Policy
from graph.store import identify, propagate, relationships, users, visitors
from graph.store import release as store

CALL = "release"


@dataclass(frozen=True)
class Release:
    """That a user does not use a visitor; `actor` says so, such as `key:ID`."""

    tenant: str
    user_id: str
    visitor_id: str
    reason: str | None
    at: datetime
    actor: str
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Released(Answer):
    """Whom a visitor was taken from, and which it was."""

    user_id: str
    visitor_id: str


def act(tx: Transaction, command: Release) -> Released:
    """Release the user's claims within the visitor, close their relationship, and remember a cannot-link.

    What was sent in the released tenures stays there and belongs to whom the other facts say; a later login begins
    anew. Raises `NotFound` where the two have nothing to do with each other.
    """
    tenant, user_id, change_id = command.tenant, command.user_id, command.ids.change
    jars = store.lock(tx, tenant, user_id, command.visitor_id)
    locked = visitors.lock_group(tx, tenant, [command.visitor_id])
    known = relationships.gather(tx, tenant, [(user_id, command.visitor_id)]).get((user_id, command.visitor_id))
    if known is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    users.lock(tx, tenant, [(user_id, command.ids.user)], command.at)
    claims = store.gather(tx, tenant, user_id, command.visitor_id)
    related = {visitor_id for visitor_id, records in known.records.items() if records}
    if not claims and not related:
        raise NotFound("this user was not seen on this visitor", code="relationship_not_found")
    theirs = {claim.visitor_id for claim in claims} | related
    if not (jars.issuperset(claim.jar_id for claim in claims) and locked.issuperset(theirs)):
        raise Overtaken("the visitor was changed just now")
    identify.resolve(tx, tenant, [claim.tenure_id for claim in claims], [], at=command.at, change_id=change_id)
    store.apply(tx, tenant, claims, at=command.at)
    adopt.again(tx, tenant, [claim.tenure_id for claim in claims], at=command.at, change_id=change_id)
    for claim in claims:
        propagate.let_go(tx, tenant, user_id, claim.tenure_id, None, at=command.at, change_id=change_id)
    store.withdraw(tx, tenant, user_id, sorted(locked), at=command.at, change_id=change_id)
    closed = sorted(related | {known.survivor_id})
    when = closing.times(tx, tenant, [known.survivor_id], at=command.at, locked=locked)
    relationships.close(tx, tenant, [(user_id, one) for one in closed], closing=when, change_id=change_id)
    store.forbid(
        tx,
        tenant,
        user_id,
        sorted(theirs | {command.visitor_id}),
        at=command.at,
        reason=command.reason,
        actor=command.actor,
        change_id=change_id,
    )
    audit.record(tx, tenant, [_change(command, known, len(claims))])
    return Released(user_id, command.visitor_id)


def _change(command: Release, known: rules.Group, claims: int) -> audit.Change:
    before = known.weighed(command.policy)
    return audit.Change(
        change_id=command.ids.change,
        subjects=(f"user:{command.user_id}", f"visitor:{command.visitor_id}"),
        act=CALL,
        actor=command.actor,
        reason=command.reason,
        before={**(audit.relationship(command.user_id, command.visitor_id, before) or {}), "claims": claims},
        after=None,
        at=command.at,
    )
