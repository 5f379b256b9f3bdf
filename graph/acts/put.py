"""State relationships: how sure it is that a user used a visitor, by what the caller knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.acts import audit, claim, closing
from graph.acts.messages import Answer, answered
from graph.acts.relationships import Ledger
from graph.errors import IdentityGraphError, NotFound, Overtaken, Refused
from graph.model import Change, Message, NewIds
from graph.rules import relationships as rules
from graph.rules.messages import Kept, Repeat, judge
from graph.rules.policy import Policy
from graph.rules.relationships import Relationship, Source
from graph.store import identify as logins
from graph.store import messages, release, users, visitors
from graph.store import put as statements
from graph.transaction import Rung, Transaction

CALL = "put_relationship"


@dataclass(frozen=True)
class Put:
    """One statement; `confidence` is 1–100.

    With `claims` the visitor's latest tenure is the user's, too, as if they had logged in.
    """

    message: Message
    user_id: str
    visitor_id: str
    confidence: float
    claims: bool
    change: Change
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
    used = statements.lock(tx, sorted({command.visitor_id for command in commands if command.claims}))
    named = sorted({command.visitor_id for command in commands})
    visitors.lock_group(tx, named)
    kept = messages.find(tx, sorted({command.message.message_id for command in commands}))
    results: list[Stated | IdentityGraphError] = []
    accepted = [
        command for command in commands if tx.locks.holds(Rung.VISITOR, command.visitor_id) and _is_new(command, kept)
    ]
    ledger = gather(tx, accepted)
    traces: list[audit.Trace] = []
    said: list[Put] = []
    for command in commands:
        try:
            repeated = answered(command.message, kept.get(command.message.message_id), Stated)
            if repeated is not None:
                results.append(repeated)
                continue
            if not tx.locks.holds(Rung.VISITOR, command.visitor_id):
                results.append(NotFound("there is no such visitor", code="visitor_not_found"))
                continue
            claimed = _claim(tx, command, used) if command.claims else None
        except Refused as refusal:
            results.append(refusal)
            continue
        pair = (command.user_id, command.visitor_id)
        before = ledger.group(*pair).weighed(command.policy)
        records = rules.state(ledger.of(*pair), command.confidence, command.change.at)
        after = ledger.put(*pair, records, command.policy)
        result = _stated(command, after)
        results.append(result)
        answer = messages.keep(result)
        kept[command.message.message_id] = Kept(CALL, None, command.message.request_hash, answer)
        traces.append(_trace(command, before, after, answer, claimed))
        if _contradicts(ledger.group(*pair)):
            said.append(command)
    if traces:
        ledger.apply(tx, commands[0].policy)
        _allow(tx, said, ledger)
        audit.record(tx, *traces)
    return results


def _claim(tx: Transaction, command: Put, used: Mapping[str, str]) -> dict[str, str | None] | None:
    """Make the tenure that the visitor was last used in the user's; where it never was in use there is none.

    Raises `Refused` before anything is written, and `Overtaken` where the jar went to another visitor just now.
    """
    session_id = used.get(command.visitor_id)
    if session_id is None:
        return None
    found = logins.gather.one_or_none(tx, session_id=session_id, user_id=command.user_id, at=command.change.at)
    if found is None or not tx.locks.holds(Rung.VISITOR, found.visitor_id):
        raise Overtaken("the visitor was changed just now")
    one = claim.Claim(command.user_id, command.change.at, command.change.at, command.policy, command.ids)
    made = claim.act(tx.making(command.change), one, found)
    was = found.held.user_id if found.held else None
    return {"tenureId": made.tenure_id, "login": made.kind.value, "fromUserId": was}


def _allow(tx: Transaction, said: Sequence[Put], ledger: Ledger) -> None:
    """Close what was said against the pairs of statements, as far as it is not yet."""
    if not said:
        return
    closes = {one.visitor_id for one in said if ledger.group(one.user_id, one.visitor_id).is_forbidden}
    when = closing.times(tx, closes, at=max(one.change.at for one in said))
    otherwise = [
        release.Otherwise(one.user_id, one.visitor_id, when.get(one.visitor_id, one.change.at), one.change.id)
        for one in said
    ]
    release.allow(tx, otherwise)


def gather(tx: Transaction, commands: Sequence[Put]) -> Ledger:
    """Lock the users, making those there are not, and read what is known of each pair; visitors are locked already."""
    new = {command.user_id: (command.user_id, command.ids.user) for command in commands}
    if commands:
        users.lock(tx, list(new.values()), max(command.change.at for command in commands))
    return Ledger.gather(tx, [(command.user_id, command.visitor_id) for command in commands])


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


def _trace(
    command: Put,
    before: Relationship | None,
    after: Relationship,
    answer: str,
    claimed: dict[str, str | None] | None,
) -> audit.Trace:
    return audit.Trace(
        command.change,
        subjects=(f"user:{command.user_id}", f"visitor:{command.visitor_id}"),
        act=CALL,
        before=audit.relationship(command.user_id, command.visitor_id, before),
        after={
            **(audit.relationship(command.user_id, command.visitor_id, after) or {}),
            **({"claimed": claimed} if claimed else {}),
        },
        message=command.message,
        answer=answer,
    )
