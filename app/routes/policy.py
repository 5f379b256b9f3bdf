"""Show and change the numbers that a tenant's identity resolution depends on."""

from typing import Any

from app import security
from app.calls import policy
from app.openapi import Blueprint
from app.schemas.policy import PolicyRequest, PolicyResponse, PolicySetResponse, PreviewRequest, PreviewResponse
from app.schemas.wire import IdempotencyHeaders
from graph.acts.policy import PolicySet

blueprint = Blueprint(
    "policy", __name__, url_prefix="/api/v1", description="The numbers that identity resolution depends on."
)
blueprint.before_request(security.require_secret_key)


@blueprint.get("/policy")
@blueprint.response(200, PolicyResponse)
def get_policy() -> dict[str, Any]:
    """List the fields of the tenant's policy, with the value, the default, the range and the meaning of each."""
    return {"fields": policy.shown()}


@blueprint.post("/policy/preview")
@blueprint.arguments(PreviewRequest)
@blueprint.response(200, PreviewResponse)
def post_preview(sent: dict[str, Any]) -> dict[str, Any]:
    """Tell which visitors would join or leave a person if fields had other values. Nothing changes."""
    return policy.run_preview(sent)


@blueprint.put("/policy")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(PolicyRequest)
@blueprint.response(200, PolicySetResponse)
def put_policy(headers: dict[str, Any], sent: dict[str, Any]) -> PolicySet:
    """Change fields of the tenant's policy. Every process goes by it within ten seconds.

    To take a change back, send the answer's `before`.
    """
    return policy.run(sent, headers["idempotency_key"])
