"""What a request can ask for: the service's parts, and who is calling."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from flask import current_app, g, request

from app.config import Settings, previous_secret_keys
from app.enrichment.client_ip import client_ip
from app.enrichment.geo import Geo
from app.key_ring import KeyRing
from app.rate_limits import RateLimits
from app.readiness import Readiness
from graph.acts.tenants import TenantSettings
from graph.database import Database
from graph.rules.policy import Policy
from graph.rules.probable import Bound


@dataclass(frozen=True)
class Service:
    """The parts of a running service, made once by the factory."""

    settings: Settings
    database: Database
    secret_key: str
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    key_ring: KeyRing
    readiness: Readiness
    rate_limits: RateLimits
    geo: Geo


@dataclass(frozen=True)
class Caller:
    """Who sent this request: a tenant, by one of its write (public) or secret keys."""

    tenant: str
    key_id: str
    kind: Literal["write", "secret"]


def service() -> Service:
    return cast("Service", current_app.extensions["whograph"])


def settings() -> Settings:
    return service().settings


def database() -> Database:
    return service().database


def graph() -> Database:
    """The database for acts in the caller's tenant."""
    return database().of(caller().tenant)


def now() -> datetime:
    """The server's clock, UTC."""
    return service().clock()


def secret_keys() -> tuple[str, ...]:
    """SECRET_KEY, with which everything is signed, and then those that were it before: what they signed still holds."""
    return (service().secret_key, *previous_secret_keys(settings()))


def ids() -> Callable[[], str]:
    """Where acts get new ids from."""
    return service().new_id


def caller() -> Caller:
    """Who is calling; only behind a `require_…_key` of app/security.py."""
    key = g.key
    return Caller(key.tenant, key.key_id, key.kind)


def policy() -> Policy:
    """The policy of the caller's tenant."""
    return cast("Policy", g.key.policy)


def bound(asked: float | None) -> Bound:
    """How sure an answer has to be now: as asked, 0–1, else as the policy says."""
    return Bound.of(policy(), now(), asked)


def tenant_settings() -> TenantSettings:
    """What the caller's tenant has set."""
    return cast("TenantSettings", g.key.settings)


def address() -> str:
    """Where this request came from, as far as that can be believed."""
    return client_ip(request.remote_addr, request.headers.get("X-Forwarded-For"), settings().trusted_proxies)


def request_id() -> str | None:
    """The id of this request, in its answer and in every line logged about it; None outside a request."""
    return g.get("request_id") if g else None
