"""Turn ties into inferences, where a browser turns out to be several machines or several people's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from graph.acts import adopt, audit
from graph.model import Change, Method
from graph.rules import times, weighing
from graph.rules.policy import Policy
from graph.store import init, split
from graph.store import loosen as store
from graph.transaction import Transaction

#: What the audit trail calls it.
ACT = "loosen"


def machines(tx: Transaction, visitor_id: str, change: Change, policy: Policy) -> bool:
    """Loosen the ties of a visitor that turned out to be several machines, and infer instead what each tie said.

    Return whether there were any.

    The inference is weighed when it is read: by then the fingerprint is shared. The visitor's merge group must be locked,
    since a tie of a merge may lead on to a tenure of another visitor.
    """
    ties = store.gather(tx, visitor_id=visitor_id, after=times.BEGINNING, until=times.END)
    led_to = {tie: [tie.tenure_id if tie.is_above_later else tie.above_id] for tie in ties}
    _loosen(tx, visitor_id, led_to, change, policy)
    return bool(ties)


def people(
    tx: Transaction,
    visitor_id: str,
    root_id: str,
    *,
    users: Sequence[weighing.UserThere],
    at: datetime,
    change: Change,
    policy: Policy,
) -> None:
    """Loosen the ties that would not have been made, had a login of the time `at` not arrived late.

    A jar's first tenure is tied while the visitor has one user by then. With `users`, of whom the one who logs in is one,
    there may have been several: then the tenure is probably each one's, who were there by then. The visitor's merge group,
    whose survivor is `root_id`, must be locked.
    """
    ties = store.gather(tx, visitor_id=visitor_id, after=at, until=at + policy.browser_users)
    by_then = {
        tie: [
            user.user_id
            for user in users
            if user.first_seen <= tie.seen and user.last_seen >= tie.seen - policy.browser_users
        ]
        for tie in ties
    }
    claimed = init.claimed(tx, [(root_id, user.user_id) for user in users]) if ties else {}
    _loosen(
        tx,
        visitor_id,
        {
            tie: sorted(claimed[root_id, user_id] for user_id in user_ids if (root_id, user_id) in claimed)
            for tie, user_ids in by_then.items()
            if len(user_ids) > 1
        },
        change,
        policy,
    )


def _loosen(
    tx: Transaction, visitor_id: str, led_to: Mapping[store.Loose, Sequence[str]], change: Change, policy: Policy
) -> None:
    """Close ties, and infer from each one's later tenure those that it led to; the tenures above choose again."""
    if not led_to:
        return
    tx = tx.making(change)
    split.untie(tx, [tie.tenure_id for tie in led_to], at=change.at)
    adopt.choose_again(tx, sorted({tie.above_id for tie in led_to}), at=change.at)
    inferred = {
        (tie.later_id, tenure_id): (tie, policy.fingerprint_weak_cap / len(tenure_ids))
        for tie, tenure_ids in led_to.items()
        for tenure_id in tenure_ids
        if tenure_id != tie.later_id
    }
    init.probably(
        tx,
        rows=[
            {
                "tenure_id": later_id,
                "identity_id": tenure_id,
                "method": Method.FINGERPRINT.value,
                "confidence": round(confidence, 4),
                "evidence": tie.evidence,
                "rests_on": [weighing.key(Method.FINGERPRINT, {"fingerprint": tie.fingerprint})],
                "weeks": [],
                "last_seen": tie.seen,
                "at": tie.seen,
                "change_id": change.id,
            }
            for (later_id, tenure_id), (tie, confidence) in inferred.items()
        ],
    )
    audit.record(
        tx,
        audit.Trace(
            replace(change, id=f"{change.id}_loosened"),
            subjects=(f"visitor:{visitor_id}",),
            act=ACT,
            before={"ties": [{"tenureId": tie.tenure_id, "tiedTo": tie.above_id} for tie in led_to]},
            after=None,
        ),
    )
