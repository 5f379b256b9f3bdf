"""List candidates, and accept or refuse one."""

from collections.abc import Callable, Sequence
from typing import Any

from app import context
from app.calls.arrival import Sent
from app.calls.changes import by_whom, once
from app.schemas.candidates import VISITOR
from app.schemas.paging import page, place_in
from graph.acts import candidates
from graph.acts.candidates import Offered, WantedCandidates
from graph.transaction import Transaction


def run(asked: Sent) -> dict[str, Any]:
    """Return a page of the tenant's candidates in a state, surest first, or of those about a visitor."""
    found = context.graph().read(candidates.page, wanted(asked), context.policy())
    items, next_cursor = listed(asked, found)
    return {"items": items, "next_cursor": next_cursor}


def wanted(asked: Sent) -> WantedCandidates:
    """Return what a page asks the graph for: one candidate more than it lists.

    Raises:
        BadQuery: The cursor is another list's.
    """
    return WantedCandidates(
        state=asked["state"],
        confidence_min=asked["min_confidence"],
        after=place_in(_name_of(asked), asked["cursor"]),
        limit=asked["limit"] + 1,
        about=asked["about"] and asked["about"].removeprefix(VISITOR),
    )


def listed(asked: Sent, found: Sequence[Offered]) -> tuple[Sequence[Offered], str | None]:
    """Return the candidates of a page, and the cursor of the next page."""
    return page(_name_of(asked), found, asked["limit"], lambda last: (last.confidence, last.candidate_id))


def accept(candidate_id: str, sent: Sent, idempotency_key: str | None) -> candidates.DecidedCandidate:
    """Make the two of a candidate one."""
    return _decide(candidates.accept, candidates.ACCEPT, candidate_id, sent, idempotency_key)


def refuse(candidate_id: str, sent: Sent, idempotency_key: str | None) -> candidates.DecidedCandidate:
    """Keep the two of a candidate apart."""
    return _decide(candidates.refuse, candidates.REFUSE, candidate_id, sent, idempotency_key)


def _name_of(asked: Sent) -> tuple[str, ...]:
    """Return the name of the list in its cursors."""
    about = asked["about"] and asked["about"].removeprefix(VISITOR)
    return ("candidates", asked["state"], *([about] if about else []))


def _decide(
    act: Callable[[Transaction, candidates.Decide], candidates.DecidedCandidate],
    call: str,
    candidate_id: str,
    sent: Sent,
    idempotency_key: str | None,
) -> candidates.DecidedCandidate:
    command = candidates.Decide(candidate_id=candidate_id, **by_whom(sent["reason"]))
    return once(act, command, call=call, idempotency_key=idempotency_key, kind=candidates.DecidedCandidate)
