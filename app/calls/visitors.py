"""Read a visitor, with a page of what it consists of."""

from typing import Any

from app import context
from app.calls.arrival import Sent
from app.schemas.paging import cursor, place_in
from graph.acts import reads
from graph.store.visitors import PartsPlace

#: The lists of a visitor, in the order in which a cursor has its place in them.
LISTS = ("merged_ids", "jars", "tenures", "fingerprints")


def get(visitor_id: str, asked: Sent) -> dict[str, Any]:
    """Return a visitor and whose it was last. A page has the next ids of every list, and nothing of one that has ended."""
    of = ("visitor", visitor_id)
    place = place_in(of, asked["cursor"]) or (None,) * len(LISTS)
    limit = asked["limit"]
    bound = context.bound(asked["min_confidence"])
    visitor, standing = context.graph().read(reads.visitor, visitor_id, bound, PartsPlace(*place), limit + 1)
    found = {name: getattr(visitor, name) for name in LISTS}
    pages = {name: ids[:limit] for name, ids in found.items()}
    ends = [ids[-1] if ids else before for ids, before in zip(pages.values(), place, strict=True)]
    has_more = any(len(ids) > limit for ids in found.values())
    return {**vars(visitor), **vars(standing), **pages, "next_cursor": cursor(of, *ends) if has_more else None}
