"""Begin sessions: recognise each visit's visitor, and answer who it is, how sure that is, and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from graph.acts import audit, collected, loosen, settle, warnings, weigh
from graph.acts.arrival import Arrival
from graph.acts.later import Later
from graph.errors import IdentityGraphError, Overtaken, Refused
from graph.model import Change, Fingerprint, Match, Message, Method, Standing, Warned
from graph.rules import jars, matching, passing, sessions, similarity, times, weighing
from graph.rules.contradiction import Appearance, Disagreement, Sight, contradiction
from graph.rules.grouping import Keys, Touched, meeting, out_of_order
from graph.rules.messages import Repeat, judge
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.rules.revealing import revealed
from graph.rules.similarity import BrowserLook, KnownBrowser, Likeness
from graph.rules.tombstones import Name
from graph.rules.turns import ClaimThere, belongs_below
from graph.store import identities, messages
from graph.store import init as store
from graph.store import settle as turn_store
from graph.transaction import Locks, Rung, Transaction

#: A new jar was put into the visitor that had its fingerprint, or one like it.
BY_FINGERPRINT = frozenset({Method.FINGERPRINT, Method.FUZZY_FINGERPRINT})
#: Why a visit whose jar was contradicted before begins on another one.
CONTRADICTED = "several browsers use this name, so it names none"


@dataclass(frozen=True)
class Init:
    """One visit.

    `jar_method` says how the jar was named: by our token, by the caller's own id, or not at all (`new`). `message` is
    None if another call begins the session. A visit that only collects a fingerprint has no session
    (`has_session=False`); all else is the same. If the jar is contradicted, the visit begins on the jar `spare_jar_id`, or on
    a new one. `is_by_holder` says that the caller does not only name the jar by an id that others may know.
    `is_one_too_many` says that the address has shown more fingerprints within the hour than the policy believes.
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
    spare_jar_id: str | None = None
    is_by_holder: bool = True
    is_one_too_many: bool = False


@dataclass(frozen=True)
class Initiated:
    """A session that was begun, and its visitor; the visitor's token names `jar_id`, which is None without consent.

    `is_by_holder` says that the caller holds the jar: by its token, or because it is new.
    """

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
    is_by_holder: bool = True


@dataclass(frozen=True)
class Placed:
    """A visit, where it goes, its answer, and what its jar has shown by now: of its browser, and in passing.

    `is_known` says that the jar is known from this visit on, if not before. One that a fingerprint recognised in passing is
    not, and so is no machine of the visitor's.
    """

    command: Init
    placement: matching.Placement
    result: Initiated
    shown: Appearance
    passing: tuple[Sight, ...]
    is_known: bool


@dataclass(frozen=True)
class Lookalike:
    """A known fingerprint that is like the visit's, with the merge group that alone has it."""

    likeness: Likeness
    group: store.CandidateFacts | None


def keys(command: Init) -> Keys:
    """Return what keeps visits from sharing a transaction: a jar, a fingerprint, a user id or a message id in common."""
    named = [f"jar:{command.jar_id}"]
    if command.fingerprint is not None and command.consent:
        named.append(f"fingerprint:{command.fingerprint.hash}")
    if command.user_id is not None and command.consent:
        named.append(f"user:{command.user_id}")
    if command.message is not None:
        named.append(f"message:{command.message.kept_id}")
    return Keys(apart=frozenset(named))


def act(
    tx: Transaction, commands: Sequence[Init], *, in_order: bool = False
) -> list[Initiated | IdentityGraphError | Later]:
    """Begin a session for each visit; return one result for each.

    All visits are of one tenant with one policy, and no two have a key in common. The graph is the one that the visits make
    one by one, in some order or, with `in_order`, in the order of the list. A visit that found what an earlier one
    of the list writes, or may write, runs later. One that may loosen or settle ties runs alone, since the others may be
    answered from those ties. A visit whose jar is contradicted begins on a new jar. A jar that was made for a repeated,
    refused or later visit, and holds nothing, is removed.
    """
    commands, locked = _lock(tx, commands)
    alike = [_alike(command, locked.similar) for command in commands]
    gathered = _facts(tx, commands, alike)
    found = [_found(command, facts) for command, facts in zip(commands, gathered, strict=True)]
    later = out_of_order(_touched(commands, found)) if in_order else meeting(found)
    refused = [
        command.arrival.refusal(_names(command), facts.erased)
        for command, facts in zip(commands, gathered, strict=True)
    ]
    undo = [
        refusal is None and _may_undo(command, facts)
        for command, facts, refusal in zip(commands, gathered, refused, strict=True)
    ]
    if any(undo):
        alone = [undo[0] or (any(undo[: i + 1]) if in_order else undo[i]) for i in range(len(undo))]
        later = [i > 0 and (meets or alone[i]) for i, meets in enumerate(later)]
    if undo[0] and any([_loosen(tx, commands[0], gathered[0]), _settle(tx, commands[0], gathered[0])]):
        gathered = [*_facts(tx, commands[:1], alike[:1]), *gathered[1:]]
    now = [i for i, runs_later in enumerate(later) if not runs_later]
    surrounded = dict(
        zip(
            now,
            _surround(tx, [commands[i] for i in now], [gathered[i] for i in now], [alike[i] for i in now]),
            strict=True,
        )
    )
    results: dict[int, Initiated | IdentityGraphError | Later] = {}
    placed: list[Placed] = []
    strangers: dict[int, Disagreement] = {}
    for i, (command, facts) in enumerate(zip(commands, gathered, strict=True)):
        if later[i]:
            results[i] = Later(found[i] | {"undo"} if undo[i] else found[i])
        elif (answer := refused[i] or _answered(command, facts)) is not None:
            results[i] = answer
        elif why := _contradiction(command, facts):
            strangers[i] = why
        else:
            placement = matching.place(_visit(command), surrounded[i], command.arrival.policy)
            warned = _warned_of(command, facts)
            result = _result(warned, placement, facts.survivor_id)
            shown = _passing(command, facts)
            is_known = placement.came_back and not passing.shows(shown, facts.joined_by)
            placed.append(Placed(warned, placement, result, _shown_by_now(command, facts), shown, is_known))
            results[i] = result
    if placed:
        apply(tx, placed, locked.unsorted)
    begun = {visit.command.arrival.ids.session for visit in placed}
    store.forget(
        tx,
        rows=[
            {"jar_id": command.jar_id, "fingerprint": _hash(command)}
            for command in commands
            if command.arrival.ids.session not in begun
        ],
    )
    if strangers:
        store.contradict(tx, rows=[_contradicted_row(commands[i], why) for i, why in strangers.items()])
        begins_anew = [on_spare_jar(commands[i], why.why) for i, why in strangers.items()]
        tx.locks.made(Rung.JAR, {command.jar_id for command in begins_anew})
        # The visits begin after visitors and users are locked. If this deadlocks with another act, one is run again.
        results |= dict(zip(strangers, act(replace(tx, locks=Locks()), begins_anew, in_order=in_order), strict=True))
    return [results[i] for i in range(len(commands))]


def _answered(command: Init, facts: store.VisitFacts) -> Initiated | Refused | None:
    """Return the answer of the visit that this one repeats, or why it is refused; None if it is new."""
    repeat = judge(command.message, facts.message) if command.message else Repeat.NEW
    if repeat is Repeat.DUPLICATE and facts.message is not None:
        return replace(messages.recall(facts.message.answer, Initiated), duplicate=True)
    if repeat is Repeat.CONFLICT:
        return Refused("this messageId was used for another request", code="message_id_conflict")
    return None


def _names(command: Init) -> list[Name]:
    """Return the ids of a visit that may be those of an erased person."""
    names = [Name("jar", command.jar_id)]
    if command.message is not None:
        names.append(Name("message", command.message.kept_id))
    if command.user_id is not None and command.consent:
        names.append(Name("user", command.user_id))
    return names


def _contradiction(command: Init, facts: store.VisitFacts) -> Disagreement | None:
    """Return why the visit's jar is no browser's; None if it may be one's."""
    if facts.jar_is_contradicted:
        # It was marked between this act's look at the jar and its lock.
        return Disagreement(CONTRADICTED)
    return contradiction(_shown(facts), shows(command), command.arrival.policy)


def _shown(facts: store.VisitFacts) -> Appearance:
    """Return what the jar had shown of its browser before the visit."""
    return Appearance(facts.jar_os, facts.jar_device_class, tuple(Sight.of(text) for text in facts.jar_sights))


def shows(command: Init) -> Appearance:
    """Return what the visit shows of its browser."""
    observed, fingerprint = command.arrival.observed, command.fingerprint
    if observed.is_bot or not command.consent:
        return Appearance()
    sight = Sight(command.arrival.at, observed.address, fingerprint.hash) if fingerprint else None
    return Appearance.of_visit(observed.os, observed.device_class, sight)


def _shown_by_now(command: Init, facts: store.VisitFacts) -> Appearance:
    return _shown(facts).with_visit(shows(command), command.arrival.policy)


def _passing(command: Init, facts: store.VisitFacts) -> tuple[Sight, ...]:
    """Return what the jar has shown in passing, by this visit. Nothing that a server sends is in passing."""
    arrival, fingerprint = command.arrival, _hash(command)
    is_settled = passing.is_settled(facts.fingerprint_since, arrival.received_at, arrival.policy)
    is_others = fingerprint is not None and facts.fingerprint_since is not None and not arrival.trusted
    return passing.after(
        [Sight.of(text) for text in facts.passing],
        Sight(arrival.received_at, arrival.observed.address, fingerprint or ""),
        joined_by=facts.joined_by,
        is_claim=is_others and (is_settled or command.is_one_too_many),
        is_one_too_many=command.is_one_too_many,
        policy=arrival.policy,
    )


def _warned_of(command: Init, facts: store.VisitFacts) -> Init:
    """Return the visit with a warning if its fingerprint counts as shown in passing because there are too many."""
    fingerprint, at = _hash(command), command.arrival.received_at
    if fingerprint is None or not command.is_one_too_many or not passing.shows(_passing(command, facts), fingerprint):
        return command
    why = "its address showed more fingerprints within an hour than are believed: it stays whose it was"
    warned = Warned("too_many_fingerprints", fingerprint, why, at)
    return replace(command, arrival=replace(command.arrival, warnings=(*command.arrival.warnings, warned)))


def on_spare_jar(command: Init, why: str = CONTRADICTED) -> Init:
    """Return a visit whose jar is contradicted as one that names no jar, with a warning."""
    name = command.jar_id.removeprefix("caller:")
    warned = Warned("contradicted_jar", name, why, command.arrival.received_at)
    return replace(
        command,
        arrival=replace(command.arrival, warnings=(*command.arrival.warnings, warned)),
        jar_id=_spare_jar_id(command),
        jar_kind="issued",
        jar_method=Method.NEW,
        is_by_holder=True,
    )


def _spare_jar_id(command: Init) -> str:
    return command.spare_jar_id or command.arrival.ids.jar


def _contradicted_row(command: Init, why: Disagreement) -> dict[str, object]:
    return {
        "jar_id": command.jar_id,
        "at": times.milliseconds(command.arrival.received_at),
        "browsers": why.browsers if why.browsers > command.arrival.policy.fingerprint_known_jars_max else None,
    }


def _found(command: Init, facts: store.VisitFacts) -> frozenset[str]:
    """Return the keys of what a visit found on the way: no two visits that are written together have one in common.

    They are its merge group and, if it looked for neighbours, the address where another visit of the group may be one.
    A crowd is not looked at, so it is no key. What its tenure's inferences rest on is looked at, too.

    A visit that only looks comes before one that only writes what is looked at. Of two that do both, neither comes first:
    so the fingerprint of a visit that looks at anything is a key.
    """
    found = {f"group:{facts.survivor_id}"} if facts.survivor_id is not None else set()
    address, policy = command.arrival.observed.address, command.arrival.policy
    if facts.neighbours is not None and facts.neighbours <= _places_max(policy):
        found.add(f"address:{address}")
    if facts.neighbours_alike is not None and facts.neighbours_alike <= policy.address_crowd:
        found.add(f"browser:{' '.join(_place(command).values())} at {address}")
    inferences = facts.resolved.probable if facts.resolved else ()
    for where in (weighing.place(text) for link in inferences for text in link.rests_on or ()):
        found |= {f"{name}:{value}" for name in ("address", "fingerprint") if (value := where.get(name))}
    looks = facts.neighbours is not None or inferences or facts.same_fingerprint
    if looks and (fingerprint := _hash(command)) is not None:
        found.add(f"fingerprint:{fingerprint}")
    return frozenset(found)


def _touched(commands: Sequence[Init], found: Sequence[frozenset[str]]) -> list[Touched]:
    """Return what visits read, which they found on the way, and what they write: also where they were seen."""
    return [Touched(reads=keys, writes=keys | _seen_at(command)) for command, keys in zip(commands, found, strict=True)]


def _seen_at(command: Init) -> frozenset[str]:
    address = command.arrival.observed.address
    if address is None or not command.consent:
        return frozenset()
    return frozenset({f"address:{address}", f"browser:{' '.join(_place(command).values())} at {address}"})


def _lock(tx: Transaction, commands: Sequence[Init]) -> tuple[list[Init], store.VisitsLocked]:
    """Lock what the visits name, rung by rung; return them with spare jars for those whose jars are contradicted."""
    locked = store.lock(
        tx,
        [
            {
                "jar_id": command.jar_id,
                "jar_kind": command.jar_kind,
                "spare_jar_id": _spare_jar_id(command),
                "fingerprint": _hash(command),
                "fingerprint_crowd": command.arrival.policy.fingerprint_crowd,
                "components": command.fingerprint.components if command.fingerprint else None,
                "features": features.text if features else None,
                "buckets": _buckets(features),
                "fuzzy_crowd": command.arrival.policy.fuzzy_crowd,
                "user_id": command.user_id,
                "at": times.milliseconds(command.arrival.at),
            }
            for command in commands
            for features in [_features(command)]
        ],
        fuzzy_candidates_max=commands[0].arrival.policy.fuzzy_candidates_max,
    )
    spares = set(locked.spare_ids)
    begun = [
        on_spare_jar(command) if _spare_jar_id(command) in spares - {command.jar_id} else command
        for command in commands
    ]
    return begun, locked


def _features(command: Init) -> similarity.Features | None:
    """Return what is compared of the visit's fingerprint; None if it is not compared.

    A crawler is like all of its kind.
    """
    arrival = command.arrival
    is_compared = _hash(command) is not None and not arrival.observed.is_bot and arrival.policy.fuzzy_candidates_max > 0
    components = command.fingerprint.components if command.fingerprint and is_compared else None
    return similarity.features(components) if components else None


def _buckets(features: similarity.Features | None) -> list[dict[str, object]]:
    return [asdict(bucket) for bucket in features.buckets] if features else []


def _alike(command: Init, similar: Sequence[store.SimilarFacts]) -> list[Lookalike]:
    """Return the known fingerprints that are like the visit's, which nobody has: one a merge group, the likeliest first."""
    observed, arrival = command.arrival.observed, command.arrival
    found = {each.fingerprint: each for each in similar if each.jar_id == command.jar_id}
    features = _features(command)
    if not found or features is None or command.fingerprint is None:
        return []
    known = [
        KnownBrowser(
            each.fingerprint,
            BrowserLook(
                similarity.recalled(each.features),
                each.browser,
                similarity.version(each.browser_version),
                each.os,
                each.last_seen,
            ),
            each.root_id,
            keeps_tokens=each.known_jars > 0,
            is_of_user=each.is_of_user,
        )
        for each in found.values()
    ]
    shown = BrowserLook(
        features.digests, observed.browser, similarity.version(observed.browser_version), observed.os, arrival.at
    )
    return [
        Lookalike(
            likeness,
            store.CandidateFacts(each.tenure_id, each.last_seen, each.recent_users, each.machines)
            if each.tenure_id
            else None,
        )
        for likeness in similarity.judge(shown, command.fingerprint.confidence, known, arrival.policy)
        for each in [found[likeness.fingerprint]]
    ]


def _likeness(command: Init, alike: Sequence[Lookalike]) -> Likeness | None:
    """Return the likeliest of those that are like the visit, if it is likely enough to be the same browser's."""
    likeliest = alike[0].likeness if alike else None
    return likeliest if likeliest and likeliest.likelihood >= command.arrival.policy.fuzzy_min else None


def _hash(command: Init) -> str | None:
    return command.fingerprint.hash if command.fingerprint and command.consent else None


def _facts(tx: Transaction, commands: Sequence[Init], alike: Sequence[Sequence[Lookalike]]) -> list[store.VisitFacts]:
    """Read what the graph holds for each visit, once what it names is locked.

    Raises:
        Overtaken: What a visit names was removed while this act waited for its lock.
    """
    policy = commands[0].arrival.policy
    gathered = store.gather(
        tx,
        [_gather_row(i, command, _likeness(command, alike[i])) for i, command in enumerate(commands)],
        places_max=_places_max(policy),
        users_days=policy.browser_users_days,
    )
    has_hashes = [_hash(command) is not None for command in commands]
    if [facts.has_fingerprint for facts in gathered] != has_hashes:
        # An erasure held the lock of a jar or fingerprint, and removed it.
        raise Overtaken("what the visit names was erased just now")
    return weigh.weigh_each(tx, gathered, policy)


def _surround(
    tx: Transaction,
    commands: Sequence[Init],
    gathered: Sequence[store.VisitFacts],
    alike: Sequence[Sequence[Lookalike]],
) -> list[matching.Surroundings]:
    """Read whose the candidates are, and return what each visit could belong to.

    Raises:
        Overtaken: A merge between lock and read made the visitors of a fingerprint one group, so that it owns now.
    """
    owners = (facts.owner.visitor_id for facts in gathered if facts.owner)
    tx.locks.require(Rung.VISITOR, owners, "those who have the fingerprint were made one just now")
    clues = [
        _clues(command, facts, lookalikes) for command, facts, lookalikes in zip(commands, gathered, alike, strict=True)
    ]
    candidates = {
        (candidate.tenure_id, command.arrival.at)
        for command, kinds in zip(commands, clues, strict=True)
        for _, found in kinds
        for candidate, _ in found
    }
    certain = identities.candidates(tx, sorted(candidates), commands[0].arrival.policy)
    claimed = store.claimed(tx, _several_users(gathered))
    return [
        replace(
            _surroundings(command, facts, _likeness(command, lookalikes), claimed, _claim_then(tx, command, facts)),
            clues=tuple(_clue(command, kind, found, certain) for kind, found in kinds),
        )
        for command, facts, lookalikes, kinds in zip(commands, gathered, alike, clues, strict=True)
    ]


def _clues(
    command: Init, facts: store.VisitFacts, alike: Sequence[Lookalike]
) -> list[tuple[Method, list[tuple[store.CandidateFacts, Likeness | None]]]]:
    """Return the candidates of each kind of weak evidence, the surest kind first."""
    likely: list[tuple[store.CandidateFacts, Likeness | None]] = [
        (each.group, each.likeness)
        for each in alike
        if each.group is not None and each.likeness.likelihood >= command.arrival.policy.fuzzy_likely_min
    ]
    # What leads to the known fingerprint is not the same fingerprint.
    same = [] if _likeness(command, alike) else facts.same_fingerprint
    found: list[tuple[Method, list[tuple[store.CandidateFacts, Likeness | None]]]] = [
        (Method.FINGERPRINT, [(each, None) for each in same]),
        (Method.FUZZY_FINGERPRINT, likely),
        (Method.IP_BROWSER, [(each, None) for each in facts.same_browser]),
        (Method.IP, [(each, None) for each in facts.same_address]),
    ]
    return [(kind, candidates) for kind, candidates in found if candidates]


def _clue(
    command: Init,
    kind: Method,
    found: Sequence[tuple[store.CandidateFacts, Likeness | None]],
    certain: Mapping[tuple[str, datetime], tuple[Standing, int]],
) -> matching.Clue:
    return matching.Clue(
        kind,
        sum(candidate.machines for candidate, _ in found),
        tuple(
            matching.Candidate(
                standing=standing,
                users=users,
                likeness=likeness,
                is_other_machine=kind is Method.IP_BROWSER and _is_other_machine(command, candidate),
                tenure_id=candidate.tenure_id,
                last_seen=candidate.last_seen,
                recent_users=candidate.recent_users,
                machines=candidate.machines,
            )
            for candidate, likeness in found
            for standing, users in [_certain(certain, candidate.tenure_id, command.arrival.at)]
        ),
    )


def _is_other_machine(command: Init, candidate: store.CandidateFacts) -> bool:
    """Whether a visit's fingerprint says that it is of another machine than a neighbour."""
    features = _features(command)
    return similarity.are_of_two_machines(
        features.text if features else None, candidate.features, command.arrival.policy
    )


def _may_undo(command: Init, facts: store.VisitFacts) -> bool:
    """Whether a visit may loosen or settle ties."""
    return bool(_stop_owning(command, facts)) or _is_late(command, facts)


def _loosen(tx: Transaction, command: Init, facts: store.VisitFacts) -> bool:
    """Loosen the ties of what stops owning by a visit; return whether there were any."""
    stopped = _stop_owning(command, facts)
    _require_groups(tx, facts, [visitor_id for visitor_id, _ in stopped])
    loosened = [
        loosen.act(tx, visitor_id, _change(command), command.arrival.policy, fingerprint=fingerprint)
        for visitor_id, fingerprint in stopped
    ]
    return any(loosened)


def _stop_owning(command: Init, facts: store.VisitFacts) -> list[tuple[str, str | None]]:
    """Return what owns nothing more by a visit: visitors, each with the fingerprint, or with None for all it has.

    It is a visitor that turns out to be several machines, or a fingerprint that a second merge group comes to have.
    """
    if facts.visitor_id is None or facts.message is not None:
        return []
    stopped: list[tuple[str, str | None]] = []
    if facts.machines_before <= command.arrival.policy.fingerprint_known_jars_max < _machines_by_now(command, facts):
        stopped.append((facts.visitor_id, None))
    is_passing = passing.shows(_passing(command, facts), _hash(command))
    if not is_passing and _contradiction(command, facts) is None:
        stopped += [(visitor_id, _hash(command)) for visitor_id in facts.alone_ids]
    return stopped


def _settle(tx: Transaction, command: Init, facts: store.VisitFacts) -> bool:
    """Settle whose the tenures are of a browser that was used earlier than one knew; return whether any changed.

    An earlier visit may be the first of its tenure. Or it shows that a jar had come back by a login, so that the login says
    nothing of a kiosk.
    """
    if facts.visitor_id is None or facts.tenure_id is None or not _is_late(command, facts):
        return False
    _require_groups(tx, facts, [facts.visitor_id])
    is_first_use = facts.tenure_first_seen is not None and command.arrival.at < facts.tenure_first_seen
    formerly = turn_store.forget(tx, command.jar_id, command.arrival.at)
    if not formerly and not is_first_use:
        return False
    first_seen = {facts.tenure_id: command.arrival.at} if is_first_use else {}
    return settle.act(
        tx, facts.visitor_id, _change(command), command.arrival.policy, first_seen=first_seen, formerly=formerly
    )


def _require_groups(tx: Transaction, facts: store.VisitFacts, visitor_ids: Sequence[str]) -> None:
    """Check that the merge groups of these visitors, of the visit or alone with its fingerprint, are locked by survivors.

    Raises:
        Overtaken: One is not, since it was merged in the meantime.
    """
    survivor_ids = {
        facts.survivor_id if visitor_id == facts.visitor_id else facts.alone_survivor_id for visitor_id in visitor_ids
    }
    tx.locks.require(Rung.VISITOR, [*visitor_ids, *filter(None, survivor_ids)], "the visitor was merged just now")


def _is_late(command: Init, facts: store.VisitFacts) -> bool:
    """Whether a visit through a known jar happened before what is known of the jar."""
    return (
        facts.jar_last_seen is not None
        and command.arrival.at < facts.jar_last_seen
        and facts.message is None
        and not command.reset
        and _contradiction(command, facts) is None
        and _machines(command, facts) <= command.arrival.policy.fingerprint_known_jars_max
    )


def _claim_then(tx: Transaction, command: Init, facts: store.VisitFacts) -> ClaimThere | None:
    """Return the claim below which a late visit of a known browser belongs: the latest tenure is not that of its time."""
    if facts.visitor_id is not None or facts.owner is None or command.arrival.at >= facts.owner.last_seen:
        return None
    found = turn_store.claims.one(tx, visitor_id=facts.owner.visitor_id)
    turn = belongs_below(command.arrival.at, found.users, found.claims, command.arrival.policy)
    return turn.only


def _machines_by_now(command: Init, facts: store.VisitFacts) -> int:
    """Return how many machines the jar's visitor is on by this visit, which does not join it if the jar is contradicted."""
    why = _contradiction(command, facts)
    return _machines(command, facts) if why is None else why.browsers


def _several_users(gathered: Sequence[store.VisitFacts]) -> list[tuple[str, str]]:
    """Return the users of the merge groups that a fingerprint leads to, where these have several."""
    return sorted(
        {
            (facts.survivor_id, user.user_id)
            for facts in gathered
            if facts.survivor_id is not None and len(facts.owner_users) > 1
            for user in facts.owner_users
        }
    )


def _places_max(policy: Policy) -> int:
    """Return from how many sightings on an address alone is a crowd, in the weeks looked at."""
    return policy.address_crowd * policy.address_weeks


def _gather_row(i: int, command: Init, likeness: Likeness | None) -> dict[str, object]:
    observed, policy = command.arrival.observed, command.arrival.policy
    return {
        "i": i,
        "jar_id": command.jar_id,
        "at": times.milliseconds(command.arrival.at),
        "message_id": command.message.kept_id if command.message else None,
        "hashes": command.arrival.hashing.all_of(_names(command)),
        "fingerprint": _hash(command),
        "alike": likeness.fingerprint if likeness else None,
        "has_features": _features(command) is not None,
        "address": observed.address if _is_evidence(command) else None,
        "fingerprint_crowd": policy.fingerprint_crowd,
        "known_jars_max": policy.fingerprint_known_jars_max,
        **_place(command),
        "browser": None if observed.browser in matching.UNKNOWN_BROWSERS else observed.browser,
        "weeks": _weeks(command),
        "address_crowd": policy.address_crowd,
    }


def apply(tx: Transaction, placed: Sequence[Placed], unsorted: Collection[str] = ()) -> None:
    """Write what was decided, rung by rung: users are locked before the tenures that others' inferences lead to.

    `unsorted` are the fingerprints that are in no bucket yet.
    """
    came = [
        (user_id, command.arrival)
        for command in (visit.command for visit in placed)
        if command.consent and (user_id := command.user_id) is not None
    ]
    collected.lock_users(tx, came)
    store.apply(tx, tenure_ids=_tenures_written(placed), rows=[_session_row(visit, unsorted) for visit in placed])
    counted = _count_collected(tx, placed)
    store.probably(tx, rows=[row for visit in placed for row in _probable_rows(visit.command, visit.placement)])
    ties = [_tie_trace(visit.command, visit.placement) for visit in placed if visit.placement.tied_to is not None]
    audit.record(tx, *ties, *counted)
    warnings.record(tx, [warned for visit in placed for warned in visit.command.arrival.warnings])


def _tenures_written(placed: Sequence[Placed]) -> list[str]:
    """Return the tenures that get a session, a tie or another's inference, in the order in which they are locked."""
    return sorted(
        {
            tenure_id
            for placement in (visit.placement for visit in placed)
            for tenure_id in (
                placement.tenure_id,
                placement.tied_to,
                *(probable.tenure_id for probable in placement.probable),
            )
            if tenure_id is not None
        }
    )


def _count_collected(tx: Transaction, placed: Sequence[Placed]) -> list[audit.Trace]:
    """Count the user ids that came with the visits, and return the traces of those that count; refused ones are kept so."""
    came = [
        (visit.command, collected.Collected(arrival, _call(visit.command), user_id, visit.placement.visitor_id))
        for visit in placed
        for arrival, user_id in [(visit.command.arrival, visit.command.user_id)]
        if visit.command.consent and user_id is not None
    ]
    traces = collected.count(tx, [each for _, each in came])
    store.refuse(
        tx,
        rows=[
            {
                "session_id": command.arrival.ids.session if command.has_session else None,
                "message_id": command.message.kept_id if command.message else None,
            }
            for (command, _), trace in zip(came, traces, strict=True)
            if trace is None
        ],
    )
    return [trace for trace in traces if trace is not None]


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
            "confidence": _following(placement).confidence,
        },
    )


def _change(command: Init) -> Change:
    return Change(command.arrival.ids.change, command.arrival.received_at, command.arrival.actor)


def _call(command: Init) -> str:
    return command.message.call if command.message else "init"


def _surroundings(
    command: Init,
    facts: store.VisitFacts,
    likeness: Likeness | None,
    claimed: Mapping[tuple[str, str], str],
    claim_then: ClaimThere | None,
) -> matching.Surroundings:
    bound = Bound.of(command.arrival.policy, command.arrival.at)
    standing = facts.resolved.standing(bound) if facts.resolved else None
    owner = facts.owner
    return matching.Surroundings(
        jar_last_seen=facts.jar_last_seen,
        visitor_id=facts.visitor_id,
        tenure=standing if facts.visitor_id else None,
        tenure_id=facts.tenure_id,
        owner=matching.Owner(
            visitor_id=owner.visitor_id,
            machines=max(owner.machines, jars.machines(facts.stretches)),
            recent_users=owner.recent_users,
            last_seen=owner.last_seen,
            browser=owner.browser,
            os=owner.os,
            same_address=owner.same_address,
            anchor_id=claim_then.tenure_id if claim_then else owner.anchor_id,
            anchor_depth=0 if claim_then else owner.anchor_depth,
            anchor=_claimed(claim_then) if claim_then else standing if owner.anchor_id else None,
            users=facts.owner_users,
            claimed={
                user_id: tenure_id
                for (group_id, user_id), tenure_id in claimed.items()
                if group_id == facts.survivor_id
            },
            likeness=likeness,
            since=facts.fingerprint_since,
        )
        if owner
        else None,
        clues=(),
        machines=_machines(command, facts),
    )


def _certain(
    certain: Mapping[tuple[str, datetime], tuple[Standing, int]], tenure_id: str, at: datetime
) -> tuple[Standing, int]:
    """Return whose a candidate is, which no lock of a visit protects from an erasure beside it."""
    if (tenure_id, at) not in certain:
        raise Overtaken("a candidate was erased just now")
    return certain[tenure_id, at]


def _claimed(claim: ClaimThere) -> Standing:
    return Standing(claim.identity_id, claim.user_id, "claim", 1.0, claim.tenure_id, claim.linked_id)


def _machines(command: Init, facts: store.VisitFacts) -> int:
    """Return how many known jars of the jar's visitor were in use at once; the jar itself is known from this visit on."""
    if not facts.stretches:
        return 1
    at = command.arrival.at
    others = [known for known in facts.stretches if known.jar_id != command.jar_id]
    if facts.joined_by is not None and passing.shows(_passing(command, facts), facts.joined_by):
        return max(1, jars.alive_at_once(others))
    own = jars.Stretch(command.jar_id, min(facts.jar_since, at), max(facts.jar_last_seen or at, at))
    return jars.alive_at_once([own, *others])


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

    There are none for a crawler, which is nobody's neighbour, after a log-out, or if the address is no evidence.
    """
    if command.arrival.observed.is_bot or command.reset or not _is_evidence(command):
        return []
    return times.iso_weeks(command.arrival.received_at, command.arrival.policy.address_weeks)


def _is_evidence(command: Init) -> bool:
    """Whether the visit's address says something about who it is."""
    observed = command.arrival.observed
    return observed.address is not None and observed.proves and command.consent


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
        collector_confidence=command.fingerprint.confidence if command.fingerprint else None,
    )


def _result(command: Init, placement: matching.Placement, survivor_id: str | None) -> Initiated:
    told = revealed(
        placement.standing,
        command.arrival.policy,
        trusted=command.arrival.trusted,
        is_holder=command.is_by_holder,
    )
    return Initiated(
        session_id=command.arrival.ids.session,
        visitor_id=placement.visitor_id if placement.is_new_visitor else survivor_id or placement.visitor_id,
        jar_id=command.jar_id if command.consent else None,
        identity_id=told.identity_id,
        user_id=told.user_id,
        is_new_visitor=placement.is_new_visitor,
        match=placement.match,
        started_at=command.arrival.at,
        expires_at=sessions.expires_at(command.arrival.at, command.arrival.at, command.arrival.policy),
        warnings=tuple(warned.code for warned in command.arrival.warnings),
        is_by_holder=command.is_by_holder or not placement.came_back,
    )


def _joined(placement: matching.Placement, fingerprint: Fingerprint | None) -> dict[str, object]:
    """Return how a jar comes into its visitor. A visitor's first jar is surely its own, whoever else it is probably."""
    match = Match(Method.NEW, 1.0) if placement.is_new_visitor else _following(placement)
    return {
        "method": match.method.value,
        "confidence": match.confidence,
        "evidence": messages.keep(match.evidence),
        "fingerprint": fingerprint.hash if fingerprint and placement.match.method in BY_FINGERPRINT else None,
    }


def _following(placement: matching.Placement) -> Match:
    """Return the match with what follows from it: it may be less sure whose a visit is than how it was recognised."""
    follows = placement.follows
    return Match(placement.match.method, follows.strength, (follows,)) if follows else placement.match


def _session_row(placed: Placed, unsorted: Collection[str]) -> dict[str, object]:
    command, placement, result = placed.command, placed.placement, placed.result
    observed = command.arrival.observed
    match, following = placement.match, _following(placement)
    fingerprint = command.fingerprint if command.consent else None
    return {
        "visitor_id": placement.visitor_id,
        "visitor_kind": "server" if command.jar_kind == "server" else "browser",
        "jar_id": command.jar_id,
        "jar_shown": {
            "os": placed.shown.os,
            "device_class": placed.shown.device_class,
            "sights": [sight.text for sight in placed.shown.sights] or None,
            "passing": [sight.text for sight in placed.passing] or None,
        },
        "is_known": placed.is_known,
        "machines": placement.machines,
        "joins": _joined(placement, fingerprint) if placement.joins else None,
        "method": match.method.value,
        "confidence": match.confidence,
        "evidence": messages.keep(match.evidence),
        "tenure_id": placement.tenure_id,
        "tied_to": placement.tied_to,
        "tie_confidence": following.confidence,
        "tie_evidence": messages.keep(following.evidence),
        "session_id": command.arrival.ids.session if command.has_session else None,
        "collection_id": None if command.has_session else command.arrival.ids.session,
        "at": times.milliseconds(command.arrival.at),
        "received_at": times.milliseconds(command.arrival.received_at),
        "message_id": command.message.kept_id if command.message else None,
        "call": command.message.call if command.message else None,
        "request_hash": command.message.request_hash if command.message else None,
        "answer": messages.keep(result) if command.message else None,
        "fingerprint": fingerprint.hash if fingerprint else None,
        "buckets": _buckets(_features(command)) if _hash(command) in unsorted else [],
        "fingerprint_confidence": fingerprint.confidence if fingerprint else None,
        # A fingerprint that is only like the visitor's takes nothing from it.
        "is_passing": not placement.is_new_visitor
        and match.method is not Method.FUZZY_FINGERPRINT
        and passing.shows(placed.passing, _hash(command)),
        "fingerprint_weight": match.confidence if match.method in BY_FINGERPRINT else 1.0,
        "address": observed.address if command.consent else None,
        "week": times.iso_week(command.arrival.received_at) if _is_evidence(command) else None,
        "address_weight": command.arrival.policy.ip_browser_base,
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
    if not placement.probable:
        return []
    values = {
        "fingerprint": command.fingerprint.hash if command.fingerprint else None,
        "address": command.arrival.observed.address,
        **_place(command),
    }
    weeks = times.weeks_around([command.arrival.received_at], command.arrival.policy.address_weeks)
    return [
        {
            "tenure_id": placement.tenure_id,
            "identity_id": probable.tenure_id,
            "method": probable.method.value,
            "confidence": probable.confidence,
            "evidence": messages.keep(probable.evidence),
            "rests_on": [
                weighing.key(
                    Method(piece.kind),
                    {**values, "fingerprint": probable.alike} if piece.kind is Method.FUZZY_FINGERPRINT else values,
                )
                for piece in probable.evidence
            ],
            "weeks": weeks,
            "last_seen": probable.last_seen,
            "at": command.arrival.at,
            "change_id": command.arrival.ids.change,
        }
        for probable in placement.probable
    ]
