"""Record events on the sessions they were sent for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from graph.acts import warnings
from graph.acts.arrival import Arrival
from graph.acts.init import told
from graph.errors import Gone, IdentityGraphError, NotFound, Refused
from graph.model import Message, Standing
from graph.rules import sessions
from graph.rules.messages import Repeat, judge
from graph.rules.probable import Bound
from graph.rules.relationships import Source
from graph.store import identities, messages
from graph.store import track as store
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Track:
    """One event; `properties` is canonical JSON text."""

    arrival: Arrival
    message: Message
    session_id: str
    event_id: str
    name: str
    properties: str


@dataclass(frozen=True)
class Tracked:
    """An event as recorded, and who its session belongs to as far as known then."""

    event_id: str
    message_id: str
    name: str
    session_id: str
    visitor_id: str
    identity_id: str
    user_id: str | None
    confidence: float
    at: datetime
    received_at: datetime
    duplicate: bool = False


def act(tx: Transaction, commands: Sequence[Track]) -> list[Tracked | IdentityGraphError]:
    """Record each event, one result each; all are of one tenant and no two share a message id.

    Raises `Overtaken` where a visitor was changed meanwhile.
    """
    store.lock(tx, [{"session_id": command.session_id} for command in commands])
    found = store.gather(
        tx,
        [
            {
                "i": i,
                "session_id": command.session_id,
                "message_id": command.message.message_id,
                "at": command.arrival.at,
            }
            for i, command in enumerate(commands)
        ],
    )
    own = (one.own_id for one in found if one.own_id is not None)
    tx.locks.require(Rung.VISITOR, own, "a session's jar was taken out of its visitor just now")
    tenure_ids = sorted({one.tenure_id for one in found if one.tenure_id is not None})
    standings = identities.resolve(tx, tenure_ids, Bound.of(commands[0].arrival.policy, commands[0].arrival.at))
    results = [decide(command, one, standings) for command, one in zip(commands, found, strict=True)]
    recorded = [
        (command, result)
        for command, result in zip(commands, results, strict=True)
        if isinstance(result, Tracked) and not result.duplicate
    ]
    store.apply(
        tx,
        rows=[
            row(command, result.session_id, result.identity_id, result.confidence, messages.keep(result))
            for command, result in recorded
        ],
    )
    warnings.record(tx, [warned for command, _ in recorded for warned in command.arrival.warnings])
    return results


def decide(command: Track, found: store.EventFacts, standings: dict[str, Standing]) -> Tracked | IdentityGraphError:
    """What becomes of one event."""
    repeat = judge(command.message, found.message)
    if repeat is Repeat.DUPLICATE and found.message is not None:
        return replace(messages.recall(found.message.answer, Tracked), duplicate=True)
    if repeat is Repeat.CONFLICT:
        return Refused("this messageId was used for another request", code="message_id_conflict")
    if (
        found.session_id is None
        or found.tenure_id is None
        or found.visitor_id is None
        or found.started_at is None
        or found.last_seen is None
    ):
        return NotFound("there is no such session", code="session_not_found")
    if not sessions.accepts(
        found.started_at, found.last_seen, command.arrival.at, command.arrival.received_at, command.arrival.policy
    ):
        return Gone("the session was not open at the time of this event: begin a new one with init")
    standing = standings[found.tenure_id]
    return Tracked(
        event_id=command.event_id,
        message_id=command.message.message_id,
        name=command.name,
        session_id=found.session_id,
        visitor_id=found.visitor_id,
        identity_id=standing.identity_id,
        user_id=told(standing, command.arrival.policy, trusted=command.arrival.trusted),
        confidence=standing.confidence,
        at=command.arrival.at,
        received_at=command.arrival.received_at,
    )


def row(
    command: Track,
    session_id: str,
    identity_id: str,
    confidence: float,
    answer: str,
    *,
    user_id: str | None = None,
    source: Source | None = None,
) -> dict[str, object]:
    """An event as `track/apply` writes it: what was sent and seen, whose it was taken for, and what was answered.

    `user_id` and `source` are for a login: who it was, and whether that was verified.
    """
    observed = command.arrival.observed
    return {
        "session_id": session_id,
        "event_id": command.event_id,
        "name": command.name,
        "at": command.arrival.at,
        "received_at": command.arrival.received_at,
        "properties": command.properties,
        "message_id": command.message.message_id,
        "call": command.message.call,
        "session_sent": command.message.session_sent,
        "request_hash": command.message.request_hash,
        "answer": answer,
        "identity_id": identity_id,
        "confidence": confidence,
        "user_id": user_id,
        "source": source.value if source else None,
        "address": observed.address,
        "browser": observed.browser,
        "browser_version": observed.browser_version,
        "os": observed.os,
        "device_class": observed.device_class,
        "is_bot": observed.is_bot,
        "origin": asdict(observed.origin),
        "page_url": command.arrival.page.url,
        "page_referrer": command.arrival.page.referrer,
        "page_title": command.arrival.page.title,
    }
