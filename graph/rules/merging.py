"""Decide whether two visitors may be merged, and which tie joins them.

The tie goes from the top above the merged side's latest tenure to the other side's anchor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from graph.model import Standing
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Side:
    """One side of a merge: a survivor with all visitors of its merge group.

    `height` is the longest chain of `MERGED_INTO` edges in the group. `latest_id` is the tenure that the group was last
    used in, and `top_id` is the top above it. `tree_height` is the longest path of ties from a tenure up to that top.
    `anchor_depth` is the number of ties above the anchor. All lengths are in edges.
    """

    visitor_ids: Sequence[str]
    height: int
    latest_id: str | None
    top_id: str | None
    tree_height: int
    anchor_id: str | None
    anchor_depth: int


@dataclass(frozen=True)
class Tie:
    """A tie to open, from a tenure to an anchor."""

    tenure_id: str
    anchor_id: str


class Refusal(Enum):
    """Why two visitors are not merged."""

    DIFFERENT_USERS = "different_users"
    TOO_DEEP = "too_deep"


def decide(
    source: Side, into: Side, whose: Standing | None, others: Standing | None, *, is_forced: bool, policy: Policy
) -> Tie | Refusal | None:
    """Decide which tie a merge of `source` into `into` opens; None for no tie, or the reason to refuse the merge.

    `whose` and `others` say who the two sides' latest tenures belong to. If these are users of different identities
    (linked users are one identity), only a forced merge is allowed, and it opens no tie: no evidence joins two users.
    """
    if source.height + 1 > policy.path_length_max:
        return Refusal.TOO_DEEP
    if are_different_users(whose, others):
        return None if is_forced else Refusal.DIFFERENT_USERS
    return tie(source, into, policy)


def tie(source: Side, into: Side, policy: Policy) -> Tie | Refusal | None:
    """Return the tie that joins the two sides; None if they are tied already or a side was never used.

    It is refused if a path of ties would get too long.
    """
    if source.top_id is None or into.anchor_id is None or source.top_id in (into.top_id, into.anchor_id):
        return None
    if source.tree_height + 1 + into.anchor_depth > policy.path_length_max:
        return Refusal.TOO_DEEP
    return Tie(source.top_id, into.anchor_id)


def are_different_users(whose: Standing | None, others: Standing | None) -> bool:
    """Whether both belong to users, and the two users are of different identities."""
    if whose is None or others is None or whose.user_id is None or others.user_id is None:
        return False
    return whose.person_id != others.person_id
