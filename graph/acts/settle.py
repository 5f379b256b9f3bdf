"""Settle whose the first tenures of a browser's jars are, after a login or a visit that arrives late."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from graph.acts import adopt, audit
from graph.model import Change, Evidence, Method
from graph.rules import turns, weighing
from graph.rules.policy import Policy
from graph.rules.turns import ClaimThere, Unclaimed
from graph.store import init, messages, split
from graph.store import settle as store
from graph.transaction import Transaction

#: What the audit trail calls it.
ACT = "settle"


def act(
    tx: Transaction,
    visitor_id: str,
    change: Change,
    policy: Policy,
    *,
    first_seen: Mapping[str, datetime] | None = None,
) -> bool:
    """Tie the visitor's jars' first tenures as they would be tied, had everything arrived in its order.

    `first_seen` are earlier times at which tenures were first used, as they are about to be written. The visitor's merge
    group must be locked. Returns whether anything changed.
    """
    found = store.gather.one_or_none(tx, visitor_id=visitor_id)
    if found is None or found.machines > policy.fingerprint_known_jars_max:
        # The fingerprint of several machines ties nothing.
        return False
    earlier = first_seen or {}
    tenures = [
        replace(tenure, first_seen=min(tenure.first_seen, earlier.get(tenure.tenure_id, tenure.first_seen)))
        for tenure in found.tenures
    ]
    settled = turns.settle(tenures, found.users, found.claims, found.recent_users, policy)
    if settled:
        _apply(
            tx.making(change),
            visitor_id,
            [tenure for tenure in tenures if tenure.tenure_id in settled],
            settled,
            policy,
        )
    return bool(settled)


def _apply(
    tx: Transaction,
    visitor_id: str,
    tenures: Sequence[Unclaimed],
    settled: Mapping[str, tuple[ClaimThere, ...]],
    policy: Policy,
) -> None:
    change = tx.change
    ids = [tenure.tenure_id for tenure in tenures]
    tied = {tenure.tenure_id: tenure.above_id for tenure in tenures if tenure.above_id is not None}
    # Nothing stays below a tenure that may be tied to one of those that were below it.
    tied |= {below_id: tenure.tenure_id for tenure in tenures for below_id in tenure.below_ids}
    split.untie(tx, sorted(tied), at=change.at)
    store.uninfer(tx, rows=[{"tenure_id": id_} for id_ in ids], at=change.at)
    store.tie(
        tx,
        rows=[
            {
                "tenure_id": tenure.tenure_id,
                "above_id": settled[tenure.tenure_id][0].tenure_id,
                "confidence": tenure.confidence,
                "evidence": _evidence(tenure, policy),
            }
            for tenure in tenures
            if len(settled[tenure.tenure_id]) == 1
        ],
        at=change.at,
    )
    init.probably(
        tx,
        rows=[
            row
            for tenure in tenures
            if len(settled[tenure.tenure_id]) > 1
            for row in _probable_rows(tenure, settled[tenure.tenure_id], change, policy)
        ],
    )
    adopt.choose_again(tx, sorted({*ids, *tied.values()}), at=change.at)
    audit.record(
        tx,
        audit.Trace(
            replace(change, id=f"{change.id}_settled"),
            subjects=(f"visitor:{visitor_id}",),
            act=ACT,
            before={"ties": [{"tenureId": id_, "tiedTo": tied[id_]} for id_ in sorted(tied)]},
            after={
                "ties": [
                    {"tenureId": id_, "tiedTo": claims[0].tenure_id}
                    for id_, claims in sorted(settled.items())
                    if len(claims) == 1
                ]
            },
        ),
    )


def _evidence(tenure: Unclaimed, policy: Policy) -> str:
    """Return why a tenure is tied, as JSON text; the visitor's first jar is so because the others were recognised by it."""
    piece = Evidence(Method.FINGERPRINT, policy.fingerprint_weak_cap, 0, tenure.first_seen)
    return tenure.evidence or messages.keep((piece,))


def _probable_rows(
    tenure: Unclaimed, claims: Sequence[ClaimThere], change: Change, policy: Policy
) -> list[dict[str, object]]:
    """Return an inference to each user's claim. It is weighed when it is read."""
    return [
        {
            "tenure_id": tenure.tenure_id,
            "identity_id": claim.tenure_id,
            "method": Method.FINGERPRINT.value,
            "confidence": round(policy.fingerprint_weak_cap / len(claims), 4),
            "evidence": _evidence(tenure, policy),
            "rests_on": [weighing.key(Method.FINGERPRINT, {"fingerprint": tenure.fingerprint})],
            "weeks": [],
            "last_seen": tenure.first_seen,
            "at": tenure.first_seen,
            "change_id": change.id,
        }
        for claim in claims
    ]
