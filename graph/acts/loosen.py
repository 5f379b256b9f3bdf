"""Turn ties by a fingerprint into inferences, where it stops owning."""

from dataclasses import replace

from graph.acts import adopt, audit
from graph.model import Change
from graph.rules.policy import Policy
from graph.store import init, split
from graph.store import loosen as store
from graph.transaction import Transaction

#: What the audit trail calls it.
ACT = "loosen"


def act(tx: Transaction, visitor_id: str, change: Change, policy: Policy, *, fingerprint: str | None = None) -> bool:
    """Loosen a visitor's ties by a fingerprint, or by any, and infer instead what each tie said.

    Return whether there were any.

    The inference is weighed when it is read: by then the fingerprint is shared. The visitor's merge group must be locked,
    since a tie of a merge may lead on to a tenure of another visitor.
    """
    ties = [
        tie for tie in store.gather(tx, visitor_id=visitor_id) if fingerprint is None or tie.fingerprint == fingerprint
    ]
    if not ties:
        return False
    tx = tx.making(change)
    split.untie(tx, [tie.tenure_id for tie in ties], at=change.at)
    adopt.choose_again(tx, sorted({tie.above_id for tie in ties}), at=change.at)
    init.probably_by_fingerprint(
        tx,
        [
            init.ByFingerprint(
                tie.later_id,
                tie.tenure_id if tie.is_above_later else tie.above_id,
                policy.fingerprint_weak_cap,
                tie.evidence,
                tie.fingerprint,
                tie.seen,
            )
            for tie in ties
        ],
    )
    audit.record(
        tx,
        audit.Trace(
            replace(change, id=f"{change.id}_loosened_{visitor_id}"),
            subjects=(f"visitor:{visitor_id}",),
            act=ACT,
            before={"ties": [{"tenureId": tie.tenure_id, "tiedTo": tie.above_id} for tie in ties]},
            after=None,
        ),
    )
    return True
