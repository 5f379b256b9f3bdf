"""Make many calls in one request."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app import calls, context, errors, security
from app.json_body import json_body
from app.openapi import Blueprint
from app.routes.collect import collect
from app.routes.identify import claim
from app.routes.track import record
from app.schemas.batch import BatchRequest, BatchResponse
from app.schemas.collect import CollectRequest, CollectResponse
from app.schemas.identify import IdentifyRequest, IdentifyResponse
from app.schemas.track import TrackRequest, TrackResponse
from graph.errors import Forbidden, GraphTimeout, GraphUnavailable, IdentityGraphError

blueprint = Blueprint("batch", __name__, description="Calls that pages and servers make.")
blueprint.before_request(security.require_any_key)

#: Fields that a batch may give once for all its items.
SHARED = ("sessionId", "anonymousId", "userId", "sentAt")
#: Shared fields that name a session. A `collect` item does not get them: it has no session, and `userId` would count as
#: evidence about its fingerprint.
OF_SESSIONS = frozenset({"sessionId", "userId"})


@blueprint.post("/eventTracking/batch")
@blueprint.arguments(BatchRequest)
@blueprint.response(200, BatchResponse)
def post_batch(sent: dict[str, Any]) -> dict[str, Any]:
    """Make calls in the order of the list; each gets its own result or problem, and a failed one stops no other."""
    items = sent["events"]
    limit = context.settings().max_batch_events
    if len(items) > limit:
        raise ValidationError({"events": [f"A batch has at most {limit} items."]})
    body = json_body()
    shared = {name: body[name] for name in SHARED if name in body}
    return {"results": [_result(item, shared) for item in items]}


def _result(item: Any, shared: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(item, dict):
        return errors.problem(ValidationError('Each item is an object, such as {"type": "track", …}.'))
    if item.get("type") == "collect":
        shared = {name: value for name, value in shared.items() if name not in OF_SESSIONS}
    try:
        return _make({**shared, **item})
    except (GraphUnavailable, GraphTimeout):
        # The remaining calls would fail alike, each after its own wait. The client sends the batch again, and thanks
        # to the message ids nothing is counted twice.
        raise
    except (IdentityGraphError, ValidationError) as error:
        return errors.problem(error)


def _make(item: Mapping[str, Any]) -> dict[str, Any]:
    if item.get("tenantId") not in (None, context.caller().tenant):
        raise Forbidden("the key is not of the tenant that the item names", code="wrong_tenant")
    match item.get("type"):
        case "track":
            result = record(*calls.event(TrackRequest().load(item), item))
            if isinstance(result, IdentityGraphError):
                raise result
            answer: dict[str, Any] = TrackResponse().dump(result)
        case "identify":
            answer = IdentifyResponse().dump(claim(*calls.login(IdentifyRequest().load(item), item)))
        case "collect":
            # A single `collect` call has no `type`. Without it, both have the same request hash.
            said = {name: value for name, value in item.items() if name != "type"}
            answer = CollectResponse().dump(collect(CollectRequest().load(item), said))
        case _:
            raise ValidationError({"type": ["One of track, identify, collect."]})
    return answer
