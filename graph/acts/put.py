"""Record statements: the caller states that a user used a visitor, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from graph.acts import audit, claim, closing, tombstones
from graph.acts.messages import ERASED, Answer, answered, erased_of
from graph.acts.relationships import Ledger
from graph.errors import Gone, IdentityGraphError, NotFound, Overtaken, Refused
from graph.model import Change, Message, NewIds
from graph.rules import relationships as rules
from graph.rules.messages import Kept, Repeat, judge
from graph.rules.policy import Policy
from graph.rules.relationships import Relationship, Source
from graph.rules.tombstones import NO_HASHING, Hashing, Name, why_refused
from graph.store import erase as erasures
from graph.store import identify as logins
from graph.store import messages, release, users, visitors
from graph.store import put as statements
from graph.transaction import Rung, Transaction

CALL = "put_relationship"


@dataclass(frozen=True)
class Put:
    """One statement; `confidence` is 1–100.

    With `claims` the user also claims the visitor's latest tenure, as if they had logged in. By `hashing` a user is
    recognised who was erased since the statement was made.
    """

    message: Message
    user_id: str
    visitor_id: str
    confidence: float
    claims: bool
    change: Change
    policy: Policy
    ids: NewIds
    hashing: Hashing = NO_HASHING


@dataclass(frozen=True)
class Stated(Answer):
    """A relationship after a statement. The visitor is the survivor of the merge group, which has the figures."""

    user_id: str
    visitor_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source
    verified: bool = False


def act(tx: Transaction, commands: Sequence[Put]) -> list[Stated | IdentityGraphError]:
    """Record each statement, in order; return one result for each. All are of one tenant.

    A user who does not exist is created. For a visitor that does not exist the result is `NotFound`.
    """
    latest_sessions = statements.lock(tx, sorted({command.visitor_id for command in commands if command.claims}))
    named = sorted({command.visitor_id for command in commands})
    visitors.lock_group(tx, named)
    kept = messages.find(tx, sorted({command.message.kept_id for command in commands}))
    erased = _why_erased(tx, commands)
    results: list[Stated | IdentityGraphError] = []
    accepted = [
        command
        for command, why in zip(commands, erased, strict=True)
        if why is None and tx.locks.holds(Rung.VISITOR, command.visitor_id) and _is_new(command, kept)
    ]
    ledger = gather(tx, accepted)
    traces: list[audit.Trace] = []
    contradicting: list[Put] = []
    for command, why in zip(commands, erased, strict=True):
        if why is not None:
            results.append(Gone(why, code="erased"))
            continue
        try:
            repeated = answered(command.message, kept.get(command.message.kept_id), Stated)
            if repeated is not None:
                results.append(repeated)
                continue
            if not tx.locks.holds(Rung.VISITOR, command.visitor_id):
                results.append(NotFound("there is no such visitor", code="visitor_not_found"))
                continue
            claimed = _claim(tx, command, latest_sessions) if command.claims else None
        except Refused as refusal:
            results.append(refusal)
            continue
        pair = (command.user_id, command.visitor_id)
        before = ledger.group(*pair).weighed(command.policy)
        records = rules.state(ledger.of(*pair), command.confidence, command.change.at)
        after = ledger.put(*pair, records, command.policy)
        result = _stated(command, ledger.survivors[pair], after)
        results.append(result)
        answer = messages.keep(result)
        kept[command.message.kept_id] = Kept(CALL, None, command.message.request_hash, answer)
        traces.append(_trace(command, before, after, answer, claimed))
        if _contradicts(ledger.group(*pair)):
            contradicting.append(command)
    if traces:
        ledger.apply(tx, commands[0].policy)
        _allow(tx, contradicting, ledger)
        audit.record(tx, *traces)
    return results


def _why_erased(tx: Transaction, commands: Sequence[Put]) -> list[str | None]:
    """Return for each statement why it is refused, or None: its message id is an erased call's, or its user was erased since."""
    of_messages = erased_of(tx, [command.message for command in commands])
    buried = erasures.tombstones(tx, [found for command in commands for found in command.hashing.of(_name(command))])
    return [
        ERASED
        if command.message in of_messages
        else why_refused([_name(command)], buried, command.hashing, command.change.at)
        for command in commands
    ]


def _name(command: Put) -> Name:
    return Name("user", command.user_id)


def _claim(tx: Transaction, command: Put, latest_sessions: Mapping[str, str]) -> dict[str, str | None] | None:
    """Claim the tenure that the visitor was last used in, and return what the trace says of it.

    If the visitor was never used, claim nothing and return None.

    Raises:
        Overtaken: The tenure's jar went to another visitor in the meantime.
    """
    session_id = latest_sessions.get(command.visitor_id)
    if session_id is None:
        return None
    [facts] = logins.gather_each(tx, [(session_id, command.user_id, command.change.at)])
    if facts is None or not tx.locks.holds(Rung.VISITOR, facts.visitor_id):
        raise Overtaken("the visitor was changed just now")
    login = claim.Claim(command.user_id, command.change.at, command.change, command.policy, command.ids, verified=True)
    claimed = claim.act(tx, login, facts)
    return {
        "tenureId": claimed.tenure_id,
        "login": claimed.kind.value,
        "fromUserId": facts.held.user_id if facts.held else None,
    }


def _allow(tx: Transaction, contradicting: Sequence[Put], ledger: Ledger) -> None:
    """Close the cannot-links that these statements contradict.

    A cannot-link that is closed already stays closed, and lists the statement's visitor too.
    """
    if not contradicting:
        return
    closes = {
        statement.visitor_id
        for statement in contradicting
        if ledger.group(statement.user_id, statement.visitor_id).is_forbidden
    }
    closed_at = closing.times(tx, closes, at=max(statement.change.at for statement in contradicting))
    contradictions = [
        release.Contradiction(
            statement.user_id,
            statement.visitor_id,
            closed_at.get(statement.visitor_id, statement.change.at),
            statement.change.id,
        )
        for statement in contradicting
    ]
    release.allow(tx, contradictions)


def gather(tx: Transaction, commands: Sequence[Put]) -> Ledger:
    """Lock the users, create those who do not exist, and read the relationship of each pair.

    The visitors must be locked.

    Raises:
        Overtaken: A user was erased in the meantime.
    """
    new = {command.user_id: (command.user_id, command.ids.user) for command in commands}
    if commands:
        locked = users.lock(tx, list(new.values()), max(command.change.at for command in commands))
        earliest = dict(sorted(((each.user_id, each.change.at) for each in commands), key=itemgetter(1), reverse=True))
        newer = {user_id: at for user_id, at in earliest.items() if at <= locked[user_id].created_at}
        tombstones.look_again(tx, newer, commands[0].hashing)
    return Ledger.gather(tx, [(command.user_id, command.visitor_id) for command in commands])


def _contradicts(group: rules.Group) -> bool:
    """Whether a statement contradicts a cannot-link, be it open or closed by an earlier contradiction."""
    return group.is_forbidden or group.was_forbidden


def _is_new(command: Put, kept: Mapping[str, Kept]) -> bool:
    return judge(command.message, kept.get(command.message.kept_id)) is Repeat.NEW


def _stated(command: Put, survivor_id: str, after: Relationship) -> Stated:
    return Stated(
        user_id=command.user_id,
        visitor_id=survivor_id,
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
