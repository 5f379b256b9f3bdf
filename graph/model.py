"""The nouns that acts, rules and store share: what a call brings, what the graph knows, what was decided."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class Method(StrEnum):
    """How a visit was recognised, the surest method first."""

    TOKEN = "token"  # noqa: S105 - a way of matching, not a secret
    ANONYMOUS_ID = "anonymous_id"
    FINGERPRINT = "fingerprint"
    FUZZY_FINGERPRINT = "fuzzy_fingerprint"
    IP_BROWSER = "ip_browser"
    IP = "ip"
    NEW = "new"


@dataclass(frozen=True)
class Evidence:
    """An observed reason to take two things for the same, and its strength now, 0–1.

    `shared_by` is the number of other visitors for which it holds. `arithmetic` has the numbers that the strength was
    computed from, by name. Those of a fingerprint that owns are added. Those of one that is like such a fingerprint are
    log-odds, and are added up to the likelihood's. All others are multiplied.
    """

    kind: str
    strength: float
    shared_by: int
    last_seen: datetime | None
    arithmetic: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """How a visit was recognised, how sure that is, 0–1, and by what evidence."""

    method: Method
    confidence: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Change:
    """The writes of one act, as its traces name them: an id, the time, the actor (such as `key:ID`) and the reason."""

    id: str
    at: datetime
    actor: str
    reason: str | None = None


@dataclass(frozen=True)
class Warned:
    """A warning about odd input, or a refusal, as it is kept and listed.

    `subject` is what it is about and `detail` is why. Neither holds a secret.
    """

    code: str
    subject: str
    detail: str
    at: datetime


@dataclass(frozen=True)
class Page:
    """The page of the site on which something happened."""

    url: str | None = None
    referrer: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Origin:
    """The place and the network of an address, as far as a database knows them; all are None without a database.

    `country` is ISO 3166-1 alpha-2. `latitude` and `longitude` are degrees, of the place and not of the visitor.
    `time_zone` is a name of the IANA's, such as `Europe/Berlin`. `asn` is the number of the autonomous system.
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
    """What the graph keeps of a client with an event or a session."""

    address: str | None = None
    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    device_class: str | None = None


@dataclass(frozen=True)
class Observed:
    """What the server itself saw of a client with one call.

    `address` is None where no address may be kept. `proves` says that the address is evidence.
    """

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
    """What a repeated call is recognised by: its message id, and a hash of everything in the call but `sentAt`.

    `is_public` says that a write key sent it, which anybody may use. `hashes` are those by which the id's tombstone is
    found; a call that names a session, a browser or a user has its own.
    """

    message_id: str
    call: str
    session_sent: str | None
    request_hash: str
    is_public: bool = False
    hashes: tuple[str, ...] = ()

    @property
    def kept_id(self) -> str:
        """The id as the graph keeps it: what a page sends never meets what a server sends."""
        return f"{'public' if self.is_public else 'secret'}:{self.message_id}"


@dataclass(frozen=True)
class Standing:
    """Who a tenure belongs to, as the open facts say, and how sure that is, 0–1.

    `method` is how that follows:

    - `claim`: the tenure's own claim.
    - `adopted`, `tied`: a user's, through ties.
    - `probable`: another identity's by an inference, which never makes an owner; `user_id` is None.
    - `own`: nobody else's; `user_id` is None.
    - `hidden`: a user's, but the user or the relationship is hidden. Only reads have it; `user_id` is None.

    `public_id` is the id of the tenure that the facts, or the inference, lead to, claimed or not: the first claimed one
    upwards, else the top. `linked_id` is the identity of all users linked with the user that they lead to, if there are any.
    """

    identity_id: str
    user_id: str | None
    method: str
    confidence: float
    public_id: str
    linked_id: str | None = None

    @property
    def person_id(self) -> str:
        """The identity after links of users, as answers name it; `identity_id` is the one before."""
        return self.linked_id or self.identity_id

    @property
    def claimed_user_id(self) -> str | None:
        """The user, if the tenure itself is claimed; a public key is told no other."""
        return self.user_id if self.method == "claim" else None


@dataclass(frozen=True)
class Fingerprint:
    """A fingerprint as collected: the hash, the collector's own confidence, and the components as JSON text."""

    hash: str
    confidence: float | None = None
    components: str | None = None


@dataclass(frozen=True, eq=False)
class NewIds:
    """Ids for the nodes that an act may create. Each is made when it is first asked for, and then stays the same.

    So the ids are the same if the driver runs the act again. `later_tenure` and `later_session` are for the second of
    two tenures that one login makes.
    """

    new_id: Callable[[], str]

    @cached_property
    def visitor(self) -> str:
        return f"vis_{self.new_id()}"

    @cached_property
    def jar(self) -> str:
        return f"jar_{self.new_id()}"

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
        # A hash, since an id tells its time (docs/decisions/0007): a user's would tell a page since when the user is known.
        return f"usr_{hashlib.sha256(self.new_id().encode()).hexdigest()[:32]}"

    @cached_property
    def change(self) -> str:
        return f"chg_{self.new_id()}"

    @cached_property
    def later_tenure(self) -> str:
        return f"ten_{self.new_id()}"

    @cached_property
    def later_session(self) -> str:
        return f"ses_{self.new_id()}"
