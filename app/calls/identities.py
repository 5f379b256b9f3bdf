"""Read an identity, as of now or of a time, with a page of what it consists of."""

from typing import Any

from app import context
from app.calls.arrival import Sent
from app.schemas.paging import page, place_in
from app.schemas.wire import wire_time
from graph.acts import members_then


def get(identity_id: str, asked: Sent) -> dict[str, Any]:
    """Return the identity that an id belongs to, with its next tenures and their visitors."""
    at = asked["at"]
    of = ("identity", identity_id) if at is None else ("identity", identity_id, wire_time(at))
    [before] = place_in(of, asked["cursor"]) or [None]
    bound = context.bound(asked["min_confidence"])
    standing, found = context.graph().read(
        members_then.act, identity_id, bound, at, before=before, limit=asked["limit"] + 1
    )
    members = list(zip(found.tenures, found.visitors, strict=True))
    listed, next_cursor = page(of, members, asked["limit"], lambda last: last[:1])
    return {
        **vars(standing),
        **vars(found),
        "tenures": [tenure for tenure, _ in listed],
        "visitors": list(dict.fromkeys(visitor for _, visitor in listed if visitor)),
        "counts": found,
        "next_cursor": next_cursor,
    }
