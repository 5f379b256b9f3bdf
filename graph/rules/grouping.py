"""Decide which waiting commands may share the next transaction."""

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass


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
