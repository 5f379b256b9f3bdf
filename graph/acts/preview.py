"""Tell which visitors would join or leave an identity under another policy, before it applies; nothing is written."""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.acts import weigh
from graph.database import Database
from graph.errors import GraphTimeout
from graph.model import Standing
from graph.rules import previewing as rules
from graph.rules.policy import Policy
from graph.rules.previewing import BY_NUMBER, BY_TIME, Move, Preview
from graph.rules.probable import Bound, Resolved
from graph.store import clusters
from graph.store import preview as store
from graph.store.preview import VisitorStanding
from graph.transaction import Transaction

#: How many visitors one transaction reads, how many ids, and how many owners.
BATCH = 100
#: The same while a caller waits: a transaction that is cut off has looked at nobody.
BATCH_OF_CALL = 25
IDS_BATCH = 10_000
#: How many relationships of a visitor are looked at, the strongest first.
USERS_MAX = 1_000
#: The longest time for a transaction, in seconds.
SECONDS = 60.0
#: The part of its time after which `within` chooses among the visitors that it has counted, and the part that it uses in all.
COUNTING, LOOKING = 0.4, 0.8


@dataclass(frozen=True)
class WhatIf:
    """Two policies to compare at a time: the one in force, and another. `share`, 0–1, of the visitors are looked at."""

    before: Policy
    after: Policy
    at: datetime
    share: float = 1.0


def act(database: Database, what_if: WhatIf, progress: Callable[[int], None] = lambda _seen: None) -> Preview:
    """Compare whose visitors are with whose they would be; `progress` is called with the number of visitors so far.

    Inferences are weighed by both policies as reads weigh them. Facts stay as they are: a claim, a tie and a merge stand
    under any policy.
    """
    preview, seen = Preview(), 0
    for ids in _pages(database, lambda: SECONDS):
        browsers = [one.visitor_id for one in ids if one.is_grouped]
        preview.visitors += len(browsers)
        chosen = [visitor_id for visitor_id in browsers if rules.is_sampled(visitor_id, what_if.share)]
        for begin in range(0, len(chosen), BATCH):
            for compared in database.read_within(SECONDS, _compare, chosen[begin : begin + BATCH], what_if):
                _add(preview, compared, what_if)
            progress(seen + len(ids) * min(begin + BATCH, len(chosen)) // len(chosen))
        seen += len(ids)
        progress(seen)
    return preview


def within(
    database: Database, what_if: WhatIf, *, seconds: float, most: int, timer: Callable[[], float] = time.monotonic
) -> Preview:
    """Compare as `act` does, but look at `most` visitors at most, within `seconds`.

    Where fewer visitors are looked at than the share asks for, they are an even sample, and `cut_by` of the preview says
    what cut it. If the time is over before all visitors are counted, `visitors` is the number that was counted, and the
    sample is one of these, the oldest.

    Raises:
        GraphTimeout: The time was over before any visitor was looked at.
    """
    began = timer()

    def left(part: float) -> float:
        return began + part * seconds - timer()

    preview, asked = Preview(), 0
    #: The visitors with the lowest places, which are those that a smaller share would have chosen.
    chosen: list[tuple[int, str]] = []
    for ids in _pages(database, lambda: left(1.0)):
        browsers = [one.visitor_id for one in ids if one.is_grouped]
        places = [(rules.place(each), each) for each in browsers if rules.is_sampled(each, what_if.share)]
        preview.visitors, asked = preview.visitors + len(browsers), asked + len(places)
        chosen = heapq.nsmallest(most, [*chosen, *places])
        if left(COUNTING) <= 0 and len(ids) == IDS_BATCH:
            preview.cut_by = BY_TIME
            break
    for begin in range(0, len(chosen), BATCH_OF_CALL):
        batch = [visitor_id for _, visitor_id in chosen[begin : begin + BATCH_OF_CALL]]
        try:
            is_late = left(LOOKING) <= 0 and preview.looked_at > 0
            found = None if is_late else database.read_within(left(1.0), _compare, batch, what_if)
        except GraphTimeout:
            if preview.looked_at == 0:
                raise
            found = None
        if found is None:
            preview.cut_by = BY_TIME
            break
        for compared in found:
            _add(preview, compared, what_if)
    if asked > most:
        preview.cut_by = preview.cut_by or BY_NUMBER
    return preview


def owners(database: Database, moves: Iterable[Move], seconds: float = SECONDS) -> Mapping[str, str]:
    """Return who the identities of these moves are, as `user:ID` or `visitor:ID`; each of a page's ids within `seconds`."""
    ids = sorted({identity_id for move in moves for identity_id in (move.before_id, move.after_id)})
    found: dict[str, str] = {}
    for begin in range(0, len(ids), BATCH):
        page = database.read_within(seconds, clusters.owners, ids[begin : begin + BATCH])
        found |= {
            identity_id: f"user:{owner.user_id}" if owner.user_id is not None else f"visitor:{owner.visitor_id}"
            for identity_id, owner in page.items()
        }
    return found


def _pages(database: Database, seconds: Callable[[], float]) -> Iterator[Sequence[clusters.Grouped]]:
    """Yield the ids of a tenant's visitors in order, each page within so many seconds."""
    after = ""
    while ids := database.read_within(seconds(), clusters.visitors, after=after, limit=IDS_BATCH):
        yield ids
        after = ids[-1].visitor_id


@dataclass(frozen=True)
class _Compared:
    found: VisitorStanding
    before: Standing
    after: Standing


def _compare(tx: Transaction, visitor_ids: Sequence[str], what_if: WhatIf) -> list[_Compared]:
    found = store.standings(tx, visitor_ids=visitor_ids, users_max=USERS_MAX)
    resolved = [one.resolved for one in found]
    before, after = (weigh.weigh(tx, resolved, policy) for policy in (what_if.before, what_if.after))
    return [
        _Compared(
            one,
            _shown(one, was, Bound.of(what_if.before, what_if.at)),
            _shown(one, would_be, Bound.of(what_if.after, what_if.at)),
        )
        for one, was, would_be in zip(found, before, after, strict=True)
    ]


def _add(preview: Preview, compared: _Compared, what_if: WhatIf) -> None:
    one = compared.found
    preview.add(one.visitor_id, one.resolved.certainly().person_id, compared.before, compared.after)
    for relationship in one.relationships:
        preview.add_relationship(relationship, what_if.before, what_if.after, what_if.at)


def _shown(one: VisitorStanding, weighed: Resolved, bound: Bound) -> Standing:
    # A tenure has a standing; only a hidden user itself has none.
    return weighed.shown(one.tenure_id, bound, one.hidden_ids) or weighed.certainly()
