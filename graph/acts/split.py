"""Undo a merge of visitors, or take a part out of a visitor. The split opens a cannot-link between the two sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graph.acts import adopt, audit, closing, merge, refold
from graph.acts.messages import Answer
from graph.errors import NotFound, Refused
from graph.model import Change, Evidence, NewIds
from graph.rules import merging
from graph.rules import relationships as rules
from graph.rules.derived import Derived
from graph.rules.policy import Policy
from graph.store import merge as merges
from graph.store import messages, users, visitors
from graph.store import split as store
from graph.transaction import Rung, Transaction

CALL = "split"
#: How many jars one call takes out: some milliseconds each, in one transaction, while calls of these visitors wait.
JARS_MAX = 1_000
#: The longest time, in seconds, for a split that a command makes of any number of jars.
SECONDS = 600.0


@dataclass(frozen=True)
class Split:
    """Undo a visitor's merge, or take a part out of the visitor.

    At most one of `jar_id`, `tenure_id` and `fingerprint` is given: the part. Without a part the merge is undone.
    `jars_max` bounds the jars that a fingerprint takes with it; None is no bound.
    """

    visitor_id: str
    jar_id: str | None
    tenure_id: str | None
    fingerprint: str | None
    change: Change
    policy: Policy
    ids: NewIds
    jars_max: int | None = None


@dataclass(frozen=True)
class Separated(Answer):
    """The result of a split.

    `visitor_id` is the visitor that the part was taken from. `split_off_id` is the visitor that has the jars taken out,
    and None if no jar was. After an unmerge they are the visitor that the merge went into and the unmerged visitor.
    `user_ids` are the users whose relationships were weighed again. `merged_ids` are the other visitors of the merge
    group that a fingerprint was taken from.
    """

    visitor_id: str
    split_off_id: str | None
    user_ids: tuple[str, ...] = ()
    merged_ids: tuple[str, ...] = ()


def act(tx: Transaction, command: Split) -> Separated:
    """Undo the merge or take the part out. Edges are closed, never removed, and owners follow from the facts left.

    Raises:
        NotFound: There is no such visitor, or it has no such part.
        Refused: There is nothing to take out, or there are more jars than `jars_max`.
    """
    tx = tx.making(command.change)
    if command.visitor_id not in visitors.survivors(tx, [command.visitor_id]):
        raise NotFound("there is no such visitor", code="visitor_not_found")
    if command.jar_id is None and command.tenure_id is None and command.fingerprint is None:
        result = _unmerge(tx, command)
    else:
        parts = _lock(tx, command)
        if command.tenure_id is not None:
            result = _untie(tx, command, parts[0], command.tenure_id)
        else:
            result = _take_out(tx, command, parts)
    visitor_ids = {command.visitor_id, result.visitor_id, result.split_off_id, *result.merged_ids} - {None}
    audit.record(
        tx,
        audit.Trace(
            command.change,
            subjects=(
                *(f"visitor:{visitor_id}" for visitor_id in sorted(filter(None, visitor_ids))),
                *(f"user:{user_id}" for user_id in result.user_ids),
            ),
            act=CALL,
            before={
                "visitorId": command.visitor_id,
                "jar": command.jar_id,
                "tenure": command.tenure_id,
                "fingerprint": command.fingerprint,
            },
            after={"visitorId": result.visitor_id, "splitOffId": result.split_off_id},
        ),
    )
    return result


def _lock(tx: Transaction, command: Split) -> list[store.Part]:
    """Lock what the split may change, rung by rung: jars, fingerprints, visitors. Return where the part is then."""
    parts_before = _find(tx, command)
    jar_ids = sorted(jar_id for part in parts_before for jar_id in part.jar_ids)
    if command.jars_max is not None and len(jar_ids) > command.jars_max:
        raise Refused(
            f"{len(jar_ids)} jars came in by this fingerprint, and a call takes out at most {command.jars_max}: "
            "run `python -m app split` with `--fingerprint` at a terminal, which waits for minutes",
            code="too_many_jars",
        )
    store.lock(tx, jar_ids, command.fingerprint, fingerprint_crowd=command.policy.fingerprint_crowd)
    cannot_linked_ids = {visitor_id for part in parts_before for visitor_id in part.cannot_linked_ids}
    locked_ids = visitors.lock_group(tx, sorted({command.visitor_id, *cannot_linked_ids}))
    parts = _find(tx, command)
    late_ids = {visitor_id for part in parts for visitor_id in part.cannot_linked_ids} - locked_ids
    if late_ids and min(late_ids) > max(locked_ids):
        # Another split made these visitors while this one waited. Their ids are the newest, so they sort last.
        visitors.lock_group(tx, sorted(late_ids))
    for part in parts:
        # The new visitor gets copies of the visitor's cannot-links, and creating an edge locks both of its ends.
        tx.locks.require(Rung.VISITOR, [part.visitor_id, *part.cannot_linked_ids], "the visitor was changed just now")
        tx.locks.require(Rung.JAR, part.jar_ids, "the visitor was changed just now")
    return parts


def _find(tx: Transaction, command: Split) -> list[store.Part]:
    parts = store.find(
        tx,
        visitor_id=command.visitor_id,
        jar_id=command.jar_id,
        tenure_id=command.tenure_id,
        fingerprint=command.fingerprint,
    )
    if not parts:
        kind = "jar" if command.jar_id else "tenure" if command.tenure_id else "fingerprint"
        raise NotFound(f"the visitor has no such {kind}", code="part_not_found")
    return parts


def _unmerge(tx: Transaction, command: Split) -> Separated:
    # With a visitor go its edges, and to remove an edge locks both of its ends.
    beside = {joined.visitor_id for joined in store.emptied(tx, visitor_id=command.visitor_id)}
    visitors.lock_group(tx, sorted({command.visitor_id, *filter(None, beside)}))
    members = visitors.lock_group(tx, [command.visitor_id])
    emptied = store.emptied(tx, visitor_id=command.visitor_id)
    beside = {joined.visitor_id for joined in emptied}
    tx.locks.require(Rung.VISITOR, filter(None, beside), "the visitor was changed just now")
    merged = store.merged.one_or_none(tx, visitor_id=command.visitor_id)
    if merged is None:
        raise _nothing("this visitor was merged into no other: name the merged one's own id, or a part to take out")
    survivor = visitors.survivors(tx, [merged.into_id])[merged.into_id]
    side = merges.side.one(tx, visitor_id=command.visitor_id, without=None)
    tx.locks.require(Rung.VISITOR, [survivor, *side.visitor_ids], "the visitor was changed just now")
    related = refold.known(tx, survivor)
    user_ids = sorted({*related, *merged.user_ids})
    locked_ids = {*user_ids, *filter(None, (joined.user_id for joined in emptied))}
    users.lock(tx, [(user_id, command.ids.user) for user_id in sorted(locked_ids)], command.change.at)
    store.unmerge(tx, visitor_id=command.visitor_id, at=command.change.at)
    store.reopen(tx, visitor_ids=sorted(members))
    _separate_ties(tx, command, side.visitor_ids, survivor)
    store.forbid_visitors(tx, visitor_id=command.visitor_id, other_id=merged.into_id, at=command.change.at)
    recollected = store.recollect(tx, visitor_ids=sorted(members), user_ids=user_ids)
    observed = visitors.observed(tx, sorted({pair.visitor_id for pair in recollected}))
    sides = ((command.visitor_id, set(side.visitor_ids)), (survivor, members.difference(side.visitor_ids)))
    for side_survivor, member_ids in sides:
        groups = refold.known(tx, side_survivor)
        for pair in recollected:
            if pair.visitor_id in member_ids:
                group = groups.get(pair.user_id, rules.Group(pair.user_id, side_survivor, {}))
                groups[pair.user_id] = group.observing(pair.visitor_id, observed[pair.visitor_id].records)
        refold.write(tx, groups.values(), command.policy)
    store.remove_empty(tx, visitor_ids=[command.visitor_id, survivor])
    weighed = {*related, *(pair.user_id for pair in recollected)}
    return Separated(merged.into_id, command.visitor_id, tuple(sorted(weighed)))


def _take_out(tx: Transaction, command: Split, parts: Sequence[store.Part]) -> Separated:
    """Move the parts' jars into one new visitor, with everything that was observed on them.

    As in every act, fingerprints come before users. Addresses come last, since no act locks them.
    """
    emptied_id = next((part.visitor_id for part in parts if len(part.jar_ids) == part.jars), None)
    if emptied_id is not None:
        raise _nothing(f"nothing would be left of {emptied_id}: if it was merged with others, undo the merge first")
    new_id = command.ids.visitor
    visitor_id, *other_ids = (part.visitor_id for part in parts)
    evidence = messages.keep((Evidence(CALL, 1.0, 0, command.change.at),))
    closed_at = closing.times(tx, [visitor_id], at=command.change.at)
    for part in parts:
        if part.jar_ids:
            store.move(tx, part.visitor_id, new_id, part.jar_ids, evidence=evidence, at=closed_at[part.visitor_id])
        if command.fingerprint is not None:
            store.forget_fingerprint(
                tx, visitor_id=part.visitor_id, fingerprint=command.fingerprint, at=command.change.at
            )
    left = [part for part in parts if part.jar_ids]
    if not left:
        return Separated(visitor_id, None, merged_ids=tuple(other_ids))
    left_ids = [part.visitor_id for part in left]
    survivor = visitors.survivors(tx, [visitor_id])[visitor_id]
    related = refold.known(tx, survivor)
    user_ids = sorted({*related, *(user_id for part in left for user_id in part.user_ids)})
    users.lock(tx, [(user_id, command.ids.user) for user_id in user_ids], command.change.at)
    store.copy_cannot_links(tx, visitor_ids=left_ids, new_visitor_id=new_id)
    observed = visitors.observed(tx, [*left_ids, new_id])
    for derived in observed.values():
        visitors.write(tx, visitor_id=derived.visitor_id, numbers=derived.numbers(command.policy))
    _separate_ties(tx, command, [new_id], survivor)
    store.uninfer(tx, new_visitor_id=new_id, visitor_ids=left_ids, at=command.change.at)
    _relate(tx, command, observed, new_id, survivor_id=survivor, related=related)
    store.follow(tx, survivor, left_ids, new_id)
    for left_id in left_ids:
        store.forbid_visitors(tx, visitor_id=left_id, other_id=new_id, at=command.change.at)
    for left_id in left_ids:
        store.addresses(tx, visitor_id=left_id, new_visitor_id=new_id)
    return Separated(visitor_id, new_id, tuple(sorted(related)), tuple(other_ids))


def _untie(tx: Transaction, command: Split, part: store.Part, tenure_id: str) -> Separated:
    if part.tied_to is None:
        raise _nothing("this tenure is tied to no other")
    # The tenures above may adopt claims of other users of the group.
    survivor = visitors.survivors(tx, [part.visitor_id])[part.visitor_id]
    related = refold.known(tx, survivor)
    users.lock(tx, [(user_id, command.ids.user) for user_id in sorted(related)], command.change.at)
    store.untie(tx, [tenure_id], at=command.change.at)
    adopt.choose_again(tx, [part.tied_to], at=command.change.at)
    store.forbid_tenures(tx, tenure_id=tenure_id, other_id=part.tied_to, at=command.change.at)
    return Separated(part.visitor_id, None)


def _relate(
    tx: Transaction,
    command: Split,
    observed: Mapping[str, Derived],
    new_id: str,
    *,
    survivor_id: str,
    related: Mapping[str, rules.Group],
) -> None:
    """Write the relationships of the new visitor, and of the visitors that its jars left, as observed on their own jars.

    Statements stay on the visitor on which they were made. `related` has, by user, the records of the merge group as
    they were before the split.
    """
    left_ids = observed.keys() - {new_id}
    groups: list[rules.Group] = []
    for user_id in sorted(related.keys() | {user_id for derived in observed.values() for user_id in derived.records}):
        before = related.get(user_id, rules.Group(user_id, survivor_id, {}))
        after = before
        for left_id in left_ids:
            after = after.observing(left_id, observed[left_id].records)
        hidden_ids = before.hidden.intersection(left_ids)
        if any(not after.of(left_id) for left_id in hidden_ids):
            # A hidden visitor lost its last record of this user. The flag moves within the merge group, or else the
            # records left there would become visible.
            after = after.saying(survivor_id, visible=False)
        groups.append(after)
        # A relationship that was hidden on a visitor that jars left is hidden on the new visitor, too.
        of_new = rules.Group(user_id, new_id, {}, frozenset({new_id} if hidden_ids else ()))
        groups.append(of_new.observing(new_id, observed[new_id].records))
    refold.write(tx, groups, command.policy)


def _separate_ties(tx: Transaction, command: Split, visitor_ids: Sequence[str], survivor_id: str) -> None:
    """Close the ties between tenures of the split-off visitors and tenures of other visitors.

    Some of these ties come from merges that stay open. Each such merge opens its tie again, under its own change, between
    its two sides as they are now, unless the sides belong to different users.
    """
    crossing = store.crossing(tx, visitor_ids=visitor_ids)
    store.untie(tx, [tie.tenure_id for tie in crossing], at=command.change.at)
    adopt.choose_again(tx, sorted({tie.above_id for tie in crossing}), at=command.change.at)
    change_ids = sorted({tie.change_id for tie in crossing})
    for side_survivor in (survivor_id, visitor_ids[0]):
        for merged in store.merges(tx, visitor_id=side_survivor, change_ids=change_ids) if change_ids else []:
            source = merges.side.one(tx, visitor_id=merged.visitor_id, without=None)
            into = merges.side.one(tx, visitor_id=merged.into_id, without=merged.visitor_id)
            whose = merge.standings(tx, [source, into])
            opening = None if merging.are_different_users(*whose) else merging.tie(source, into, command.policy)
            if isinstance(opening, merging.Tie):
                merge.tie(tx.making(replace(tx.change, id=merged.change_id)), opening, at=command.change.at)


def _nothing(why: str) -> Refused:
    return Refused(why, code="nothing_to_split")
