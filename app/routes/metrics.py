"""Serve the metrics to Prometheus."""

import hmac

from flask import Response, request
from prometheus_client import CONTENT_TYPE_LATEST

from app import metrics, patience
from app.context import address, service, settings
from app.errors import Unauthenticated
from app.openapi import Blueprint

blueprint = Blueprint("metrics", __name__, description="For operators of the service.")


@blueprint.get("/metrics")
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
@blueprint.alt_response(401, "UNAUTHORIZED")
def get_metrics() -> Response:
    """Get counts and durations in Prometheus's text format; docs/metrics.md describes each.

    The metrics that name tenants need `Authorization: Bearer` with `METRICS_KEY`.
    """
    return Response(metrics.exposition(with_tenants=_shows_the_key()), content_type=CONTENT_TYPE_LATEST)


def _shows_the_key() -> bool:
    """Whether the caller shows the operator's key; a caller without a key is a stranger.

    Raises:
        Unauthenticated: The caller shows another key, or there is none to show.
    """
    shown = request.authorization
    if shown is None:
        return False
    # Who guesses keys is counted like a caller without one.
    patience.require("address", service().rate_limits.count_address(address()))
    key = settings().metrics_key
    if key is None or not hmac.compare_digest((shown.token or "").encode(), key.encode()):
        raise Unauthenticated("the key is not the METRICS_KEY of this service")
    return True
