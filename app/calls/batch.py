"""Make many calls of pages and servers in one request (`POST /eventTracking/batch`)."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, ValidationError

from app import context, errors
from app.calls import collect, identify, track
from app.calls.arrival import Sent
from app.schemas.collect import CollectRequest, CollectResponse
from app.schemas.identify import IdentifyRequest, IdentifyResponse
from app.schemas.track import TrackRequest, TrackResponse
from graph.errors import Forbidden, GraphTimeout, GraphUnavailable, IdentityGraphError

#: By the `type` of an item: what loads the call, runs it, and dumps its answer.
CALLS: Mapping[str, tuple[Schema, Callable[[Sent, Sent], Any], Schema]] = MappingProxyType(
    {
        "track": (TrackRequest(), track.run, TrackResponse()),
        "identify": (IdentifyRequest(), identify.run, IdentifyResponse()),
        "collect": (CollectRequest(), collect.run, CollectResponse()),
    }
)
#: Fields that a batch may give once for all its items.
SHARED = ("sessionId", "anonymousId", "userId", "sentAt")
#: Shared fields that name a session. A `collect` item does not get them: it has no session, and `userId` would count as
#: evidence about its fingerprint.
OF_SESSIONS = frozenset({"sessionId", "userId"})


def run(items: Sequence[Any], body: Sent) -> list[dict[str, Any]]:
    """Make the calls in their order; each gets its own result or problem, and a failed one stops no other.

    Args:
        items: The calls as they were sent.
        body: What the request sent, with the fields that all items share.

    Raises:
        ValidationError: There are too many items.
        GraphUnavailable: Neo4j does not answer. The items before that are done.
        GraphTimeout: A transaction took too long. The items before that are done.
    """
    limit = context.settings().max_batch_events
    if len(items) > limit:
        raise ValidationError({"events": [f"A batch has at most {limit} items."]})
    shared = {name: body[name] for name in SHARED if name in body}
    return [_result(item, shared) for item in items]


def _result(item: Any, shared: Sent) -> dict[str, Any]:
    if not isinstance(item, dict):
        return errors.answer_item(ValidationError('Each item is an object, such as {"type": "track", …}.'))
    if item.get("type") == "collect":
        shared = {name: value for name, value in shared.items() if name not in OF_SESSIONS}
    try:
        return _answer({**shared, **item})
    except (GraphUnavailable, GraphTimeout):
        # The remaining calls would fail alike, each after its own wait. The client sends the batch again, and thanks
        # to the message ids nothing is counted twice.
        raise
    except (IdentityGraphError, ValidationError) as error:
        return errors.answer_item(error)


def _answer(item: Sent) -> dict[str, Any]:
    if item.get("tenantId") not in (None, context.caller().tenant):
        raise Forbidden("the key is not of the tenant that the item names", code="wrong_tenant")
    call = item.get("type")
    # A tuple, since what was sent may be unhashable.
    if call not in tuple(CALLS):
        raise ValidationError({"type": [f"One of {', '.join(CALLS)}."]})
    request, run_call, response = CALLS[call]
    # A single `collect` call has no `type`. Without it, both have the same request hash.
    raw = {name: value for name, value in item.items() if call != "collect" or name != "type"}
    answer: dict[str, Any] = response.dump(run_call(request.load(item), raw))
    return answer
