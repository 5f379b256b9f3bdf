"""State relationships: how sure it is that a user used a visitor, by what the caller knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.services import audit
from graph.database import Transaction
from graph.errors import IdentityGraphError, NotFound, Refused
from graph.model import Message, NewIds
from graph.rules import relationships as rules
from graph.rules.messages import Kept, Repeat, judge
from graph.rules.policy import Policy
from graph.rules.relationships import Record, Relationship, Source
from graph.store import messages, users
from graph.store import relationships as store

CALL = "put_relationship"


@dataclass(frozen=True)
class Put:
    """One statement; `confidence` is 1–100, `actor` who made it, such as `key:ID`."""

    tenant: str
    message: Message
    user_id: str
    visitor_id: str
    confidence: float
    reason: str | None
    at: datetime
    actor: str
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Stated:
    """A relationship as it is after a statement."""

    user_id: str
    visitor_id: str
    rank: float
    count: int
    first_seen: datetime
    last_seen: datetime
    source: Source
    duplicate: bool = False


def act(tx: Transaction, commands: Sequence[Put]) -> list[Stated | IdentityGraphError]:
    """State each relationship, in order; all are of one tenant. A user there is not is made, a visitor is not."""
    tenant = commands[0].tenant
    there = store.lock(tx, tenant, sorted({command.visitor_id for command in commands}))
    kept = messages.find(tx, tenant, sorted({command.message.message_id for command in commands}))
    results: list[Stated | IdentityGraphError] = []
    accepted = [command for command in commands if command.visitor_id in there and _is_new(command, kept)]
    known = gather(tx, tenant, accepted)
    weighed: dict[store.Pair, Relationship] = {}
    changes: list[audit.Change] = []
    for command in commands:
        repeat = judge(command.message, kept.get(command.message.message_id))
        if repeat is Repeat.DUPLICATE:
            answered = messages.recall(kept[command.message.message_id].answer, Stated)
            results.append(replace(answered, duplicate=True))
        elif repeat is Repeat.CONFLICT:
            results.append(Refused("this Idempotency-Key was used for another request", code="message_id_conflict"))
        elif command.visitor_id not in there:
            results.append(NotFound("there is no such visitor", code="visitor_not_found"))
        else:
            pair = (command.user_id, command.visitor_id)
            before = rules.weigh(known[pair], command.policy) if known[pair] else None
            after = rules.state(known[pair], command.confidence, command.at, command.policy)
            known[pair] = dict(after.records)
            weighed[pair] = after
            result = _stated(command, after)
            results.append(result)
            answer = messages.keep(result)
            kept[command.message.message_id] = Kept(CALL, None, command.message.request_hash, answer)
            changes.append(_change(command, before, after, answer))
    if weighed:
        store.apply(tx, tenant, weighed)
        audit.record(tx, tenant, changes)
    return results


def gather(tx: Transaction, tenant: str, commands: Sequence[Put]) -> dict[store.Pair, dict[Source, Record]]:
    """Lock the users, making those there are not, and read what is known of each pair; visitors are locked already."""
    if not commands:
        return {}
    new = {command.user_id: (command.user_id, command.ids.user) for command in commands}
    users.lock(tx, tenant, list(new.values()), max(command.at for command in commands))
    return store.gather(tx, tenant, list({(command.user_id, command.visitor_id): None for command in commands}))


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
    )


def _change(command: Put, before: Relationship | None, after: Relationship, answer: str) -> audit.Change:
    return audit.Change(
        change_id=command.ids.change,
        subjects=(f"user:{command.user_id}", f"visitor:{command.visitor_id}"),
        act=CALL,
        actor=command.actor,
        reason=command.reason,
        before=_described(command, before) if before else None,
        after=_described(command, after),
        at=command.at,
        message=command.message,
        answer=answer,
    )


def _described(command: Put, relationship: Relationship) -> dict[str, Any]:
    return {
        "userId": command.user_id,
        "visitorId": command.visitor_id,
        "confidence": relationship.confidence,
        "count": relationship.count,
        "source": relationship.source.value,
    }
