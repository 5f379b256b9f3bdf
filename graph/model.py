"""The nouns that acts, rules and store share: what a visit brings, what is known, what was decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class Method(StrEnum):
    """How a visit was recognised, surest first."""

    TOKEN = "token"  # noqa: S105 - a way of matching, not a secret
    ANONYMOUS_ID = "anonymous_id"
    FINGERPRINT = "fingerprint"
    FUZZY_FINGERPRINT = "fuzzy_fingerprint"
    IP_BROWSER = "ip_browser"
    IP = "ip"
    NEW = "new"


@dataclass(frozen=True)
class Evidence:
    """An observed reason to tie two things: how much it is worth now, 0–1, and what that came from.

    `shared_by` counts the other visitors it holds for. `arithmetic` has the numbers the strength was made of, by name:
    those of a fingerprint that owns are added, all others multiplied.
    """

    kind: str
    strength: float
    shared_by: int
    last_seen: datetime | None
    arithmetic: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """Who a visit was taken for, how sure, 0–1, and why."""

    method: Method
    confidence: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Change:
    """What one act changes, as every trace of it says: its id, when, who made it (such as `key:ID`), and why."""

    id: str
    at: datetime
    actor: str
    reason: str | None = None


@dataclass(frozen=True)
class Warned:
    """Odd input or a refusal, to be listed: what `subject` it was about, why, and when it came. Neither text is a secret."""

    code: str
    subject: str
    detail: str
    at: datetime


@dataclass(frozen=True)
class Page:
    """Where in the site something happened."""

    url: str | None = None
    referrer: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Origin:
    """Where an address is and whose network it is in, as far as a database says; all None without one.

    `country` is ISO 3166-1 alpha-2; `latitude` and `longitude` are degrees, of the place and not of the visitor;
    `time_zone` is of the IANA; `asn` is the number of the autonomous system.
    """

    country: str | None = None
    region: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str | None = None
    asn: int | None = None
    as_organization: str | None = None


@dataclass(frozen=True)
class Seen(Origin):
    """What is kept of a client with an event or a session."""

    address: str | None = None
    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    device_class: str | None = None


@dataclass(frozen=True)
class Observed:
    """What the server itself saw of a client with one call; `address` is None where none may be kept."""

    address: str | None = None
    proves: bool = False
    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    device_class: str | None = None
    is_bot: bool = False
    origin: Origin = Origin()


@dataclass(frozen=True)
class Message:
    """What makes a call one call however often it is sent: its id, and a hash of everything in it but `sentAt`."""

    message_id: str
    call: str
    session_sent: str | None
    request_hash: str


@dataclass(frozen=True)
class Standing:
    """Who a tenure belongs to, as the open facts say, and how sure that is, 0–1.

    `method` is `claim` (its own), `adopted` or `tied` (a user through ties), `probable` (inferred, never an owner),
    `own` (nobody else's) or, to readers only, `hidden` (somebody's who is not to be shown); `user_id` is None for the
    last three.
    """

    identity_id: str
    user_id: str | None
    method: str
    confidence: float

    @property
    def claimed_user_id(self) -> str | None:
        """The user, where this very tenure is claimed: all that a public key is told."""
        return self.user_id if self.method == "claim" else None


@dataclass(frozen=True)
class Fingerprint:
    """A browser's fingerprint as collected: its hash, the collector's own confidence, its components as JSON text."""

    hash: str
    confidence: float | None = None
    components: str | None = None


@dataclass(frozen=True, eq=False)
class NewIds:
    """Ids for whatever an act turns out to need, each made when it is first asked for and the same ever after.

    The driver may run the act again. The later ones are for the second of two tenures that a login makes.
    """

    new_id: Callable[[], str]

    @cached_property
    def visitor(self) -> str:
        return f"vis_{self.new_id()}"

    @cached_property
    def tenure(self) -> str:
        return f"ten_{self.new_id()}"

    @cached_property
    def session(self) -> str:
        return f"ses_{self.new_id()}"

    @cached_property
    def event(self) -> str:
        return f"evt_{self.new_id()}"

    @cached_property
    def user(self) -> str:
        return f"usr_{self.new_id()}"

    @cached_property
    def change(self) -> str:
        return f"chg_{self.new_id()}"

    @cached_property
    def later_tenure(self) -> str:
        return f"ten_{self.new_id()}"

    @cached_property
    def later_session(self) -> str:
        return f"ses_{self.new_id()}"
