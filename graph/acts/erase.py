"""Erase a person: a user, or a visitor with all visitors merged with it.

The first transaction takes the person out of the graph, under the locks of every act, and sets tombstones. What happened
then hangs on nothing that a read or a call finds, and is removed in batches, each in a transaction of its own. An
`Erasure` counts what is removed, and keeps the names that are left to look for, so that any process can go on.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from graph.acts import adopt, audit, link, refold
from graph.acts.warnings import ABOUT_USERS, TEXT_CHARACTERS_MAX
from graph.database import Database
from graph.errors import NotFound
from graph.model import Change, NewIds
from graph.rules import linking, times
from graph.rules import relationships as rules
from graph.rules.placeholders import is_placeholder
from graph.rules.policy import Policy
from graph.rules.tombstones import Hashing, Name
from graph.store import erase as store
from graph.store import link as links
from graph.store import propagate, split, users, visitors
from graph.store.erase import FoundTenure, Pending, Receipt, RemovedEvents
from graph.transaction import Rung, Transaction

CALL = "erase"
#: How many tenures one transaction takes out of the graph. Hardly a person has as many.
TENURES = 2_000
#: How many events, sessions and entries one transaction removes.
BATCH = 5_000
#: The longest time for a transaction of an erasure, in seconds: longer than a request.
SECONDS = 60.0

#: Stands among the names for the kept answers of changes.
ANSWERS = "answers:"

Person = Literal["user", "visitor"]


@dataclass(frozen=True)
class Erase:
    """The erasure of a user or a visitor. `hashing` makes the tombstones.

    `clock` tells the time once the person is locked: what was accepted until then is erased.
    """

    kind: Person
    id: str
    change: Change
    policy: Policy
    ids: NewIds
    hashing: Hashing
    clock: Callable[[], datetime]


@dataclass(frozen=True)
class Rest:
    """What the batches of an erasure need: the policy, the hashes, and the time and ids of those that finish it."""

    policy: Policy
    hashing: Hashing
    at: datetime
    ids: NewIds


@dataclass
class Removed:
    """What one transaction of an erasure removes: counts by kind, the ids that get tombstones, and names to look for."""

    counts: Counter[str] = field(default_factory=Counter)
    buried: list[Name] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    at: datetime = times.BEGINNING


def begin(tx: Transaction, command: Erase) -> str:
    """Take the person out of the graph, and return the id of the erasure.

    If the person is gone already, the result is the last erasure of this id, which goes on if it is not finished. A user
    who is there again is erased again.

    Raises:
        NotFound: There is no such user or visitor, and none was erased.
    """
    tx = tx.making(command.change)
    known = store.claim(tx, Name(command.kind, command.id), command.hashing)
    is_there = _is_there(tx, command)
    if known is None and not is_there:
        raise not_found(command.kind)
    # A visitor with very many tenures keeps its id until all are taken out; a user loses it first.
    if known is not None and (not is_there or (known.is_pending and command.kind == "visitor")):
        own = [Name(command.kind, command.id)]
        store.bury(tx, known.erasure_id, own, command.hashing, at=receipt(tx, known.erasure_id).at)
        return known.erasure_id
    erasure_id = command.change.id
    removed = _take_out(tx, command, erasure_id, command.id)
    _keep(tx, erasure_id, removed, command.hashing, at=removed.at, before=Counter(), names=[ANSWERS])
    audit.record(tx, audit.Trace(command.change, (f"erasure:{erasure_id}",), act=CALL, before=None, after=None))
    return erasure_id


def not_found(kind: Person) -> NotFound:
    """Return the refusal of a person who is not there."""
    if kind == "user":
        return NotFound("there is no such user", code="user_not_found")
    return NotFound("there is no such visitor", code="visitor_not_found")


def finish(
    database: Database,
    erasure_id: str,
    rest: Rest,
    *,
    progress: Callable[[Receipt], None] = lambda _: None,
    enough: int | None = None,
) -> Receipt:
    """Remove what is left of a person, until nothing is left or `enough` things were removed.

    Raises:
        NotFound: There is no such erasure.
    """
    total = 0
    while (removed := database.write_within(SECONDS, batch, erasure_id, rest)) is not None:
        total += removed
        progress(database.read(receipt, erasure_id))
        if enough is not None and total >= enough:
            break
    return database.read(receipt, erasure_id)


def receipt(tx: Transaction, erasure_id: str) -> Receipt:
    """Return an erasure as far as it has come.

    Raises:
        NotFound: There is no such erasure.
    """
    found = store.get.one_or_none(tx, erasure_id=erasure_id)
    if found is None:
        raise NotFound("there is no such erasure", code="erasure_not_found")
    return found


def batch(tx: Transaction, erasure_id: str, rest: Rest) -> int | None:
    """Remove a batch of what is left of a person; return how much, or None if the erasure is finished.

    Raises:
        Overtaken: Another act changed what is removed before it was locked.
    """
    listed = store.listed.one_or_none(tx, erasure_id=erasure_id)
    if listed is not None:
        # Another erasure that removes such a visitor holds its lock and waits for this erasure, which lists the visitor.
        visitors.lock_group(tx, sorted({listed.visitor_id, *listed.visitor_ids}))
    pending = store.lock.one_or_none(tx, erasure_id=erasure_id)
    if pending is None:
        return None
    names = list(pending.names)
    removed = (
        _unname(tx, erasure_id, pending, rest)
        or _take_out_more(tx, erasure_id, pending, rest)
        or _remove_visits(tx, erasure_id)
        or _remove_places(tx, erasure_id)
        or _reword(tx, erasure_id, pending)
        or _forget_names(tx, erasure_id, pending, names)
    )
    if removed is None:
        store.finish(tx, erasure_id=erasure_id, at=rest.at)
        return None
    _keep(tx, erasure_id, removed, rest.hashing, at=pending.at, before=Counter(pending.removed), names=names)
    return removed.counts.total()


def _keep(
    tx: Transaction,
    erasure_id: str,
    removed: Removed,
    hashing: Hashing,
    *,
    at: datetime,
    before: Counter[str],
    names: Sequence[str],
) -> None:
    """Count what was removed, set its tombstones, and keep the names that are left to look for."""
    store.bury(tx, erasure_id, removed.buried, hashing, at=at)
    store.write(
        tx,
        erasure_id=erasure_id,
        removed={kind: before[kind] + removed.counts[kind] for kind in {*before, *removed.counts}},
        names=_in_order([*names, *removed.names]),
    )


def _in_order(names: Sequence[str]) -> list[str]:
    """Return the names in the order in which they stay: the last one is looked for first.

    Kept answers may bear any of the others. The person's own names are needed until all else is done.
    """
    return sorted(names, key=lambda name: name.startswith(ANSWERS))


def _is_there(tx: Transaction, command: Erase) -> bool:
    """Whether there is such a visitor, or a user who is anybody, or whom anything names."""
    if command.kind == "visitor":
        return command.id in visitors.survivors(tx, [command.id])
    return bool(
        store.related(tx, command.id)
        or _find(tx, command.kind, command.id, command.id, limit=1)
        or is_named(tx, command.id, command.policy)
    )


def is_named(tx: Transaction, user_id: str, policy: Policy) -> bool:
    """Whether anything names a user who used no browser: a node without edges, a login that claimed nothing, or a warning.

    Strangers send a placeholder, so what bears it is of no such user. It is a user only if it was made one before it counted
    as a placeholder.
    """
    return not is_placeholder(user_id, policy.placeholder_user_ids) and store.is_named(tx, user_id, ABOUT_USERS)


def _find(
    tx: Transaction, kind: Person, subject_id: str, name: str, *, limit: int = TENURES, until: datetime = times.END
) -> list[FoundTenure]:
    """Return the first tenures of a person. `name` is the person's id, also where the user has lost it (`subject_id`).

    The jar of the user's servers counts if it was made by `until`: a later one is of a new user of this name.
    """
    if kind == "visitor":
        return store.find(tx, visitor_id=subject_id, limit=limit)
    return store.find(tx, user_id=subject_id, server_jar_id=f"server:{name}", until=until, limit=limit)


def _take_out(tx: Transaction, command: Erase, erasure_id: str, subject_id: str) -> Removed:
    """Take the first tenures out of the graph, with the jars, visitors, fingerprints and users of which nothing is left.

    The first time this begins the erasure, and takes a user's name from the user.

    Raises:
        Overtaken: Another act changed what is taken out before it was locked.
    """
    kind, at, is_first = command.kind, command.change.at, subject_id == command.id and erasure_id == command.change.id
    until = times.END if is_first else at
    found = _find(tx, kind, subject_id, command.id, until=until)
    related = store.related(tx, subject_id) if kind == "user" else {subject_id}
    split.lock(
        tx, sorted({tenure.jar_id for tenure in found}), None, fingerprint_crowd=command.policy.fingerprint_crowd
    )
    visitor_ids = _lock_visitors(tx, related.union(*([tenure.visitor_id, *tenure.left_ids] for tenure in found)))
    # Another erasure may have removed users while this one waited.
    found = _find(tx, kind, subject_id, command.id, until=until)
    claimants = {tenure.claimed_by for tenure in found if tenure.claimed_by is not None}
    user_ids = sorted(claimants | _concerned(tx, command, subject_id, found))
    # Only who is erased may be new here: a user whom only logins name that claimed nothing.
    new_id = command.ids.user if kind == "user" else None
    identity_ids = users.lock(tx, [(each_id, new_id if each_id == subject_id else None) for each_id in user_ids], at)
    again = _find(tx, kind, subject_id, command.id, until=until)
    tx.locks.require(Rung.JAR, (tenure.jar_id for tenure in again), "a jar was used just now")
    used_ids = {tenure.visitor_id for tenure in again} | store.others(tx, sorted(visitor_ids))
    tx.locks.require(Rung.VISITOR, used_ids, "a visitor was used just now")
    tx.locks.require(Rung.USER, (t.claimed_by for t in again if t.claimed_by is not None), "a user logged in just now")
    if kind == "user":
        tx.locks.require(Rung.VISITOR, store.related(tx, subject_id), "the user used another visitor just now")
    if kind == "visitor":
        # A split may have taken visitors out of the group while this act waited.
        visitor_ids = visitors.lock_group(tx, [subject_id])
    if is_first:
        at = max(at, times.whole_milliseconds(command.clock()))
    removed = Removed(at=at)
    if is_first:
        store.begin(tx, erasure_id=erasure_id, kind=kind, at=at, names=[])
        removed.names.append(f"{kind}:{command.id}")
        removed.buried.append(Name(kind, command.id))
        if kind == "user":
            removed.names.insert(0, f"identity:{identity_ids[subject_id].identity_id}")
            removed.buried.append(Name("jar", f"server:{command.id}"))
    _detach(tx, again, erasure_id, subject_id if kind == "user" else None, removed, at=at)
    emptied = store.emptied(tx, sorted(visitor_ids))
    is_whole = sorted(visitor_ids) if kind == "visitor" else emptied
    hashes = store.unsee(tx, erasure_id, is_whole, is_whole=True)
    left = sorted({tenure.visitor_id for tenure in again}.difference(is_whole))
    hashes += store.unsee(tx, erasure_id, left, is_whole=False)
    claimants |= store.visitors(tx, emptied)
    claimants |= _recount(tx, subject_id, left, command.policy)
    if is_first and kind == "user":
        _unlink(tx, subject_id)
        store.withdraw(tx, user_id=subject_id, erasure_id=erasure_id)
    if kind == "user" and not _find(tx, kind, f"erased {erasure_id}", command.id, limit=1, until=until):
        store.users(tx, [f"erased {erasure_id}"], is_erased=True)
    gone = _remove_users(tx, claimants - {subject_id})
    removed.buried += [name for user_id in gone for name in (Name("user", user_id), Name("jar", f"server:{user_id}"))]
    removed.names += [f"user:{user_id}" for user_id in gone]
    removed.counts.update({"tenures": len(again), "visitors": len(emptied), "fingerprints": len(hashes)})
    removed.buried += [Name("visitor", visitor_id) for visitor_id in emptied]
    removed.names += [
        *(f"visitor:{visitor_id}" for visitor_id in emptied if visitor_id != command.id),
        *(f"fingerprint:{found_hash}" for found_hash in hashes),
    ]
    return removed


def _lock_visitors(tx: Transaction, visitor_ids: Collection[str]) -> set[str]:
    """Lock the merge groups of visitors, and return their ids; lock also the other visitors that are joined to them.

    With a visitor go its edges, and to remove an edge locks both of its ends.
    """
    visitors.lock_group(tx, sorted({*visitor_ids, *store.others(tx, sorted(visitor_ids))}))
    return visitors.lock_group(tx, sorted(visitor_ids))


def _concerned(tx: Transaction, command: Erase, subject_id: str, found: Sequence[FoundTenure]) -> set[str]:
    """Return the users whom an erasure may change: those beside the person's tenures and visitors, and all linked with them.

    Whoever goes with the person leaves the users linked with it, who then have another identity.
    """
    if command.kind == "user":
        named = store.joined(tx, sorted({tenure.visitor_id for tenure in found})) | {subject_id}
    else:
        named = store.joined(tx, [subject_id])
    named |= {tenure.claimed_by for tenure in found if tenure.claimed_by is not None}
    named.update(user_id for tenure in found for user_id in tenure.beside_ids)
    return named | set(links.gather(tx, named))


def _linked(tx: Transaction, user_id: str) -> dict[str, linking.LinkedUser]:
    """Return the other users that are linked with a user."""
    return {each: user for each, user in links.gather(tx, [user_id]).items() if each != user_id}


def _remove_users(tx: Transaction, user_ids: Collection[str]) -> list[str]:
    """Remove those of these users that nothing but links is joined to, and return them.

    Example: `ben` logged in only on the browser that is erased, and was linked with `ben@work`. `ben` goes with the browser,
    and `ben@work` has its own identity again.

    Raises:
        Overtaken: Another user was linked with one of them before it was locked.
    """
    linked = set(links.gather(tx, user_ids))
    gone = store.users(tx, sorted(user_ids), is_erased=False)
    if gone and linked.difference(gone):
        others = links.gather(tx, linked.difference(gone))
        tx.locks.require(Rung.USER, others, "another user was linked just now")
        link.redraw(tx, others, linking.pairs(others.values()))
    return gone


def _unlink(tx: Transaction, user_id: str) -> None:
    """Compute the identities of the users linked with this one, without it.

    Raises:
        Overtaken: Another user was linked before this one was locked.
    """
    others = _linked(tx, user_id)
    tx.locks.require(Rung.USER, others, "another user was linked just now")
    link.redraw(tx, others, linking.pairs(others.values()))


def _beside(tx: Transaction, visitor_ids: Collection[str]) -> set[str]:
    """Return the users who have a relationship with a visitor of these merge groups."""
    survivor_ids = set(visitors.survivors(tx, sorted(visitor_ids)).values())
    return {user_id for survivor_id in sorted(survivor_ids) for user_id in refold.known(tx, survivor_id)}


def _recount(tx: Transaction, subject_id: str | None, left: Sequence[str], policy: Policy) -> set[str]:
    """Count again what is observed on visitors that stay, and return the other users of whom nothing is left there.

    `ben` came as the `userId` of a visit before `anna` logged in there. The visit is erased with `anna`, and so is that
    `ben` came with it.
    """
    store.first(tx, left)
    observed = visitors.observed(tx, left)
    for derived in observed.values():
        visitors.write(tx, visitor_id=derived.visitor_id, numbers=derived.numbers(policy))
    survivors = visitors.survivors(tx, sorted(observed))
    changed: list[rules.Group] = []
    for survivor_id in sorted(set(survivors.values())):
        left_ids = [visitor_id for visitor_id in sorted(observed) if survivors[visitor_id] == survivor_id]
        for user_id, before in refold.known(tx, survivor_id).items():
            after = before
            for left_id in left_ids:
                after = after.observing(left_id, observed[left_id].records)
            if user_id == subject_id or after == before:
                continue
            if any(not after.of(left_id) for left_id in before.hidden.intersection(left_ids)):
                # As in a split, the flag moves within the merge group.
                after = after.saying(survivor_id, visible=False)
            changed.append(after)
    tx.locks.require(Rung.USER, (group.user_id for group in changed), "another user came just now")
    refold.write(tx, changed, policy)
    return {group.user_id for group in changed if not any(group.records.values())}


def _detach(
    tx: Transaction,
    tenures: Sequence[FoundTenure],
    erasure_id: str,
    user_id: str | None,
    removed: Removed,
    *,
    at: datetime,
) -> None:
    """Take tenures out, and their jars of which nothing is left; settle what rested on them."""
    tenure_ids = {tenure.tenure_id for tenure in tenures}
    for tenure in tenures:
        if tenure.claimed_by not in {None, user_id}:
            propagate.let_go(tx, user_id=tenure.claimed_by, claim=tenure.tenure_id, moved_to=None, at=at)
    store.uninfer(tx, sorted(tenure_ids))
    store.detach(tx, erasure_id, sorted(tenure_ids))
    above = {tenure.above_id for tenure in tenures if tenure.above_id is not None} - tenure_ids
    adopt.choose_again(tx, sorted(above), at=at)
    jar_ids = store.jars(tx, sorted({tenure.jar_id for tenure in tenures}))
    removed.counts["jars"] += len(jar_ids)
    removed.buried += [Name("jar", jar_id) for jar_id in jar_ids]
    removed.names += [f"jar:{jar_id}" for jar_id in jar_ids if jar_id.startswith("caller:")]


def _take_out_more(tx: Transaction, erasure_id: str, pending: Pending, rest: Rest) -> Removed | None:
    """Take out the next tenures of a person with very many."""
    kind = cast("Person", pending.kind)
    name = _named(pending, kind)
    if name is None:
        return None
    subject_id = f"erased {erasure_id}" if kind == "user" else name
    if not _find(tx, kind, subject_id, name, limit=1, until=pending.at):
        return None
    change = Change(rest.ids.change, pending.at, f"job:{CALL}")
    command = Erase(kind, name, change, rest.policy, rest.ids, rest.hashing, clock=lambda: pending.at)
    return _take_out(tx.making(change), command, erasure_id, subject_id)


def _remove_visits(tx: Transaction, erasure_id: str) -> Removed | None:
    """Remove events, then the visits without events, then the tenures without visits."""
    events = store.events.one(tx, erasure_id=erasure_id, limit=BATCH)
    visits = store.visits(tx, erasure_id=erasure_id, limit=BATCH)
    if not (events.count or visits or store.shells(tx, erasure_id, BATCH)):
        return None
    removed = Removed(Counter(events=events.count, sessions=len(visits)))
    removed.buried += [Name("session", visit.session_id) for visit in visits if visit.session_id is not None]
    removed.buried += [Name("message", visit.message_id) for visit in visits if visit.message_id is not None]
    removed.buried += [Name("message", message_id) for message_id in events.message_ids]
    return removed


def _remove_places(tx: Transaction, erasure_id: str) -> Removed | None:
    """Remove the places where nobody else was."""
    found = store.places.one(tx, erasure_id=erasure_id, limit=BATCH)
    return Removed(Counter(addresses=found.addresses)) if found.looked_at else None


def _unname(tx: Transaction, erasure_id: str, pending: Pending, rest: Rest) -> Removed | None:
    """Remove what is left of a user on one listed visitor, and on those to which splits have moved its jars.

    Whoever has come back under the same name keeps what happened since then. A split, or another erasure, may have counted
    for the new user what the erased one did, so the visitors are counted again.

    Raises:
        Overtaken: The visitor was listed, or a split moved its jars, before it was locked.
    """
    listed, user_id = store.listed.one_or_none(tx, erasure_id=erasure_id), _named(pending, "user")
    if listed is None or user_id is None:
        return None
    held = sorted({listed.visitor_id, *listed.visitor_ids})
    tx.locks.require(Rung.VISITOR, held, "the visitor was changed just now")
    store.unlist(tx, erasure_id=erasure_id, visitor_id=listed.visitor_id)
    store.unname(tx, visitor_id=listed.visitor_id, user_id=user_id, at=pending.at)
    found = store.logins.one(tx, visitor_id=listed.visitor_id, user_id=user_id, at=pending.at)
    users.lock(tx, [(beside_id, None) for beside_id in sorted(_beside(tx, held))], pending.at)
    _recount(tx, None, held, rest.policy)
    removed = _events(found)
    for visitor_id in held:
        removed.counts["audit_entries"] += store.mentions(tx, visitor_id, _user_texts(user_id), at=pending.at)
    return removed


def _reword(tx: Transaction, erasure_id: str, pending: Pending) -> Removed | None:
    """Remove what answers say of a user, on one tenure that was or probably was the user's."""
    user_id, identity_id = _named(pending, "user"), _named(pending, "identity")
    if user_id is None or identity_id is None:
        return None
    reworded = store.reword(
        tx,
        erasure_id,
        user_texts=_user_texts(user_id),
        identity_id=identity_id,
        identity_text=_text(identity_id),
        limit=BATCH,
    )
    return Removed() if reworded else None


def _forget_names(tx: Transaction, erasure_id: str, pending: Pending, names: list[str]) -> Removed | None:
    """Remove what else bears a person's names, and take these from the list: answers, audit entries, warnings, logins."""
    if not names:
        return None
    removed = Removed()
    while names and removed.counts.total() < BATCH:
        kind, _, named_id = names[-1].partition(":")
        is_done = True
        if names[-1].startswith(ANSWERS):
            last = _remove_answers(tx, names, after=named_id, removed=removed)
            if last is not None:
                names[-1] = f"{ANSWERS}{last}"
                return removed
        elif kind in {"user", "visitor"}:
            if kind == "user":
                logins = store.named.one(tx, user_id=named_id, at=pending.at, limit=BATCH)
                removed.counts["events"] += logins.count
                removed.buried += [Name("message", message_id) for message_id in logins.message_ids]
                is_done = logins.count < BATCH
            entries = store.audit.one(tx, erasure_id=erasure_id, subject=names[-1], at=pending.at, limit=BATCH)
            removed.counts["audit_entries"] += entries.count
            removed.buried += [Name("message", message_id) for message_id in entries.message_ids]
            is_done = is_done and entries.count < BATCH
        if kind in {"user", "visitor", "jar", "fingerprint"}:
            subject = named_id.removeprefix("caller:") if kind == "jar" else named_id
            removed.counts["warnings"] += store.warnings(tx, [subject[:TEXT_CHARACTERS_MAX]])
        if is_done:
            names.pop()
    return removed


def _remove_answers(tx: Transaction, names: Sequence[str], *, after: str, removed: Removed) -> str | None:
    """Remove those kept answers of changes that name the person, of the next ones; return the last, or None at the end."""
    named = [name.partition(":") for name in names]
    texts = [_text(named_id) for kind, _, named_id in named if kind == "visitor"]
    texts += [text for kind, _, named_id in named if kind == "user" for text in _user_texts(named_id)]
    # A decision about a candidate names its subjects so.
    texts += [_text(f"{kind}:{named_id}") for kind, _, named_id in named if kind in {"user", "visitor"}]
    page = store.answers.one(tx, texts=texts, after=after, limit=BATCH)
    removed.counts["messages"] += len(page.message_ids)
    removed.buried += [Name("message", message_id) for message_id in page.message_ids]
    return page.last


def _named(pending: Pending, kind: str) -> str | None:
    """Return the person's own name of a kind; None if all that bore it is removed."""
    return next((name.partition(":")[2] for name in pending.names if name.startswith(f"{kind}:")), None)


def _events(found: RemovedEvents) -> Removed:
    return Removed(Counter(events=found.count), [Name("message", message_id) for message_id in found.message_ids])


def _user_texts(user_id: str) -> list[str]:
    """Return how a user is named in kept answers and audit entries. A user may be called like any other word in them."""
    return [f'"{name}":{_text(user_id)}' for name in ("user_id", "userId", "to")]


def _text(value: str) -> str:
    """Return an id as it stands in a kept answer."""
    return json.dumps(value, ensure_ascii=False)
