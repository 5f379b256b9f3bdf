"""Begin sessions: recognise each visit's visitor, and say who that is, how sure, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from graph.acts import audit, relationships, warnings
from graph.acts.arrival import Arrival
from graph.errors import IdentityGraphError, Refused
from graph.model import Change, Fingerprint, Match, Message, Method, Standing
from graph.rules import matching, sessions, times
from graph.rules.messages import Repeat, judge
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.rules.relationships import Source
from graph.store import identities, messages
from graph.store import init as store
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class Init:
    """One visit. `jar_method` says how the jar was named: by our token, by the caller's own id, or not (`new`).

    `message` is None for a session that another call begins. A visit without a session is a collected fingerprint;
    all else is the same.
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
    """A session that was begun, and for whom; `jar_id` is what the visitor's token names, None without consent."""

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


def act(tx: Transaction, commands: Sequence[Init]) -> list[Initiated | IdentityGraphError]:
    """Begin a session for each visit, one result each; all are of one tenant and no two share a jar or a message."""
    gathered = gather(tx, commands)
    results: list[Initiated | IdentityGraphError] = []
    placed: list[tuple[Init, matching.Placement, Initiated]] = []
    for command, (found, surroundings) in zip(commands, gathered, strict=True):
        repeat = judge(command.message, found.message) if command.message else Repeat.NEW
        if repeat is Repeat.DUPLICATE and found.message is not None:
            results.append(replace(messages.recall(found.message.answer, Initiated), duplicate=True))
        elif repeat is Repeat.CONFLICT:
            results.append(Refused("this messageId was used for another request", code="message_id_conflict"))
        else:
            placement = matching.place(_visit(command), surroundings, command.arrival.policy)
            result = _result(command, placement, found.survivor_id)
            placed.append((command, placement, result))
            results.append(result)
    if placed:
        apply(tx, placed)
    begun = {command.arrival.ids.session for command, _, _ in placed}
    store.forget(tx, rows=[{"jar_id": one.jar_id} for one in commands if one.arrival.ids.session not in begun])
    return results


def gather(tx: Transaction, commands: Sequence[Init]) -> list[tuple[store.VisitFacts, matching.Surroundings]]:
    """Lock what the visits name, rung by rung, and read what they could belong to.

    Raises `Overtaken` where a merge made the fingerprint own in between.
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
    found = store.gather(
        tx,
        [
            {
                "i": i,
                "jar_id": command.jar_id,
                "message_id": command.message.message_id if command.message else None,
                "fingerprint": fingerprint,
                "address": command.arrival.observed.address
                if command.arrival.observed.proves and command.consent
                else None,
                "fingerprint_crowd": command.arrival.policy.fingerprint_crowd,
                "known_jars_max": command.arrival.policy.fingerprint_known_jars_max,
                **_place(command),
                "browser": None
                if command.arrival.observed.browser in matching.UNKNOWN_BROWSERS
                else command.arrival.observed.browser,
                "weeks": _weeks(command),
                "address_crowd": command.arrival.policy.address_crowd,
            }
            for i, (command, fingerprint) in enumerate(zip(commands, hashes, strict=True))
        ],
        places_max=commands[0].arrival.policy.address_crowd * commands[0].arrival.policy.address_weeks,
    )
    owners = (one.owner.visitor_id for one in found if one.owner)
    tx.locks.require(Rung.VISITOR, owners, "those who have the fingerprint were made one just now")
    asked = {
        one_id
        for one in found
        for one_id in (one.tenure_id, one.owner.anchor_id if one.owner else None)
        if one_id is not None
    }
    candidates = {
        candidate.tenure_id
        for one in found
        for candidate in (*one.same_fingerprint, *one.same_browser, *one.same_address)
    }
    standings = identities.resolve(tx, sorted(asked), Bound.of(commands[0].arrival.policy, commands[0].arrival.at))
    certain = identities.certainly(tx, sorted(candidates))
    return [(one, _surroundings(one, standings, certain)) for one in found]


def apply(tx: Transaction, placed: Sequence[tuple[Init, matching.Placement, Initiated]]) -> None:
    """Write what was decided, rung by rung: visitors and sessions, fingerprints, users, addresses, and last what was odd."""
    store.apply(tx, rows=[_session_row(*one) for one in placed])
    store.fingerprints(
        tx,
        rows=[
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
        ],
    )
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
    counted = relationships.associate(tx, [one for _, one in collected])
    store.refuse(
        tx,
        rows=[
            {
                "session_id": command.arrival.ids.session if command.has_session else None,
                "message_id": command.message.message_id if command.message else None,
            }
            for (command, _), of in zip(collected, counted, strict=True)
            if of is None
        ],
    )
    # After the users are locked: to draw an edge locks both its ends.
    store.probably(tx, rows=[row for one in placed for row in _probable_rows(one[0], one[1])])
    store.addresses(
        tx,
        rows=[
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
        ],
    )
    ties = [_tied(command, placement) for command, placement, _ in placed if placement.tied_to is not None]
    said = [
        _collected(command, one, of) for (command, one), of in zip(collected, counted, strict=True) if of is not None
    ]
    audit.record(tx, *ties, *said)
    warnings.record(tx, [warned for command, _, _ in placed for warned in command.arrival.warnings])


def _tied(command: Init, placement: matching.Placement) -> audit.Trace:
    """That a new jar of a known visitor is the same person's, for now."""
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


def _collected(command: Init, one: relationships.Association, counted: relationships.Counted) -> audit.Trace:
    """That a user id came with the visit."""
    change = _change(command)
    return audit.Trace(
        replace(change, id=f"{change.id}_user"),
        subjects=(f"user:{one.user_id}", f"visitor:{one.visitor_id}"),
        act=_call(command),
        before=audit.relationship(one.user_id, one.visitor_id, counted.before),
        after=audit.relationship(one.user_id, one.visitor_id, counted.after),
    )


def _change(command: Init) -> Change:
    return Change(command.arrival.ids.change, command.arrival.received_at, command.arrival.actor)


def _call(command: Init) -> str:
    return command.message.call if command.message else "init"


def _surroundings(
    found: store.VisitFacts, standings: Mapping[str, Standing], certain: Mapping[str, Standing]
) -> matching.Surroundings:
    owner = found.owner
    return matching.Surroundings(
        jar_last_seen=found.jar_last_seen,
        visitor_id=found.visitor_id,
        tenure=standings.get(found.tenure_id or ""),
        tenure_id=found.tenure_id,
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
                tuple(matching.Candidate(standing=certain[one.tenure_id], **asdict(one)) for one in candidates),
            )
            for kind, candidates in (
                (Method.FINGERPRINT, found.same_fingerprint),
                (Method.IP_BROWSER, found.same_browser),
                (Method.IP, found.same_address),
            )
            if candidates
        ),
    )


def _place(command: Init) -> dict[str, str]:
    """What a visit's browser is called where it is; unknown is a name as well, as keys are never null."""
    observed = command.arrival.observed
    return {
        "browser": observed.browser or "",
        "os": observed.os or "",
        "device_class": observed.device_class or "",
    }


def _weeks(command: Init) -> list[str]:
    """The ISO weeks to look for others in; none for a crawler, which is no neighbour, or after a log-out."""
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


def told(standing: Standing, policy: Policy, *, trusted: bool) -> str | None:
    """The user id a caller is told: to a public key only what the session's own tenure claimed.

    So a look-alike fingerprint learns nothing.
    """
    return standing.user_id if trusted or policy.reveal_tied_user else standing.claimed_user_id


def _result(command: Init, placement: matching.Placement, survivor_id: str | None) -> Initiated:
    return Initiated(
        session_id=command.arrival.ids.session,
        visitor_id=placement.visitor_id if placement.is_new_visitor else survivor_id or placement.visitor_id,
        jar_id=command.jar_id if command.consent else None,
        identity_id=placement.standing.identity_id,
        user_id=told(placement.standing, command.arrival.policy, trusted=command.arrival.trusted),
        is_new_visitor=placement.is_new_visitor,
        match=placement.match,
        started_at=command.arrival.at,
        expires_at=sessions.expires_at(command.arrival.at, command.arrival.at, command.arrival.policy),
        warnings=tuple(warned.code for warned in command.arrival.warnings),
    )


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
