"""State relationships: how sure it is that a user used a visitor, by what the caller knows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.acts import audit, claim, closing
from graph.acts.messages import Answer, answered
from graph.acts.relationships import Ledger
from graph.database import Transaction
from graph.errors import IdentityGraphError, NotFound, Overtaken, Refused
from graph.model import Message, NewIds
from graph.rules import relationships as rules
from graph.rules.messages import Kept, Repeat, judge
from graph.rules.policy import Policy
from graph.rules.relationships import Relationship, Source
from graph.store import identify as logins
from graph.store import messages, release, users, visitors
from graph.store import put as statements

CALL = "put_relationship"


@dataclass(frozen=True)
class Put:
    """One statement; `confidence` is 1–100, `actor` who made it, such as `key:ID`.

    With `claims` the visitor's latest tenure is the user's, too, as if they had logged in.
    """

    tenant: str
    message: Message
    user_id: str
    visitor_id: str
    confidence: float
    claims: bool
    reason: str | None
    at: datetime
    actor: str
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Stated(Answer):
    """A relationship as it is after a statement."""

    user_id: str
    visitor_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source
    verified: bool = False


def act(tx: Transaction, commands: Sequence[Put]) -> list[Stated | IdentityGraphError]:
    """State each relationship, in order; all are of one tenant. A user there is not is made, a visitor is not."""
    tenant = commands[0].tenant
    used = statements.lock(tx, tenant, sorted({command.visitor_id for command in commands if command.claims}))
    named = sorted({command.visitor_id for command in commands})
    locked = visitors.lock_group(tx, tenant, named)
    kept = messages.find(tx, tenant, sorted({command.message.message_id for command in commands}))
    results: list[Stated | IdentityGraphError] = []
    accepted = [command for command in commands if command.visitor_id in locked and _is_new(command, kept)]
    ledger = gather(tx, tenant, accepted, locked=locked)
    changes: list[audit.Change] = []
    said: list[Put] = []
    for command in commands:
        try:
            repeated = answered(command.message, kept.get(command.message.message_id), Stated)
            if repeated is not None:
                results.append(repeated)
                continue
            if command.visitor_id not in locked:
                results.append(NotFound("there is no such visitor", code="visitor_not_found"))
                continue
            claimed = _claim(tx, command, used, locked) if command.claims else None
        except Refused as refusal:
            results.append(refusal)
            continue
        pair = (command.user_id, command.visitor_id)
        before = ledger.group(*pair).weighed(command.policy)
        records = rules.state(ledger.of(*pair), command.confidence, command.at)
        after = ledger.put(*pair, records, command.policy)
        result = _stated(command, after)
        results.append(result)
        answer = messages.keep(result)
        kept[command.message.message_id] = Kept(CALL, None, command.message.request_hash, answer)
        changes.append(_change(command, before, after, answer, claimed))
        if _contradicts(ledger.group(*pair)):
            said.append(command)
    if changes:
        ledger.apply(tx, tenant, commands[0].policy)
        _allow(tx, tenant, said, ledger, locked)
        audit.record(tx, tenant, changes)
    return results


def _claim(
    tx: Transaction, command: Put, used: Mapping[str, str], locked: Collection[str]
) -> dict[str, str | None] | None:
    """Make the tenure that the visitor was last used in the user's; where it never was in use there is none.

    Raises `Refused` before anything is written, and `Overtaken` where the jar went to another visitor just now.
    """
    session_id = used.get(command.visitor_id)
    if session_id is None:
        return None
    found = logins.gather(tx, command.tenant, session_id, command.user_id, command.at)
    if found is None or found.visitor_id not in locked:
        raise Overtaken("the visitor was changed just now")
    one = claim.Claim(command.tenant, command.user_id, command.at, command.at, command.policy, command.ids)
    made = claim.act(tx, one, found, locked=locked)
    was = found.held.user_id if found.held else None
    return {"tenureId": made.tenure_id, "login": made.kind.value, "fromUserId": was}


def _allow(tx: Transaction, tenant: str, said: Sequence[Put], ledger: Ledger, locked: Collection[str]) -> None:
    """Close what was said against the pairs of statements, as far as it is not yet."""
    if not said:
        return
    closes = {one.visitor_id for one in said if ledger.group(one.user_id, one.visitor_id).is_forbidden}
    when = closing.times(tx, tenant, closes, at=max(one.at for one in said), locked=locked)
    otherwise = [
        release.Otherwise(one.user_id, one.visitor_id, when.get(one.visitor_id, one.at), one.ids.change) for one in said
    ]
    release.allow(tx, tenant, otherwise)


def gather(tx: Transaction, tenant: str, commands: Sequence[Put], *, locked: Collection[str]) -> Ledger:
    """Lock the users, making those there are not, and read what is known of each pair; visitors are locked already."""
    new = {command.user_id: (command.user_id, command.ids.user) for command in commands}
    if commands:
        users.lock(tx, tenant, list(new.values()), max(command.at for command in commands))
    return Ledger.gather(tx, tenant, [(command.user_id, command.visitor_id) for command in commands], locked=locked)


def _contradicts(group: rules.Group) -> bool:
    """Whether a statement contradicts what somebody said, be it not as the first."""
    return group.is_forbidden or group.was_forbidden


def _is_new(command: Put, kept: Mapping[str, Kept]) -> bool:
    return judge(command.message, kept.get(command.message.message_id)) is Repeat.NEW


def _stated(command: Put, after: Relationship) -> Stated:
    return Stated(
        user_id=command.user_id,
        visitor_id=command.visitor_id,
        rank=after.rank,
        count=after.count,
        first_seen=after.first_seen,
        last_seen=after.last_seen,
        source=after.source,
        verified=after.is_verified,
    )


def _change(
    command: Put,
    before: Relationship | None,
    after: Relationship,
    answer: str,
    claimed: dict[str, str | None] | None,
) -> audit.Change:
    return audit.Change(
        change_id=command.ids.change,
        subjects=(f"user:{command.user_id}", f"visitor:{command.visitor_id}"),
        act=CALL,
        actor=command.actor,
        reason=command.reason,
        before=audit.relationship(command.user_id, command.visitor_id, before),
        after={
            **(audit.relationship(command.user_id, command.visitor_id, after) or {}),
            **({"claimed": claimed} if claimed else {}),
        },
        at=command.at,
        message=command.message,
        answer=answer,
    )
