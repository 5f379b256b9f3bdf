"""Tell who comes with a stranger's fingerprint only in passing: within an hour, from one address, and never again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from graph.rules.contradiction import Sight
from graph.rules.policy import Policy

#: How many fingerprints a jar is remembered to have shown in passing, beside the one that it was recognised by.
MOST = 10


def is_settled(since: datetime | None, received_at: datetime, policy: Policy) -> bool:
    """Whether a fingerprint that one merge group alone has, `since` then, stays its own whoever comes in passing."""
    return since is not None and received_at - since >= timedelta(hours=policy.fingerprint_settled_hours)


def after(
    before: Sequence[Sight],
    visit: Sight,
    *,
    joined_by: str | None,
    is_claim: bool,
    is_one_too_many: bool,
    policy: Policy,
) -> tuple[Sight, ...]:
    """Return the fingerprints that a jar has shown in passing, after another visit; each with its first sight.

    A later visit that shows the fingerprint, or one from elsewhere, ends that. `is_claim` says that the visit's fingerprint
    is a stranger's until now, and `is_one_too_many` that it goes on being shown in passing. `joined_by` is the fingerprint by
    which the jar came into its visitor: others do not push it out. Times are those of receipt, since a caller chooses all
    others.
    """
    if not before and not is_claim:
        return ()
    kept = [
        sight
        for sight in before
        if is_one_too_many or sight.fingerprint != visit.fingerprint or not _is_back(sight, visit, policy)
    ]
    if is_claim and all(sight.fingerprint != visit.fingerprint for sight in before):
        kept.append(visit)
    first = [sight for sight in kept if sight.fingerprint == joined_by]
    others = sorted((sight for sight in kept if sight.fingerprint != joined_by), key=lambda sight: sight.at)
    return (*first, *others[-MOST:])


def shows(passing: Sequence[Sight], fingerprint: str | None) -> bool:
    """Whether a jar has shown a fingerprint in passing only."""
    return any(sight.fingerprint == fingerprint for sight in passing)


def _is_back(sight: Sight, visit: Sight, policy: Policy) -> bool:
    late = visit.at - sight.at > timedelta(minutes=policy.fingerprint_passing_minutes)
    return late or visit.address != sight.address
