"""List candidates, and accept or refuse one."""

from collections.abc import Callable
from typing import Any

from app import context
from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from app.schemas.candidates import VISITOR
from app.schemas.paging import page, place_in
from graph.acts import candidates
from graph.transaction import Transaction


def run(asked: Sent) -> dict[str, Any]:
    """Return a page of the tenant's candidates in a state, surest first, or of those about a visitor."""
    about = asked["about"] and asked["about"].removeprefix(VISITOR)
    of = (*name_of(asked["state"]), *([about] if about else []))
    minimum = asked["min_confidence"]
    found = context.graph().read(
        candidates.page,
        candidates.WantedCandidates(
            state=asked["state"],
            confidence_min=context.policy().confidence_min if minimum is None else minimum,
            after=place_in(of, asked["cursor"]),
            limit=asked["limit"] + 1,
            about=about,
        ),
    )
    items, next_cursor = page(of, found, asked["limit"], lambda last: (last.confidence, last.candidate_id))
    return {"items": items, "next_cursor": next_cursor}


def accept(candidate_id: str, sent: Sent, idempotency_key: str | None) -> candidates.DecidedCandidate:
    """Make the two of a candidate one."""
    return _decide(candidates.accept, candidates.ACCEPT, candidate_id, sent, idempotency_key)


def refuse(candidate_id: str, sent: Sent, idempotency_key: str | None) -> candidates.DecidedCandidate:
    """Keep the two of a candidate apart."""
    return _decide(candidates.refuse, candidates.REFUSE, candidate_id, sent, idempotency_key)


def name_of(state: str) -> tuple[str, ...]:
    """Return the name of the list of a state in its cursors."""
    return ("candidates", state)


def _decide(
    act: Callable[[Transaction, candidates.Decide], candidates.DecidedCandidate],
    call: str,
    candidate_id: str,
    sent: Sent,
    idempotency_key: str | None,
) -> candidates.DecidedCandidate:
    command = candidates.Decide(candidate_id=candidate_id, **by_whom(sent["reason"]))
    return once(act, command, call=call, idempotency_key=idempotency_key, kind=candidates.DecidedCandidate)
