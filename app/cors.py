"""Decide which pages may call.

The SDK's calls are allowed from the origins that the tenant lists, all other calls from the service's own origin only.

CORS credentials are never allowed: keys are in the call, and the service sets no cookie. A preflight has no key, so
every origin passes it; the call itself is then checked.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, request

from graph.acts.tenants import TenantSettings
from graph.errors import Forbidden

PREFIX = "/eventTracking/"
_ALLOWED_HEADERS = (
    "Authorization, Content-Encoding, Content-Type, Idempotency-Key, X-Request-ID, X-Tenant-ID, X-Write-Key"
)
_EXPOSED_HEADERS = "Accept-Encoding, Retry-After, X-Request-ID"
#: Chromium's maximum: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age
_MAX_AGE_SECONDS = 7200


def require_allowed_origin(settings: TenantSettings) -> None:
    """Raise `Forbidden` (origin_forbidden) if the page is of another origin that the tenant does not list."""
    origin = request.headers.get("Origin")
    if origin is None or settings.allows(origin) or _is_own(origin):
        return
    raise Forbidden("pages of this origin may not call for this tenant", code="origin_forbidden")


def _is_own(origin: str) -> bool:
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:
        # Not even a URL, such as `https://[`.
        return False


def init_app(app: Flask) -> None:
    """Make the app answer preflights of the SDK's calls, and let allowed pages read the answers."""
    app.before_request(_preflight)
    app.after_request(_readable)


def _preflight() -> Response | None:
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    if request.url_rule is None or not request.url_rule.rule.startswith(PREFIX):
        return None
    response = Response(status=HTTPStatus.NO_CONTENT)
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
    response.headers["Access-Control-Max-Age"] = str(_MAX_AGE_SECONDS)
    return response


def _readable(response: Response) -> Response:
    """Let pages read answers, and errors too, since the SDK must see them. Only a refused origin may read nothing."""
    if "HTTP_ORIGIN" in request.environ and request.path.startswith(PREFIX) and not _refused(response):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    return response


def _refused(response: Response) -> bool:
    body = response.get_json(silent=True) if response.status_code == HTTPStatus.FORBIDDEN else None
    return isinstance(body, dict) and body.get("code") == "origin_forbidden"
