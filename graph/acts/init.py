"""Begin sessions: recognise each visit's visitor, and answer who it is, how sure that is, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from graph.acts import audit, relationships, warnings
from graph.acts.arrival import Arrival
from graph.errors import IdentityGraphError, Refused
from graph.model import Change, Fingerprint, Match, Message, Method, Standing
from graph.rules import matching, sessions, times
from graph.rules.messages import Repeat, judge
from graph.rules.probable import Bound
from graph.rules.relationships import Source
from graph.rules.revealing import revealed_user_id
from graph.store import identities, messages
from graph.store import init as store
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Init:
    """One visit.

    `jar_method` says how the jar was named: by our token, by the caller's own id, or not at all (`new`). `message` is
    None if another call begins the session. A visit that only collects a fingerprint has no session
    (`has_session=False`); all else is the same.
    """

    arrival: Arrival
    message: Message | None
    jar_id: str
    jar_kind: str
    jar_method: Method
    fingerprint: Fingerprint | None
    user_id: str | None
    reset: bool
    consent: bool
    has_session: bool = True


@dataclass(frozen=True)
class Initiated:
    """A session that was begun, and its visitor; the visitor's token names `jar_id`, which is None without consent."""

    session_id: str
    visitor_id: str
    jar_id: str | None
    identity_id: str
    user_id: str | None
    is_new_visitor: bool
    match: Match
    started_at: datetime
    expires_at: datetime
    warnings: tuple[str, ...] = ()
    duplicate: bool = False


#: A visit, where it goes, and its answer.
Placed = tuple[Init, matching.Placement, Initiated]


def act(tx: Transaction, commands: Sequence[Init]) -> list[Initiated | IdentityGraphError]:
    """Begin a session for each visit; return one result for each.

    All visits are of one tenant, and no two share a jar or a message id. A jar that was made for a repeated or refused
    visit, and holds nothing, is removed.
    """
    gathered = gather(tx, commands)
    results: list[Initiated | IdentityGraphError] = []
    placed: list[Placed] = []
    for command, (facts, surroundings) in zip(commands, gathered, strict=True):
        repeat = judge(command.message, facts.message) if command.message else Repeat.NEW
        if repeat is Repeat.DUPLICATE and facts.message is not None:
            results.append(replace(messages.recall(facts.message.answer, Initiated), duplicate=True))
        elif repeat is Repeat.CONFLICT:
            results.append(Refused("this messageId was used for another request", code="message_id_conflict"))
        else:
            placement = matching.place(_visit(command), surroundings, command.arrival.policy)
            result = _result(command, placement, facts.survivor_id)
            placed.append((command, placement, result))
            results.append(result)
    if placed:
        apply(tx, placed)
    begun = {command.arrival.ids.session for command, _, _ in placed}
    store.forget(
        tx, rows=[{"jar_id": command.jar_id} for command in commands if command.arrival.ids.session not in begun]
    )
    return results


def gather(tx: Transaction, commands: Sequence[Init]) -> list[tuple[store.VisitFacts, matching.Surroundings]]:
    """Lock what the visits name, rung by rung, and read what each could belong to.

    Raises:
        Overtaken: A merge between lock and read made the visitors of a fingerprint one group, so that it owns now.
    """
    hashes = [command.fingerprint.hash if command.fingerprint and command.consent else None for command in commands]
    store.lock(
        tx,
        [
            {
                "jar_id": command.jar_id,
                "jar_kind": command.jar_kind,
                "fingerprint": fingerprint,
                "fingerprint_crowd": command.arrival.policy.fingerprint_crowd,
                "components": command.fingerprint.components if command.fingerprint else None,
                "at": command.arrival.at,
            }
            for command, fingerprint in zip(commands, hashes, strict=True)
        ],
    )
    store.lock_visitors(
        tx,
        [
            {
                "jar_id": command.jar_id,
                "fingerprint": fingerprint,
                "fingerprint_crowd": command.arrival.policy.fingerprint_crowd,
            }
            for command, fingerprint in zip(commands, hashes, strict=True)
        ],
    )
    policy = commands[0].arrival.policy
    gathered = store.gather(
        tx,
        [
            _gather_row(i, command, fingerprint)
            for i, (command, fingerprint) in enumerate(zip(commands, hashes, strict=True))
        ],
        places_max=policy.address_crowd * policy.address_weeks,
    )
    owners = (facts.owner.visitor_id for facts in gathered if facts.owner)
    tx.locks.require(Rung.VISITOR, owners, "those who have the fingerprint were made one just now")
    own_tenures = {
        tenure_id
        for facts in gathered
        for tenure_id in (facts.tenure_id, facts.owner.anchor_id if facts.owner else None)
        if tenure_id is not None
    }
    candidate_tenures = {
        candidate.tenure_id
        for facts in gathered
        for candidate in (*facts.same_fingerprint, *facts.same_browser, *facts.same_address)
    }
    standings = identities.resolve(tx, sorted(own_tenures), Bound.of(policy, commands[0].arrival.at))
    certain = identities.certainly(tx, sorted(candidate_tenures))
    return [(facts, _surroundings(facts, standings, certain)) for facts in gathered]


def _gather_row(i: int, command: Init, fingerprint: str | None) -> dict[str, object]:
    observed, policy = command.arrival.observed, command.arrival.policy
    return {
        "i": i,
        "jar_id": command.jar_id,
        "message_id": command.message.message_id if command.message else None,
        "fingerprint": fingerprint,
        "address": observed.address if observed.proves and command.consent else None,
        "fingerprint_crowd": policy.fingerprint_crowd,
        "known_jars_max": policy.fingerprint_known_jars_max,
        **_place(command),
        "browser": None if observed.browser in matching.UNKNOWN_BROWSERS else observed.browser,
        "weeks": _weeks(command),
        "address_crowd": policy.address_crowd,
    }


def apply(tx: Transaction, placed: Sequence[Placed]) -> None:
    """Write what was decided, rung by rung: visitors and sessions, fingerprints, users, addresses, and last warnings."""
    store.apply(tx, rows=[_session_row(*visit) for visit in placed])
    store.fingerprints(tx, rows=_fingerprint_rows(placed))
    collected = _count_collected(tx, placed)
    # After the users are locked, since creating an edge locks both its ends.
    store.probably(tx, rows=[row for command, placement, _ in placed for row in _probable_rows(command, placement)])
    store.addresses(tx, rows=_address_rows(placed))
    ties = [_tie_trace(command, placement) for command, placement, _ in placed if placement.tied_to is not None]
    audit.record(tx, *ties, *collected)
    warnings.record(tx, [warned for command, _, _ in placed for warned in command.arrival.warnings])


def _count_collected(tx: Transaction, placed: Sequence[Placed]) -> list[audit.Trace]:
    """Count the user ids that came with the visits, and return the traces of those that count.

    A user id that a cannot-link separates from the visitor is kept as refused.
    """
    collected = [
        (
            command,
            relationships.Association(
                user_id,
                placement.visitor_id,
                Source.COLLECTED,
                command.arrival.at,
                command.arrival.ids.user,
                command.arrival.policy,
            ),
        )
        for command, placement, _ in placed
        if command.consent and (user_id := command.user_id) is not None
    ]
    results = relationships.associate(tx, [association for _, association in collected])
    store.refuse(
        tx,
        rows=[
            {
                "session_id": command.arrival.ids.session if command.has_session else None,
                "message_id": command.message.message_id if command.message else None,
            }
            for (command, _), counted in zip(collected, results, strict=True)
            if counted is None
        ],
    )
    return [
        _collected_trace(command, association, counted)
        for (command, association), counted in zip(collected, results, strict=True)
        if counted is not None
    ]


def _tie_trace(command: Init, placement: matching.Placement) -> audit.Trace:
    """Return the trace of a tie: the new jar's first tenure is taken for the same person's as the anchor."""
    return audit.Trace(
        _change(command),
        subjects=(f"visitor:{placement.visitor_id}",),
        act=_call(command),
        before=None,
        after={
            "tenureId": placement.tenure_id,
            "tiedTo": placement.tied_to,
            "method": placement.match.method.value,
            "confidence": placement.match.confidence,
        },
    )


def _collected_trace(
    command: Init, association: relationships.Association, counted: relationships.Counted
) -> audit.Trace:
    """Return the trace of a user id that came with the visit and counts."""
    change = _change(command)
    pair = (association.user_id, association.visitor_id)
    return audit.Trace(
        replace(change, id=f"{change.id}_user"),
        subjects=(f"user:{association.user_id}", f"visitor:{association.visitor_id}"),
        act=_call(command),
        before=audit.relationship(*pair, counted.before),
        after=audit.relationship(*pair, counted.after),
    )


def _change(command: Init) -> Change:
    return Change(command.arrival.ids.change, command.arrival.received_at, command.arrival.actor)


def _call(command: Init) -> str:
    return command.message.call if command.message else "init"


def _surroundings(
    facts: store.VisitFacts, standings: Mapping[str, Standing], certain: Mapping[str, Standing]
) -> matching.Surroundings:
    owner = facts.owner
    return matching.Surroundings(
        jar_last_seen=facts.jar_last_seen,
        visitor_id=facts.visitor_id,
        tenure=standings.get(facts.tenure_id or ""),
        tenure_id=facts.tenure_id,
        owner=matching.Owner(
            **asdict(owner),
            anchor=standings.get(owner.anchor_id or ""),
        )
        if owner
        else None,
        clues=tuple(
            matching.Clue(
                kind,
                len(candidates),
                tuple(
                    matching.Candidate(standing=certain[candidate.tenure_id], **asdict(candidate))
                    for candidate in candidates
                ),
            )
            for kind, candidates in (
                (Method.FINGERPRINT, facts.same_fingerprint),
                (Method.IP_BROWSER, facts.same_browser),
                (Method.IP, facts.same_address),
            )
            if candidates
        ),
    )


def _place(command: Init) -> dict[str, str]:
    """Return the visit's part of a `BrowserAtIp` key; what is unknown is an empty text, since keys are never null."""
    observed = command.arrival.observed
    return {
        "browser": observed.browser or "",
        "os": observed.os or "",
        "device_class": observed.device_class or "",
    }


def _weeks(command: Init) -> list[str]:
    """Return the ISO weeks in which to look for other visitors.

    There are none for a crawler, which is nobody's neighbour, after a log-out, or without consent.
    """
    if command.arrival.observed.is_bot or command.reset or not command.consent:
        return []
    return times.iso_weeks(command.arrival.received_at, command.arrival.policy.address_weeks)


def _visit(command: Init) -> matching.Visit:
    return matching.Visit(
        at=command.arrival.at,
        jar_method=command.jar_method,
        reset=command.reset,
        consent=command.consent,
        browser=command.arrival.observed.browser,
        os=command.arrival.observed.os,
        new_visitor_id=command.arrival.ids.visitor,
        new_tenure_id=command.arrival.ids.tenure,
    )


def _result(command: Init, placement: matching.Placement, survivor_id: str | None) -> Initiated:
    return Initiated(
        session_id=command.arrival.ids.session,
        visitor_id=placement.visitor_id if placement.is_new_visitor else survivor_id or placement.visitor_id,
        jar_id=command.jar_id if command.consent else None,
        identity_id=placement.standing.identity_id,
        user_id=revealed_user_id(placement.standing, command.arrival.policy, trusted=command.arrival.trusted),
        is_new_visitor=placement.is_new_visitor,
        match=placement.match,
        started_at=command.arrival.at,
        expires_at=sessions.expires_at(command.arrival.at, command.arrival.at, command.arrival.policy),
        warnings=tuple(warned.code for warned in command.arrival.warnings),
    )


def _fingerprint_rows(placed: Sequence[Placed]) -> list[dict[str, object]]:
    return [
        {
            "visitor_id": placement.visitor_id,
            "fingerprint": command.fingerprint.hash,
            "weight": placement.match.confidence if placement.match.method is Method.FINGERPRINT else 1.0,
            "browser": command.arrival.observed.browser,
            "os": command.arrival.observed.os,
            "at": command.arrival.at,
        }
        for command, placement, _ in placed
        if command.fingerprint is not None and command.consent
    ]


def _address_rows(placed: Sequence[Placed]) -> list[dict[str, object]]:
    return [
        {
            "visitor_id": placement.visitor_id,
            "address": command.arrival.observed.address,
            "week": times.iso_week(command.arrival.received_at),
            **_place(command),
            "weight": command.arrival.policy.ip_browser_base,
            "at": command.arrival.at,
        }
        for command, placement, _ in placed
        if command.arrival.observed.address is not None and command.arrival.observed.proves and command.consent
    ]


def _session_row(command: Init, placement: matching.Placement, result: Initiated) -> dict[str, object]:
    observed = command.arrival.observed
    match = placement.match
    fingerprint = command.fingerprint if command.consent else None
    return {
        "visitor_id": placement.visitor_id,
        "visitor_kind": "server" if command.jar_kind == "server" else "browser",
        "jar_id": command.jar_id,
        "came_back": placement.came_back,
        "joins": placement.joins,
        "method": match.method.value,
        "confidence": match.confidence,
        "evidence": messages.keep(match.evidence),
        "tenure_id": placement.tenure_id,
        "tied_to": placement.tied_to,
        "tie_confidence": match.confidence,
        "session_id": command.arrival.ids.session if command.has_session else None,
        "collection_id": None if command.has_session else command.arrival.ids.session,
        "at": command.arrival.at,
        "received_at": command.arrival.received_at,
        "message_id": command.message.message_id if command.message else None,
        "call": command.message.call if command.message else None,
        "request_hash": command.message.request_hash if command.message else None,
        "answer": messages.keep(result) if command.message else None,
        "fingerprint": fingerprint.hash if fingerprint else None,
        "fingerprint_confidence": fingerprint.confidence if fingerprint else None,
        "address": observed.address if command.consent else None,
        "browser": observed.browser,
        "browser_version": observed.browser_version,
        "os": observed.os,
        "device_class": observed.device_class,
        "is_bot": observed.is_bot,
        "origin": asdict(observed.origin) if command.consent else {},
        "page_url": command.arrival.page.url,
        "page_referrer": command.arrival.page.referrer,
        "page_title": command.arrival.page.title,
        "consent": command.consent,
        "collected_user_id": command.user_id if command.consent else None,
        "change_id": command.arrival.ids.change,
    }


def _probable_rows(command: Init, placement: matching.Placement) -> list[dict[str, object]]:
    return [
        {
            "tenure_id": placement.tenure_id,
            "identity_id": probable.tenure_id,
            "method": probable.method.value,
            "confidence": probable.confidence,
            "evidence": messages.keep(probable.evidence),
            "last_seen": probable.last_seen,
            "at": command.arrival.at,
            "change_id": command.arrival.ids.change,
        }
        for probable in placement.probable
    ]
