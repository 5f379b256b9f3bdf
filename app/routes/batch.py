"""Many calls at once."""

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

blueprint = Blueprint("batch", __name__, description="What pages and servers send.")
blueprint.before_request(security.require_any_key)

#: What a batch may say once for all its items.
SHARED = ("sessionId", "anonymousId", "userId", "sentAt")
#: Of these, what names a session: a fingerprint is collected without one, and a user id beside it would be evidence.
OF_SESSIONS = frozenset({"sessionId", "userId"})


@blueprint.post("/eventTracking/batch")
@blueprint.arguments(BatchRequest)
@blueprint.response(200, BatchResponse)
def post_batch(sent: dict[str, Any]) -> dict[str, Any]:
    """Make calls in the order of the list; each has its own result or problem, and one that fails stops no other."""
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
        # The rest would fail alike, each after its wait; the client sends the batch again, and its message ids
        # see to it that nothing is counted twice.
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
            # The call of its own says the same without a type.
            said = {name: value for name, value in item.items() if name != "type"}
            answer = CollectResponse().dump(collect(CollectRequest().load(item), said))
        case _:
            raise ValidationError({"type": ["One of track, identify, collect."]})
    return answer
