"""Whether two visitors may be merged, and what ties them: the top above the one's latest tenure to the other's anchor."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from graph.model import Standing
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Side:
    """A visitor with all that was merged into it.

    `height` is the longest way by which those were merged, `tree_height` the longest from a tenure to `top_id`, the one
    above its latest; `anchor_depth` how far it is from `anchor_id` to the top.
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
    """The tenure to tie, and what to."""

    tenure_id: str
    anchor_id: str


class Refusal(Enum):
    """Why two visitors are not merged."""

    DIFFERENT_USERS = "different_users"
    TOO_DEEP = "too_deep"


def decide(
    source: Side, into: Side, whose: Standing | None, others: Standing | None, *, is_forced: bool, policy: Policy
) -> Tie | Refusal | None:
    """What ties a visitor to the one it is merged into, None for nothing, or why it is not merged.

    `whose` and `others` are those of the two sides' latest tenures. Where both are users' and not the same identity's
    (linked users are one), they are merged only by force, and then nothing is tied: no evidence joins two users.
    """
    if source.height + 1 > policy.path_length_max:
        return Refusal.TOO_DEEP
    if are_different_users(whose, others):
        return None if is_forced else Refusal.DIFFERENT_USERS
    return tie(source, into, policy)


def tie(source: Side, into: Side, policy: Policy) -> Tie | Refusal | None:
    """What ties the two; nothing where one of them was never used."""
    if source.top_id is None or into.anchor_id is None or source.top_id in (into.top_id, into.anchor_id):
        return None
    if source.tree_height + 1 + into.anchor_depth > policy.path_length_max:
        return Refusal.TOO_DEEP
    return Tie(source.top_id, into.anchor_id)


def are_different_users(one: Standing | None, other: Standing | None) -> bool:
    """Whether both are users', and not of one identity."""
    if one is None or other is None or one.user_id is None or other.user_id is None:
        return False
    return one.identity_id != other.identity_id
