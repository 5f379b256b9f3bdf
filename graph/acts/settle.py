"""Settle whose the first tenures of a browser's jars are, after a login or a visit that arrives late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.acts import adopt, audit
from graph.model import Change, Evidence, Method
from graph.rules import turns, weighing
from graph.rules.kiosk import is_kiosk
from graph.rules.policy import Policy
from graph.rules.turns import ClaimThere, Turn, Unclaimed
from graph.store import init, messages, split
from graph.store import settle as store
from graph.transaction import Transaction

#: What the audit trail calls it.
ACT = "settle"


@dataclass(frozen=True)
class Unsettled:
    """First tenures of a visitor's jars that are to be settled, whose each is (`moves`), and the claims on the visitor."""

    tenures: Sequence[Unclaimed]
    moves: Mapping[str, Turn]
    claims: Sequence[ClaimThere]


def act(
    tx: Transaction,
    visitor_id: str,
    change: Change,
    policy: Policy,
    *,
    first_seen: Mapping[str, datetime] | None = None,
    formerly: Sequence[str] = (),
) -> bool:
    """Tie the first tenures of the visitor's jars as they would be tied, had everything arrived in its order.

    `first_seen` are earlier times at which tenures were first used, as they are about to be written. `formerly` are the
    recent users (`graph/rules/kiosk.py`) by whom the visitor was taken for a kiosk, which it was not. The visitor's merge
    group must be locked. Returns whether anything changed.
    """
    found = due(tx, visitor_id, policy, first_seen=first_seen, formerly=formerly)
    moved = [_recognised(tenure, found.moves[tenure.tenure_id], policy) for tenure in found.tenures]
    if moved:
        inferences = [each for tenure in moved for each in _inferences(tenure, found.moves[tenure.tenure_id], policy)]
        _apply(tx.making(change), visitor_id, moved, turns.ties(moved, found.moves, found.claims), inferences)
    return bool(moved)


def due(
    tx: Transaction,
    visitor_id: str,
    policy: Policy,
    *,
    first_seen: Mapping[str, datetime] | None = None,
    formerly: Sequence[str] = (),
) -> Unsettled:
    """Return the first tenures of the visitor's jars that are not as they would be, had everything arrived in its order."""
    found = store.gather.one_or_none(tx, visitor_id=visitor_id)
    if found is None or found.machines > policy.fingerprint_known_jars_max:
        # The fingerprint of several machines ties nothing.
        return Unsettled((), {}, ())
    earlier = first_seen or {}
    tenures = [
        replace(tenure, first_seen=min(tenure.first_seen, earlier.get(tenure.tenure_id, tenure.first_seen)))
        for tenure in found.tenures
        # What was tied to nothing stays so after a log-out, but not where a kiosk turns out to be none.
        if not tenure.is_apart or is_kiosk(formerly, tenure.first_seen, policy)
    ]
    moves = turns.settle(tenures, found.users, found.claims, found.recent_users, policy)
    return Unsettled([tenure for tenure in tenures if tenure.tenure_id in moves], moves, found.claims)


def _recognised(tenure: Unclaimed, turn: Turn, policy: Policy) -> Unclaimed:
    """Return a tenure with how its jar is recognised.

    The visitor's first jar was new, or only probably another's. The jar of the claim was recognised by the first one's
    fingerprint, so the two are as surely one browser.
    """
    piece = weighing.only_owned(messages.recall(tenure.evidence, tuple[Evidence, ...])) if tenure.evidence else None
    if piece is not None:
        return replace(tenure, evidence=messages.keep((piece,)))
    sure = [claim for claim in turn.claims if claim.confidence is not None]
    confidence = min((claim.confidence for claim in sure if claim.confidence), default=policy.fingerprint_weak_cap)
    made = Evidence(Method.FINGERPRINT, confidence, 0, tenure.first_seen)
    fingerprint = tenure.fingerprint or next((claim.fingerprint for claim in sure), None)
    return replace(tenure, fingerprint=fingerprint, confidence=confidence, evidence=messages.keep((made,)))


def _apply(
    tx: Transaction,
    visitor_id: str,
    moved: Sequence[Unclaimed],
    opened: Mapping[str, str],
    inferences: Sequence[init.ByFingerprint],
) -> None:
    change = tx.change
    closed = {tenure.tenure_id: tenure.above_id for tenure in moved if tenure.above_id is not None}
    closed |= {below_id: tenure.tenure_id for tenure in moved for below_id in tenure.below_ids}
    # What was tied to a tenure is tied again by that tenure's evidence.
    why = {below_id: tenure for tenure in moved for below_id in tenure.below_ids}
    why |= {tenure.tenure_id: tenure for tenure in moved}
    split.untie(tx, sorted(closed), at=change.at)
    store.uninfer(tx, rows=[{"tenure_id": tenure.tenure_id} for tenure in moved], at=change.at)
    store.tie(
        tx,
        rows=[
            {
                "tenure_id": id_,
                "above_id": above_id,
                "confidence": why[id_].confidence,
                "evidence": why[id_].evidence,
            }
            for id_, above_id in sorted(opened.items())
        ],
        at=change.at,
    )
    init.probably_by_fingerprint(tx, inferences)
    # Only what something was tied to has anything to choose.
    adopt.choose_again(tx, sorted(set(closed.values())), at=change.at)
    audit.record(
        tx,
        audit.Trace(
            replace(change, id=f"{change.id}_settled_{visitor_id}"),
            subjects=(f"visitor:{visitor_id}",),
            act=ACT,
            before={"ties": [{"tenureId": id_, "tiedTo": above_id} for id_, above_id in sorted(closed.items())]},
            after={
                "ties": [{"tenureId": id_, "tiedTo": above_id} for id_, above_id in sorted(opened.items())],
                "probably": [{"tenureId": each.tenure_id, "of": each.identity_id} for each in inferences],
            },
        ),
    )


def _inferences(tenure: Unclaimed, turn: Turn, policy: Policy) -> list[init.ByFingerprint]:
    """Return an inference to the claim of each of several users."""
    claims = turn.claims[: policy.probable_max] if turn.is_several else ()
    return [
        init.ByFingerprint(
            tenure.tenure_id,
            claim.tenure_id,
            round(policy.fingerprint_weak_cap / len(claims), 4),
            tenure.evidence,
            tenure.fingerprint,
            tenure.first_seen,
        )
        for claim in claims
    ]
