"""Check keys; each blueprint has one guard as its `before_request`."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, request

from app import cors, patience, read_tokens
from app.context import address, now, secret_keys, service
from app.errors import Unauthenticated
from app.half_pairs import whole
from app.json_body import has_json, is_blank, json_body
from graph.acts.tenants import PREFIXES, Key, KeyKind
from graph.errors import Forbidden, IdentityGraphError
from graph.rules.identifiers import in_case


def require_write_key() -> None:
    """Let only a write key pass, for calls of pages."""
    _require("write")


def require_secret_key() -> None:
    """Let only a secret key pass, for reads and administration. A write key, which is public, is answered 403.

    The token of a link passes, too, for what only reads.
    """
    _require("secret")


def require_any_key() -> None:
    """Let either kind pass, for calls of pages and of servers on their behalf."""
    _require("write", "secret")


def init_app(app: Flask) -> None:
    """Make every answer harmless in a browser.

    It guesses no type, and it loads nothing for an answer, nor shows the answer within another page, unless a page of ours
    allows that. Nobody stores answers to a key.
    """
    app.after_request(_harmless)


def _harmless(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    policy = response.headers.get("Content-Security-Policy", "default-src 'none'")
    if "frame-ancestors" not in policy:
        response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'"
    if "key" in g:
        # Answers contain persons' ids, and the visitor token, which identifies a browser.
        response.headers["Cache-Control"] = "no-store"
    return response


def _require(*kinds: KeyKind) -> None:
    if request.method == "OPTIONS":
        # OPTIONS only lists methods, and a preflight cannot have a key.
        return
    bearer = _bearer()
    shown = bearer or _write_key_in_headers()
    g.server_key = _of_server(bearer)
    if g.server_key is None:
        # A caller that guesses keys, or sends none, is counted like a page, before anything of its body is read.
        _require_room(bearer)
    if shown is None and "write" in kinds:
        shown = _in_body("writeKey")
    if not isinstance(shown, str):
        raise Unauthenticated("this call needs a key")
    service().readiness.require()
    is_token = bearer is not None and bearer.startswith(read_tokens.PREFIX)
    key = _of_link(shown) if is_token else g.server_key or service().key_ring.find(shown)
    if key is None:
        raise Unauthenticated("the key is not known, or not any more")
    if key.kind == "secret" and bearer is None:
        raise Unauthenticated("a secret key is sent as Authorization: Bearer, where no page would put it")
    # From here on the call counts against its key: its bytes, too.
    g.server_key = _secret(key)
    patience.require("key", service().rate_limits.count_key(key.tenant, key.key_id))
    if key.kind == "read":
        _require_read(kinds)
    elif key.kind not in kinds:
        raise Forbidden(f"a {key.kind} key may not make this call", code="wrong_kind_of_key")
    _require_same_tenant(key)
    if key.kind == "write":
        # No page has a secret key. Its caller is a server, even if it passes on a browser's headers.
        cors.require_allowed_origin(key.settings)
    g.key = key
    _in_case_of(key)


def _of_server(bearer: str | None) -> Key | None:
    """Return the secret key that was shown, if this process has met it. Servers have no limit by address."""
    keys = service().key_ring
    if bearer is None or not keys.was_secret(bearer):
        return None
    try:
        service().readiness.require()
        return _secret(keys.find(bearer))
    except IdentityGraphError:
        # Nobody knows now whether it is a key still.
        patience.require("address", service().rate_limits.count_address(address()))
        raise


def _require_room(bearer: str | None) -> None:
    """Count the call against its address, and refuse it beyond the limit, unless it shows a secret key.

    Pages may have used up the limit of an address that a server is at, too. So what may be a key is looked up before it is
    refused, some keys a second.
    """
    limits = service().rate_limits
    seconds = limits.count_address(address())
    if seconds is not None and bearer is not None and bearer.startswith(PREFIXES["secret"]):
        may_look = service().readiness.has_been_ready_for(timedelta()) and limits.may_look_up(address())
        g.server_key = _secret(service().key_ring.find(bearer)) if may_look else None
    if g.server_key is None:
        patience.require("address", seconds)


def _secret(key: Key | None) -> Key | None:
    return key if key is not None and key.kind == "secret" else None


def _of_link(shown: str) -> Key:
    token = read_tokens.read(shown, secret_keys())
    if token is None:
        raise Unauthenticated("the token of the link is not valid: open the whole link, or ask for another one")
    if token.ends <= now():
        raise Unauthenticated("the link has ended: ask for another one", code="link_ended")
    key = service().key_ring.reader(token.tenant, token.link_id)
    if key is None:
        raise Unauthenticated("the link's tenant is not known, or not any more")
    if not key.settings.has_link_of(token.made):
        raise Unauthenticated("the link was ended: ask for another one", code="link_ended")
    return key


def _require_read(kinds: tuple[KeyKind, ...]) -> None:
    # A preview asks much, and so is a POST, but changes nothing.
    reads = request.method in {"GET", "HEAD"} or request.endpoint == "policy.post_preview"
    if not reads or "write" in kinds:
        raise Forbidden("a link only reads: to change something, use a secret key", code="read_only")


def _in_case_of(key: Key) -> None:
    """Fold the user ids of the path as the tenant's policy says."""
    named = request.view_args or {}
    for name in named.keys() & {"user_id", "to_user_id"}:
        named[name] = in_case(named[name], key.policy.user_id_case)


def _require_same_tenant(key: Key) -> None:
    for named in (request.headers.get("X-Tenant-ID"), _in_body("tenantId")):
        if not is_blank(named) and named != key.tenant:
            raise Forbidden("the key is not of the tenant that the call names", code="wrong_tenant")


def _bearer() -> str | None:
    shown = request.authorization
    return shown.token or None if shown is not None and shown.type == "bearer" else None


def _write_key_in_headers() -> str | None:
    basic = request.authorization
    user = basic.username if basic is not None and basic.type == "basic" else None
    return request.headers.get("X-Write-Key") or user or None


def _in_body(name: str) -> Any:
    return whole(json_body().get(name)) if has_json() else None
