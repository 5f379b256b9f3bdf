"""Remove a user from a visitor: release the user's claims there, close the relationship and open a cannot-link.

`each` does so on all visitors that a user claimed within a time, such as by logins that a stranger posted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from graph.acts import adopt, audit, closing, refold
from graph.acts.messages import Answer
from graph.database import Database
from graph.errors import NotFound
from graph.model import Change, NewIds
from graph.rules import relationships as rules
from graph.rules import times
from graph.rules.policy import Policy
from graph.rules.relationships import Source
from graph.store import identify, propagate, relationships, users, visitors
from graph.store import release as store
from graph.transaction import Rung, Transaction

CALL = "release"
#: How many visitors `each` removes a user from. At some 20 ms each, a request has its answer within seconds.
AT_ONCE_MAX = 200


@dataclass(frozen=True)
class Release:
    """A removal: the caller states that a user does not use a visitor."""

    user_id: str
    visitor_id: str
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Released(Answer):
    """A user who was removed from a visitor."""

    user_id: str
    visitor_id: str


def act(tx: Transaction, command: Release) -> Released:
    """Release the user's claims in the visitor's merge group, close the relationship, and open a cannot-link.

    The events of a released tenure stay in it, and belong to the identity that the other facts give. A later login
    begins a new tenure and inherits nothing.

    Raises:
        NotFound: There is no such visitor, or the user has neither a claim nor a relationship on it.
    """
    tx, user_id = tx.making(command.change), command.user_id
    store.lock(tx, user_id, command.visitor_id)
    group = visitors.lock_group(tx, [command.visitor_id])
    pair = (user_id, command.visitor_id)
    known = relationships.gather(tx, [pair]).get(pair)
    if known is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    # Without these claims, tenures above them may adopt claims of other users of the group.
    user_ids = sorted({user_id, *refold.known(tx, known.survivor_id)})
    users.lock(tx, [(each_id, command.ids.user) for each_id in user_ids], command.change.at)
    claims = store.gather(tx, user_id=user_id, visitor_id=command.visitor_id)
    related = {visitor_id for visitor_id, records in known.records.items() if records}
    if not claims and not related:
        raise NotFound("this user was not seen on this visitor", code="relationship_not_found")
    used = {claim.visitor_id for claim in claims} | related
    tx.locks.require(Rung.JAR, (claim.jar_id for claim in claims), "the visitor was changed just now")
    tx.locks.require(Rung.VISITOR, used, "the visitor was changed just now")
    identify.resolve(tx, [claim.tenure_id for claim in claims], [], at=command.change.at)
    store.apply(tx, claims, at=command.change.at)
    adopt.choose_again(tx, [claim.tenure_id for claim in claims], at=command.change.at)
    for claim in claims:
        propagate.let_go(tx, user_id=user_id, claim=claim.tenure_id, moved_to=None, at=command.change.at)
    store.withdraw(tx, user_id=user_id, visitor_ids=sorted(group), at=command.change.at)
    closed = sorted(related | {known.survivor_id})
    closed_at = closing.times(tx, [known.survivor_id], at=command.change.at)
    relationships.close(tx, [(user_id, visitor_id) for visitor_id in closed], closing=closed_at)
    store.forbid(tx, user_id=user_id, visitor_ids=sorted(used | {command.visitor_id}), at=command.change.at)
    audit.record(tx, _trace(command, known, len(claims)))
    return Released(user_id, command.visitor_id)


@dataclass(frozen=True)
class Claims:
    """The claims of a user that arrived from `since` on, and before `until`, all verified or all not."""

    user_id: str
    verified: bool
    since: datetime
    until: datetime

    @classmethod
    def of(cls, user_id: str, source: Source, since: datetime | None, until: datetime | None) -> Self:
        """Return the claims by verified logins, or by logins of the source `claimed`; without a time, of all times."""
        return cls(user_id, source is Source.VERIFIED, since or times.BEGINNING, until or times.END)


@dataclass(frozen=True)
class ReleasedFrom:
    """From how many visitors a user was removed; `more` says that there are others, and that the same call goes on."""

    user_id: str
    released: int
    more: bool


def each(database: Database, claims: Claims, removal: Callable[[str], Release]) -> ReleasedFrom:
    """Remove a user from the visitors on which the user has such claims and no others, each in a transaction of its own.

    `removal` makes the command for a visitor. At most `AT_ONCE_MAX` visitors are done.
    """
    found = database.read(
        store.claimed,
        claims.user_id,
        verified=claims.verified,
        since=claims.since,
        until=claims.until,
        limit=AT_ONCE_MAX + 1,
    )
    released = 0
    for visitor_id in found[:AT_ONCE_MAX]:
        try:
            database.write(act, removal(visitor_id))
        except NotFound:
            # Another call removed the user just now, such as by way of the same merge group.
            continue
        released += 1
    return ReleasedFrom(claims.user_id, released, more=len(found) > AT_ONCE_MAX)


def _trace(command: Release, known: rules.Group, claims: int) -> audit.Trace:
    before = known.weighed(command.policy)
    return audit.Trace(
        command.change,
        subjects=(f"user:{command.user_id}", f"visitor:{command.visitor_id}"),
        act=CALL,
        before={**(audit.relationship(command.user_id, command.visitor_id, before) or {}), "claims": claims},
        after=None,
    )
