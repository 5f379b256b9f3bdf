"""Turn ties into inferences, where one browser turns out to be several machines."""

from collections.abc import Sequence

from graph.acts import adopt
from graph.model import Change, Method
from graph.rules import weighing
from graph.store import init, split
from graph.store import loosen as store
from graph.transaction import Transaction


def loosen(tx: Transaction, visitor_ids: Sequence[str], change: Change) -> None:
    """Close the ties by fingerprint of visitors' known jars, and infer instead what each of them said.

    The inference is weighed when it is read: by then the fingerprint is shared. The tenures above choose again what they
    adopt. Jars that never came back stay tied, since they may be the same machine's. The visitors' merge groups must be
    locked, since a tie of a merge may lead on to a tenure of another visitor.
    """
    tx = tx.making(change)
    ties = store.gather(tx, visitor_ids=visitor_ids)
    if not ties:
        return
    split.untie(tx, [tie.tenure_id for tie in ties], at=change.at)
    init.probably(
        tx,
        rows=[
            {
                "tenure_id": tie.tenure_id,
                "identity_id": tie.above_id,
                "method": Method.FINGERPRINT.value,
                "confidence": tie.confidence,
                "evidence": tie.evidence,
                "rests_on": [weighing.key(Method.FINGERPRINT, {"fingerprint": tie.fingerprint})],
                "weeks": [],
                "last_seen": tie.since,
                "at": tie.since,
                "change_id": change.id,
            }
            for tie in ties
        ],
    )
    adopt.choose_again(tx, sorted({tie.above_id for tie in ties}), at=change.at)
