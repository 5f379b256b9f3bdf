"""Give a request the parts of the service, and its caller."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar, cast

from flask import current_app, g, request

from app.config import Settings, previous_secret_keys
from app.enrichment.address import kept
from app.enrichment.client_ip import client_ip
from app.enrichment.geo import Geo
from app.grouped import Grouped
from app.key_ring import KeyRing
from app.rate_limits import RateLimits
from app.readiness import Readiness
from graph.acts.tenants import TenantSettings
from graph.database import Database
from graph.errors import IdentityGraphError
from graph.groups import Groups
from graph.rules.keys import derived_key
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.rules.signing_keys import SigningKey
from graph.rules.tombstones import Hashing

C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True)
class Service:
    """The parts of a running service; the factory makes them once."""

    settings: Settings
    database: Database
    secret_key: str
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    key_ring: KeyRing
    readiness: Readiness
    rate_limits: RateLimits
    geo: Geo
    grouped: Grouped


@dataclass(frozen=True)
class Caller:
    """The sender of a request: a tenant, with a write (public) or secret key, a link that reads, or a command (`job`)."""

    tenant: str
    key_id: str
    kind: Literal["write", "secret", "read"]
    job: str | None = None

    @property
    def trusted(self) -> bool:
        """Whether the caller holds a secret key, so that it is the customer's own server."""
        return self.kind == "secret"

    @property
    def actor(self) -> str:
        """The caller as the audit trail names it: `key:ID`, `link:ID` or `job:NAME`."""
        if self.job is not None:
            return f"job:{self.job}"
        return f"link:{self.key_id}" if self.kind == "read" else f"key:{self.key_id}"


def service() -> Service:
    return cast("Service", current_app.extensions["whograph"])


def settings() -> Settings:
    return service().settings


def database() -> Database:
    return service().database


def graph() -> Database:
    """Return the database for acts in the caller's tenant."""
    return database().of(caller().tenant)


def grouped() -> Grouped:
    """Return the acts whose calls share transactions."""
    return service().grouped


def together(groups: Groups[C, R], commands: Sequence[C]) -> list[R | IdentityGraphError]:
    """Run commands of the caller, in transactions that they share with those of concurrent calls."""
    return groups.run(graph(), (caller().tenant, policy()), commands)


def now() -> datetime:
    """Return the server's time, in UTC."""
    return service().clock()


def secret_keys() -> tuple[str, ...]:
    """Return SECRET_KEY, which signs, and then its earlier values, whose signatures are still valid."""
    return (service().secret_key, *previous_secret_keys(settings()))


def hashing() -> Hashing:
    """Return what makes the hashes of the caller's ids by which erased ones are recognised."""
    return hashing_of(secret_keys(), caller().tenant)


def hashing_of(keys: Sequence[str], tenant: str) -> Hashing:
    """Return what makes the hashes of a tenant's ids; the first of the secret keys is in force."""
    return Hashing(tuple(derived_key(key, f"tombstones of {tenant}") for key in keys))


def ids() -> Callable[[], str]:
    """Return the function that makes new ids for acts."""
    return service().new_id


def caller() -> Caller:
    """Return the caller; works only behind a `require_…_key` of app/security.py."""
    found: Caller | None = g.get("caller")
    if found is None:
        key = g.key
        found = g.caller = Caller(key.tenant, key.key_id, key.kind)
    return found


def policy() -> Policy:
    """Return the policy of the caller's tenant."""
    return cast("Policy", g.key.policy)


def bound(asked: float | None) -> Bound:
    """Return the lowest confidence an answer may have now: as asked (0–1), else as in the policy."""
    return Bound.of(policy(), now(), asked)


def tenant_settings() -> TenantSettings:
    """Return the settings of the caller's tenant."""
    return cast("TenantSettings", g.key.settings)


def signing_keys() -> tuple[SigningKey, ...]:
    """Return the live signing keys of the caller's tenant."""
    return cast("tuple[SigningKey, ...]", g.key.signing_keys)


def note_signed(key_id: str) -> None:
    """Note that a signing key of the caller's tenant proved a user id."""
    service().key_ring.note_signed(g.key, key_id)


def address() -> str:
    """Return the address of the client, as far as the request's headers can be trusted."""
    environ = request.environ
    return client_ip(environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR"), settings().trusted_proxies)


def kept_address(address: str) -> str:
    """Return an address in the form in which the caller's tenant keeps it; raise `ValueError` if it is no address.

    Each tenant has a key of its own for keyed addresses, so nobody can compare the addresses of two.
    """
    key = derived_key(service().secret_key, f"addresses of {caller().tenant}")
    return kept(address, tenant_settings().addresses, key)


def may_claim(user_id: str) -> bool:
    """Whether the client's address may claim something for this user without a signature; count it."""
    most = policy().address_claims_per_hour
    return service().rate_limits.may_claim(caller().tenant, address(), user_id, most)


def may_show(fingerprint: str) -> bool:
    """Whether this fingerprint is among those that the client's address may show within the hour; count it."""
    most = policy().address_fingerprints_per_hour
    return service().rate_limits.may_show(caller().tenant, address(), fingerprint, most)


def request_id() -> str | None:
    """Return the id of this request, which its answer and its log lines have; None outside a request."""
    return g.get("request_id") if g else None
