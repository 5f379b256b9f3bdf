"""Decide which waiting commands may share the next transaction."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Keys:
    """What a command has in common with others, as text that begins with its kind, such as `session:ses_1`.

    Two commands with a key of `apart` in common never share a transaction, since one of them may decide by what the
    other writes. Two commands with a key of `in_order` in common may share one, in the order in which they came. A kind
    of key is always the one or always the other.
    """

    apart: frozenset[str] = frozenset()
    in_order: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.apart | self.in_order


def next_group(waiting: Sequence[Keys], busy: Collection[str], size_max: int) -> list[int]:
    """Return which of the waiting commands share the next transaction, by their places in the list, in order.

    `busy` are the keys of commands whose transactions still run. A command that has to wait keeps back all later ones
    that have a key in common with it, so commands with a common key run in the order in which they came.
    """
    group: list[int] = []
    taken: set[str] = set()
    kept_back: set[str] = set(busy)
    for place, keys in enumerate(waiting):
        if len(group) == size_max:
            break
        if taken.isdisjoint(keys.apart) and kept_back.isdisjoint(keys.all):
            group.append(place)
            taken |= keys.apart
        else:
            kept_back |= keys.all
    return group


def in_turn(callers: Sequence[Hashable]) -> list[int]:
    """Return the places of waiting commands so that their callers take turns; those of one caller stay in order.

    The callers `a a a b` give the places 0, 3, 1, 2: one command of a batch does not wait for all of another batch.
    """
    turns: Counter[Hashable] = Counter()
    order: list[tuple[int, int]] = []
    for place, caller in enumerate(callers):
        order.append((turns[caller], place))
        turns[caller] += 1
    return [place for _, place in sorted(order)]


def meeting(found: Sequence[frozenset[str]]) -> list[bool]:
    """Return which commands of a group meet an earlier one, so that they have to run later.

    `found` are the keys of what each command found on the way, such as its visitor's merge group. The first command
    meets nobody. A command that runs later meets nobody either, since it writes nothing now.
    """
    taken: set[str] = set()
    later: list[bool] = []
    for keys in found:
        later.append(not taken.isdisjoint(keys))
        taken |= set() if later[-1] else keys
    return later


@dataclass(frozen=True)
class Touched:
    """The keys of what a command reads, and of what it writes."""

    reads: frozenset[str]
    writes: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.reads | self.writes


def out_of_order(found: Sequence[Touched]) -> list[bool]:
    """Return which commands of a group have to run later, so that the group does what its list does one by one.

    A group reads for all its commands before it writes. So a command runs later if it reads what an earlier one writes, or
    has to do with what one that runs later has to do with. `meeting` is content with any order of the list.
    """
    written: set[str] = set()
    kept_back: set[str] = set()
    later: list[bool] = []
    for touched in found:
        later.append(not (written.isdisjoint(touched.reads) and kept_back.isdisjoint(touched.all)))
        if later[-1]:
            kept_back |= touched.all
        else:
            written |= touched.writes
    return later


def parts(commands: Sequence[Collection[str]], beside: Iterable[Collection[str]] = ()) -> list[list[int]]:
    """Return the places of commands in parts that have no key in common, directly or by way of others, each in order.

    `beside` are keys that belong together though no command has them all: an address, and who was seen there.
    """
    above: dict[str, str] = {}

    def top(key: str) -> str:
        while (upper := above.setdefault(key, key)) != key:
            above[key] = key = above[upper]
        return key

    def join(keys: Collection[str]) -> None:
        for one, other in pairwise(keys):
            above[top(one)] = top(other)

    for keys in (*commands, *beside):
        join(keys)
    found: dict[str, list[int]] = {}
    for place, keys in enumerate(commands):
        found.setdefault(top(next(iter(keys), f"alone:{place}")), []).append(place)
    return list(found.values())
