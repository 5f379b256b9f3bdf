"""Undo a merge of visitors, or take a part out of a visitor; what was said so is remembered as a cannot-link."""

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


@dataclass(frozen=True)
class Split:
    """What to take out of a visitor: at most one of a jar, a tenure and a fingerprint; none of them is the visitor's merge."""

    visitor_id: str
    jar_id: str | None
    tenure_id: str | None
    fingerprint: str | None
    change: Change
    policy: Policy
    ids: NewIds


@dataclass(frozen=True)
class Apart(Answer):
    """The visitor that stays, and the one that what was taken out is now; None where no browser was taken out.

    `user_ids` are those whose relationships were weighed again, `merged_ids` what else a fingerprint was taken from.
    """

    visitor_id: str
    split_off_id: str | None
    user_ids: tuple[str, ...] = ()
    merged_ids: tuple[str, ...] = ()


def act(tx: Transaction, command: Split) -> Apart:
    """Take the part out; what it brought is closed, never removed, and belongs to whom the other facts say.

    Raises `NotFound` for a visitor or a part there is not, and `Refused` where there is nothing to take out.
    """
    tx = tx.making(command.change)
    if command.visitor_id not in visitors.survivors(tx, [command.visitor_id]):
        raise NotFound("there is no such visitor", code="visitor_not_found")
    if command.jar_id is None and command.tenure_id is None and command.fingerprint is None:
        apart = _unmerge(tx, command)
    else:
        parts = _lock(tx, command)
        if command.tenure_id is not None:
            apart = _tenure(tx, command, parts[0], command.tenure_id)
        else:
            apart = _take_out(tx, command, parts)
    subjects = {command.visitor_id, apart.visitor_id, apart.split_off_id, *apart.merged_ids} - {None}
    audit.record(
        tx,
        audit.Trace(
            command.change,
            subjects=(
                *(f"visitor:{one}" for one in sorted(filter(None, subjects))),
                *(f"user:{user_id}" for user_id in apart.user_ids),
            ),
            act=CALL,
            before={
                "visitorId": command.visitor_id,
                "jar": command.jar_id,
                "tenure": command.tenure_id,
                "fingerprint": command.fingerprint,
            },
            after={"visitorId": apart.visitor_id, "splitOffId": apart.split_off_id},
        ),
    )
    return apart


def _lock(tx: Transaction, command: Split) -> list[store.Part]:
    """Lock where the part is, rung by rung: jars, fingerprints, visitors; find it again, and say which visitors these are."""
    before = _find(tx, command)
    jar_ids = sorted(jar_id for part in before for jar_id in part.jar_ids)
    store.lock(tx, jar_ids, command.fingerprint, fingerprint_crowd=command.policy.fingerprint_crowd)
    apart_ids = {one for part in before for one in part.apart_ids}
    locked = visitors.lock_group(tx, sorted({command.visitor_id, *apart_ids}))
    parts = _find(tx, command)
    late = {one for part in parts for one in part.apart_ids} - locked
    if late and min(late) > max(locked):
        # What others took out while this waited is newest and sorts last: it is still in order.
        visitors.lock_group(tx, sorted(late))
    for part in parts:
        # What was said of the visitor is said of the new one, and to draw an edge locks both its ends.
        tx.locks.require(Rung.VISITOR, [part.visitor_id, *part.apart_ids], "the visitor was changed just now")
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


def _unmerge(tx: Transaction, command: Split) -> Apart:
    members = visitors.lock_group(tx, [command.visitor_id])
    merged = store.merged.one_or_none(tx, visitor_id=command.visitor_id)
    if merged is None:
        raise _nothing("this visitor was merged into no other: name the merged one's own id, or a part to take out")
    survivor = visitors.survivors(tx, [merged.into_id])[merged.into_id]
    side = merges.side.one(tx, visitor_id=command.visitor_id, without=None)
    tx.locks.require(Rung.VISITOR, [survivor, *side.visitor_ids], "the visitor was changed just now")
    concerned = refold.known(tx, survivor)
    named = sorted({*concerned, *merged.user_ids})
    users.lock(tx, [(user_id, command.ids.user) for user_id in named], command.change.at)
    store.unmerge(tx, visitor_id=command.visitor_id, at=command.change.at)
    store.reopen(tx, visitor_ids=sorted(members))
    _part(tx, command, side.visitor_ids, survivor)
    store.forbid_visitors(tx, visitor_id=command.visitor_id, other_id=merged.into_id, at=command.change.at)
    again = store.recollect(tx, visitor_ids=sorted(members), user_ids=named)
    observed = visitors.observed(tx, sorted({pair.visitor_id for pair in again}))
    for root, own in ((command.visitor_id, set(side.visitor_ids)), (survivor, members.difference(side.visitor_ids))):
        groups = refold.known(tx, root)
        for pair in again:
            if pair.visitor_id in own:
                group = groups.get(pair.user_id, rules.Group(pair.user_id, root, {}))
                groups[pair.user_id] = group.observing(pair.visitor_id, observed[pair.visitor_id].records)
        refold.write(tx, groups.values(), command.policy)
    return Apart(merged.into_id, command.visitor_id, tuple(sorted({*concerned, *(pair.user_id for pair in again)})))


def _take_out(tx: Transaction, command: Split, parts: Sequence[store.Part]) -> Apart:
    """Put the parts' jars into one visitor of their own, with what was observed on them.

    As in every act fingerprints come before users, and addresses, which nobody locks, last.
    """
    whole = next((part.visitor_id for part in parts if len(part.jar_ids) == part.jars), None)
    if whole is not None:
        raise _nothing(f"what was named is all there is of {whole}: if that was merged with others, undo it first")
    new_id = command.ids.visitor
    here, *others = (part.visitor_id for part in parts)
    evidence = messages.keep((Evidence(CALL, 1.0, 0, command.change.at),))
    when = closing.times(tx, [here], at=command.change.at)
    for part in parts:
        if part.jar_ids:
            store.move(tx, part.visitor_id, new_id, part.jar_ids, evidence=evidence, at=when[part.visitor_id])
        if command.fingerprint is not None:
            store.forget_fingerprint(
                tx, visitor_id=part.visitor_id, fingerprint=command.fingerprint, at=command.change.at
            )
    left = [part for part in parts if part.jar_ids]
    if not left:
        return Apart(here, None, merged_ids=tuple(others))
    left_ids = [part.visitor_id for part in left]
    survivor = visitors.survivors(tx, [here])[here]
    concerned = refold.known(tx, survivor)
    named = sorted({*concerned, *(user_id for part in left for user_id in part.user_ids)})
    users.lock(tx, [(user_id, command.ids.user) for user_id in named], command.change.at)
    store.keep_said(tx, visitor_ids=left_ids, new_visitor_id=new_id)
    observed = visitors.observed(tx, [*left_ids, new_id])
    for visitor_id, found in observed.items():
        visitors.write(tx, visitor_id=visitor_id, numbers=found.numbers(command.policy))
    _part(tx, command, [new_id], survivor)
    _relate(tx, command, observed, new_id, survivor_id=survivor, known=concerned)
    store.follow(tx, survivor, left_ids, new_id)
    for visitor_id in left_ids:
        store.forbid_visitors(tx, visitor_id=visitor_id, other_id=new_id, at=command.change.at)
    for visitor_id in left_ids:
        store.addresses(tx, visitor_id=visitor_id, new_visitor_id=new_id)
    return Apart(here, new_id, tuple(sorted(concerned)), tuple(others))


def _tenure(tx: Transaction, command: Split, part: store.Part, tenure_id: str) -> Apart:
    if part.tied_to is None:
        raise _nothing("this tenure is tied to no other")
    store.untie(tx, [tenure_id], at=command.change.at)
    adopt.choose_again(tx, [part.tied_to], at=command.change.at)
    store.forbid_tenures(tx, tenure_id=tenure_id, other_id=part.tied_to, at=command.change.at)
    return Apart(part.visitor_id, None)


def _relate(
    tx: Transaction,
    command: Split,
    observed: Mapping[str, Derived],
    new_id: str,
    *,
    survivor_id: str,
    known: Mapping[str, rules.Group],
) -> None:
    """Give visitors, and the new one that has jars of theirs, the relationships that were observed on their own jars.

    Statements stay where they were made. `known` is what was known of each user on all that are one with the visitors.
    """
    visitor_ids = observed.keys() - {new_id}
    groups: list[rules.Group] = []
    for user_id in sorted(known.keys() | {user_id for found in observed.values() for user_id in found.records}):
        before = known.get(user_id, rules.Group(user_id, survivor_id, {}))
        after = before
        for visitor_id in visitor_ids:
            after = after.observing(visitor_id, observed[visitor_id].records)
        hidden = before.hidden.intersection(visitor_ids)
        if any(not after.of(visitor_id) for visitor_id in hidden):
            # Nothing of the user's is left where it was said: it hides what is left on those that are one with it.
            after = after.saying(survivor_id, visible=False)
        groups.append(after)
        # What was hidden on one that the new one comes from is hidden on it, too.
        of_new = rules.Group(user_id, new_id, {}, frozenset({new_id} if hidden else ()))
        groups.append(of_new.observing(new_id, observed[new_id].records))
    refold.write(tx, groups, command.policy)


def _part(tx: Transaction, command: Split, visitor_ids: Sequence[str], survivor_id: str) -> None:
    """Close the ties between visitors and what they were one with, and draw those of other merges again without them."""
    crossing = store.crossing(tx, visitor_ids=visitor_ids)
    store.untie(tx, [one.tenure_id for one in crossing], at=command.change.at)
    adopt.choose_again(tx, sorted({one.above_id for one in crossing}), at=command.change.at)
    changes = sorted({one.change_id for one in crossing})
    for root in (survivor_id, visitor_ids[0]):
        for one in store.merges(tx, visitor_id=root, change_ids=changes) if changes else []:
            source = merges.side.one(tx, visitor_id=one.visitor_id, without=None)
            into = merges.side.one(tx, visitor_id=one.into_id, without=one.visitor_id)
            whose = merge.standings(tx, [source, into])
            drawn = None if merging.are_different_users(*whose) else merging.tie(source, into, command.policy)
            if isinstance(drawn, merging.Tie):
                merge.tie(tx.making(replace(tx.change, id=one.change_id)), drawn, at=command.change.at)


def _nothing(why: str) -> Refused:
    return Refused(why, code="nothing_to_split")
