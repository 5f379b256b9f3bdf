"""Find which calls cannot have to do with each other, so that their order makes no difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.rules import times, weighing
from graph.rules.grouping import parts
from graph.rules.policy import Policy
from graph.store import reach as store
from graph.store.reach import GroupReach
from graph.transaction import Transaction

#: How much of a group or an address is looked at.
LIMIT = 1_000


@dataclass(frozen=True)
class Reaching:
    """A call: its time, and what it names; `is_known` says that this is all it has to do with at first."""

    at: datetime | None = None
    jar_ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    user_ids: frozenset[str] = frozenset()
    message_id: str | None = None
    is_known: bool = True


def act(tx: Transaction, calls: Sequence[Reaching], policy: Policy) -> list[list[int]]:
    """Return the numbers of calls in parts, each in order, so that no call reads what one of another part writes.

    An act reads its visitor's merge group and its neighbours, who were seen at its addresses. It reads whose these are, and
    what that rests on. A login writes to its neighbours over two hops. So two calls are of one part if they have a merge
    group, an address or a user in common, by way of those who were at their addresses. Calls that share such a thing only
    by way of a third one of the list are of one part too, so what the calls write joins no parts.

    All calls are of one part if it is not known what one of them has to do with, or if that is too much to look at.
    """
    everything = [list(range(len(calls)))]
    if not all(call.is_known for call in calls):
        return everything
    jar_ids = sorted({jar_id for call in calls for jar_id in call.jar_ids})
    weeks = times.weeks_around((call.at for call in calls if call.at is not None), policy.address_weeks)
    groups = store.jars(tx, jar_ids) if jar_ids else {}
    own = _groups(tx, set(groups.values()))
    addresses = {address for call in calls for address in call.addresses}
    addresses.update(address for group in own for address in group.addresses)
    there = (
        store.places(tx, addresses=sorted(addresses), weeks=weeks, crowd=policy.address_crowd, limit=LIMIT)
        if addresses
        else []
    )
    others = _groups(tx, {root_id for place in there for root_id in place.root_ids} - set(groups.values()))
    if not (all(group.is_whole for group in (*own, *others)) and all(place.is_whole for place in there)):
        return everything
    return parts(
        [_keys(call) for call in calls],
        [
            *({f"jar:{jar_id}", f"group:{root_id}"} for jar_id, root_id in groups.items()),
            *({f"address:{place.address}", *_all("group", place.root_ids)} for place in there),
            *(set(_keys_of(group)) for group in (*own, *others)),
        ],
    )


def _groups(tx: Transaction, root_ids: set[str]) -> list[GroupReach]:
    return list(store.groups(tx, root_ids=sorted(root_ids), limit=LIMIT)) if root_ids else []


def _keys(call: Reaching) -> set[str]:
    return {
        *_all("jar", call.jar_ids),
        *_all("address", call.addresses),
        *_all("user", call.user_ids),
        *([f"message:{call.message_id}"] if call.message_id is not None else []),
    }


def _keys_of(group: GroupReach) -> Iterator[str]:
    yield f"group:{group.root_id}"
    yield from _all("address", group.addresses)
    yield from _all("user", group.user_ids)
    yield from _all("group", group.root_ids)
    for place in map(weighing.place, group.rests_on):
        yield from (f"{name}:{value}" for name in ("address", "fingerprint") if (value := place.get(name)))


def _all(kind: str, ids: Sequence[str] | frozenset[str]) -> Iterator[str]:
    return (f"{kind}:{each}" for each in ids)
