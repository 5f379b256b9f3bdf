"""Record events on the sessions that they were sent for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from graph.acts import audit, collected, warnings, weigh
from graph.acts.arrival import Arrival
from graph.errors import Gone, IdentityGraphError, NotFound, Refused
from graph.model import Message, Standing
from graph.rules import sessions, times
from graph.rules.grouping import Keys
from graph.rules.messages import Repeat, judge
from graph.rules.probable import Bound
from graph.rules.relationships import Source
from graph.rules.revealing import revealed
from graph.rules.tombstones import Name
from graph.store import messages
from graph.store import track as store
from graph.transaction import Transaction


@dataclass(frozen=True)
class Track:
    """One event; `properties` is canonical JSON text.

    `login_user_id` is the user who logs in with this event, which has claimed the session's tenure already. `begun_with` are
    the codes of the warnings of the session, if it was begun for the event. `collected_user_id` is the user whom a page names
    beside the session: evidence, counted once in a session. `jar_id` is the jar that the call named instead of a session, so that
    its caller need not hold the session.
    """

    arrival: Arrival
    message: Message
    session_id: str
    event_id: str
    name: str
    properties: str
    login_user_id: str | None = None
    begun_with: tuple[str, ...] = ()
    collected_user_id: str | None = None
    jar_id: str | None = None


@dataclass(frozen=True)
class Named:
    """A user id that came with an event; `is_refused` says that a cannot-link separates the user from the visitor."""

    user_id: str
    is_refused: bool


@dataclass(frozen=True)
class Tracked:
    """An event as recorded, and what the caller is told of the identity and user that its session belonged to then."""

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
    warnings: tuple[str, ...] = ()
    duplicate: bool = False


def keys(command: Track) -> Keys:
    """Return what keeps events from sharing a transaction; those of one session may share one, in their order."""
    return Keys(
        apart=frozenset({f"message:{command.message.kept_id}"}),
        in_order=frozenset({f"session:{command.session_id}"}),
    )


def act(tx: Transaction, commands: Sequence[Track]) -> list[Tracked | IdentityGraphError]:
    """Record each event in the order of the list; return one result for each.

    All are of one tenant, and no two share a message id.

    Raises:
        Overtaken: A session's jar went to another visitor in the meantime.
    """
    gathered = store.gather(
        tx,
        [
            {
                "i": i,
                "session_id": command.session_id,
                "message_id": command.message.kept_id,
                "at": times.milliseconds(command.arrival.at),
                "hashes": command.arrival.hashing.all_of(_names(command)),
            }
            for i, command in enumerate(commands)
        ],
    )
    if commands:
        gathered = weigh.weigh_each(tx, gathered, commands[0].arrival.policy)
    results: list[Tracked | IdentityGraphError] = []
    prolonged: dict[str | None, datetime] = {}
    for command, facts in zip(commands, gathered, strict=True):
        # An earlier event of the list prolongs the session for a later one.
        last_seen = max(filter(None, (facts.last_seen, prolonged.get(facts.session_id))), default=None)
        result = decide(command, replace(facts, last_seen=last_seen))
        if isinstance(result, Tracked) and not result.duplicate:
            prolonged[result.session_id] = max(last_seen or result.at, result.at)
        results.append(result)
    recorded = {
        i: (command, result)
        for i, (command, result) in enumerate(zip(commands, results, strict=True))
        if isinstance(result, Tracked) and not result.duplicate
    }
    counted = _count_collected(tx, recorded, {facts.i: facts.own_id for facts in gathered})
    store.apply(
        tx,
        rows=[
            row(
                command,
                result.session_id,
                _standing(command, gathered[i]).identity_id,
                result.confidence,
                messages.keep(result),
                user_id=command.login_user_id,
                source=Source.VERIFIED if command.login_user_id else None,
                named=counted.get(i),
            )
            for i, (command, result) in recorded.items()
        ],
    )
    warnings.record(tx, [warned for command, _ in recorded.values() for warned in command.arrival.warnings])
    return results


def _names(command: Track) -> list[Name]:
    """Return the ids of an event that may be those of an erased person."""
    user_ids = {command.login_user_id, command.collected_user_id} - {None}
    return [
        Name("message", command.message.kept_id),
        Name("session", command.session_id),
        *(Name("user", user_id) for user_id in user_ids if user_id is not None),
        *([Name("jar", command.jar_id)] if command.jar_id is not None else []),
    ]


def _count_collected(
    tx: Transaction, recorded: Mapping[int, tuple[Track, Tracked]], visitor_ids: Mapping[int, str | None]
) -> dict[int, Named]:
    """Count the user ids that pages sent with events, each once in a session, and return them by the event's number."""
    first = {
        (result.session_id, command.collected_user_id): i
        for i, (command, result) in reversed(list(recorded.items()))
        if command.collected_user_id is not None
    }
    rows = [{"i": i, "session_id": session_id, "user_id": user_id} for (session_id, user_id), i in first.items()]
    unnamed = sorted(row.i for row in store.unnamed(tx, rows=rows)) if rows else []
    came = {
        i: collected.Collected(command.arrival, "track", command.collected_user_id, visitor_id)
        for i, command, visitor_id in ((i, recorded[i][0], visitor_ids[i]) for i in unnamed)
        if command.collected_user_id is not None and visitor_id is not None
    }
    if not came:
        return {}
    collected.lock_users(tx, [(each.user_id, each.arrival) for each in came.values()])
    traces = collected.count(tx, list(came.values()))
    audit.record(tx, *(trace for trace in traces if trace is not None))
    return {
        i: Named(each.user_id, is_refused=trace is None) for (i, each), trace in zip(came.items(), traces, strict=True)
    }


def decide(command: Track, facts: store.EventFacts) -> Tracked | IdentityGraphError:
    """Return the event as it is to be recorded, the answer of the call that it repeats, or why it is refused."""
    refusal = command.arrival.refusal(_names(command), facts.erased, erased=facts.erased_part, began=facts.started_at)
    if refusal is not None:
        return refusal
    repeat = judge(command.message, facts.message)
    if repeat is Repeat.DUPLICATE and facts.message is not None:
        return replace(messages.recall(facts.message.answer, Tracked), duplicate=True)
    if repeat is Repeat.CONFLICT:
        return Refused("this messageId was used for another request", code="message_id_conflict")
    if (
        facts.session_id is None
        or facts.visitor_id is None
        or facts.started_at is None
        or facts.last_seen is None
        or facts.resolved is None
    ):
        return NotFound("there is no such session", code="session_not_found")
    if not sessions.accepts(
        facts.started_at, facts.last_seen, command.arrival.at, command.arrival.received_at, command.arrival.policy
    ):
        arrival = command.arrival
        return Gone(sessions.why_refused("event", arrival.at, arrival.received_at, arrival.policy))
    standing = _standing(command, facts)
    told = revealed(standing, command.arrival.policy, trusted=command.arrival.trusted, is_holder=command.jar_id is None)
    return Tracked(
        event_id=command.event_id,
        message_id=command.message.message_id,
        name=command.name,
        session_id=facts.session_id,
        visitor_id=facts.visitor_id,
        identity_id=told.identity_id,
        user_id=told.user_id,
        confidence=standing.confidence,
        at=command.arrival.at,
        received_at=command.arrival.received_at,
        warnings=(*command.begun_with, *(warned.code for warned in command.arrival.warnings)),
    )


def _standing(command: Track, facts: store.EventFacts) -> Standing:
    if facts.resolved is None:
        raise RuntimeError("there is no such session")
    return facts.resolved.standing(Bound.of(command.arrival.policy, command.arrival.at))


def row(
    command: Track,
    session_id: str,
    identity_id: str,
    confidence: float,
    answer: str,
    *,
    user_id: str | None = None,
    source: Source | None = None,
    named: Named | None = None,
    named_user_id: str | None = None,
) -> dict[str, object]:
    """Return an event as a row of `track/apply`: what was sent and observed, its identity, and the answer.

    `user_id` and `source` are those of a login; `source` says whether it was verified. `named` is a user id that counts
    as evidence, or was refused. `named_user_id` is the user of a login that claims nothing.
    """
    observed = command.arrival.observed
    return {
        "session_id": session_id,
        "event_id": command.event_id,
        "name": command.name,
        "at": times.milliseconds(command.arrival.at),
        "received_at": times.milliseconds(command.arrival.received_at),
        "properties": command.properties,
        "message_id": command.message.kept_id,
        "call": command.message.call,
        "session_sent": command.message.session_sent,
        "request_hash": command.message.request_hash,
        "answer": answer,
        "identity_id": identity_id,
        "confidence": confidence,
        "user_id": user_id,
        "source": source.value if source else None,
        "collected_user_id": named.user_id if named and not named.is_refused else None,
        "refused_user_id": named.user_id if named and named.is_refused else None,
        "named_user_id": named_user_id,
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
