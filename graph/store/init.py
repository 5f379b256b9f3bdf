"""The queries of `init`, which takes a list of visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Method
from graph.queries import Nothing, Rows
from graph.query import query
from graph.rules import weighing
from graph.rules.jars import Stretch
from graph.rules.messages import Kept
from graph.rules.probable import Resolved
from graph.rules.tombstones import Tombstone
from graph.rules.weighing import UserThere
from graph.transaction import Rung, Transaction


@dataclass(frozen=True)
class OwnerFacts:
    """The visitor that was last seen with a fingerprint which only one merge group has.

    `known_jars`, `recent_users` and `same_address` are those of all the group's visitors with the fingerprint, and
    `machines` is how many machines one of them turned out to be. The anchor, and the number of ties above it, are the
    visitor's.
    """

    visitor_id: str
    known_jars: int
    machines: int
    recent_users: list[str]
    last_seen: datetime
    browser: str | None
    os: str | None
    same_address: bool
    anchor_id: str | None
    anchor_depth: int


@dataclass(frozen=True)
class CandidateFacts:
    """A merge group that shares the visit's fingerprint or address, by the latest tenure of its latest visitor there.

    `recent_users` are those of all the group's visitors that share it, and `machines` how many machines these are.
    `features` are what is compared of the latest fingerprint of the latest visitor there; None for what shares a fingerprint.
    """

    tenure_id: str
    last_seen: datetime
    recent_users: list[str]
    machines: int
    features: str | None = None


@dataclass(frozen=True)
class VisitFacts:
    """What the graph holds of one visit's jar, message id, fingerprint and address.

    `visitor_id` is the visitor that the jar is in, and `tenure_id` the tenure that it had at the time, which was first used
    at `tenure_first_seen`; all are None for a new jar. `survivor_id` is the
    survivor of that visitor's merge group, or else of the owner's. `resolved` says who that tenure belongs to, or for a
    new jar the owner's anchor.

    `jar_os`, `jar_device_class` and `jar_sights` are what the jar has shown of its browser (`graph/rules/contradiction.py`).

    `joined_by` is the fingerprint by which the jar came into its visitor, and `passing` what the jar has shown in passing
    (`graph/rules/passing.py`). `fingerprint_since` is since when another merge group alone has the visit's fingerprint.

    `owner_users` are the users of the owner's group in the days before the visit. `stretches` are those of the known
    jars of that visitor, or of the owner's group, if they may be too many; without those that came in passing.
    `alone_ids` are the visitors of the only merge group that had the fingerprint until this visit of another visitor, and
    `alone_survivor_id` is that group's survivor. `machines_before` is how many machines the visit's visitor turned out to be
    before.

    `neighbours` is how often other visitors were seen at the address in the weeks looked at, and `neighbours_alike` the
    most with this browser there in one of these weeks. Both are None if the visit looks for no neighbours.
    """

    i: int
    message: Kept | None
    erased: list[Tombstone]
    has_fingerprint: bool
    jar_since: datetime
    jar_last_seen: datetime | None
    jar_os: str | None
    jar_device_class: str | None
    jar_sights: list[str]
    jar_is_contradicted: bool
    joined_by: str | None
    passing: list[str]
    fingerprint_since: datetime | None
    stretches: list[Stretch]
    alone_ids: list[str]
    alone_survivor_id: str | None
    machines_before: int
    visitor_id: str | None
    survivor_id: str | None
    tenure_id: str | None
    tenure_first_seen: datetime | None
    owner: OwnerFacts | None
    owner_users: list[UserThere]
    resolved: Resolved | None
    same_fingerprint: list[CandidateFacts]
    same_browser: list[CandidateFacts]
    same_address: list[CandidateFacts]
    neighbours: int | None
    neighbours_alike: int | None


@dataclass(frozen=True)
class SimilarFacts:
    """A known fingerprint that is in a bucket with the one that the visit of a new jar shows, and that nobody else has.

    `features` are its digests as text. `browser`, `browser_version`, `os` and `last_seen` are of its last visit. The other
    fields are those of the only merge group that has it, as in `CandidateFacts`; `known_jars` counts the group's, and
    `is_of_user` says that the user whose id came with the visit used it.
    """

    jar_id: str
    fingerprint: str
    features: str
    browser: str | None
    browser_version: str | None
    os: str | None
    last_seen: datetime
    root_id: str
    tenure_id: str | None
    recent_users: list[str]
    machines: int
    is_of_user: bool
    known_jars: int


@dataclass(frozen=True)
class VisitsLocked:
    """What the look at jars and fingerprints found, once both are locked.

    `spare_ids` are the spare jars that were locked instead of contradicted ones, `unsorted` the fingerprints that are in no
    bucket yet, and `similar` those that are like one which nobody has.
    """

    visitor_ids: list[str]
    spare_ids: list[str]
    unsorted: list[str]
    similar: list[SimilarFacts]


@dataclass(frozen=True)
class _ClaimedThere:
    root_id: str
    user_id: str
    tenure_id: str


_lock = query("init/lock", VisitsLocked)
_claimed = query("init/claimed", _ClaimedThere)
_gather = query("init/gather", VisitFacts)
apply = query("init/apply", Nothing)
probably = query("init/probably", Nothing)
contradict = query("init/contradict", Nothing)
refuse = query("init/refuse", Nothing)
forget = query("init/forget", Nothing)


def lock(tx: Transaction, rows: Rows, *, fuzzy_candidates_max: int) -> VisitsLocked:
    """Lock the jars, the fingerprints that at most one merge group has, and the visitors that these lead to.

    Jars and fingerprints that do not exist are created. A visitor is that of the jar, and those that have the
    fingerprint or one like it, if they are one merge group; its survivor is locked too. The query leaves a shared
    fingerprint unlocked and does not say so, so no fingerprint is noted as locked.
    """
    [row] = _lock(tx, rows=rows, fuzzy_candidates_max=fuzzy_candidates_max)
    tx.locks.take(
        Rung.JAR,
        {visit["spare_jar_id"] if visit["spare_jar_id"] in row.spare_ids else visit["jar_id"] for visit in rows},
    )
    tx.locks.take(Rung.VISITOR, row.visitor_ids)
    return row


def gather(tx: Transaction, rows: Rows, *, places_max: int, users_days: float) -> list[VisitFacts]:
    """Return the facts of each visit, in the order of `i`.

    As evidence by itself (`same_address`) an address is a crowd if, in the weeks looked at, its `BrowserAtIp` nodes or
    the visitors at them are `places_max` or more.
    """
    return sorted(_gather(tx, rows=rows, places_max=places_max, users_days=users_days), key=lambda facts: facts.i)


@dataclass(frozen=True)
class ByFingerprint:
    """An inference from a tenure whose jar was recognised by a fingerprint; both are as of the time `seen`."""

    tenure_id: str
    identity_id: str
    confidence: float
    evidence: str | None
    fingerprint: str | None
    seen: datetime


def probably_by_fingerprint(tx: Transaction, inferences: Sequence[ByFingerprint]) -> None:
    """Open inferences in place of ties. They are weighed when they are read."""
    probably(
        tx,
        rows=[
            {
                "tenure_id": inference.tenure_id,
                "identity_id": inference.identity_id,
                "method": Method.FINGERPRINT.value,
                "confidence": inference.confidence,
                "evidence": inference.evidence,
                "rests_on": [weighing.key(Method.FINGERPRINT, {"fingerprint": inference.fingerprint})],
                "weeks": [],
                "last_seen": inference.seen,
                "at": inference.seen,
                "change_id": tx.change.id,
            }
            for inference in inferences
        ],
    )


def claimed(tx: Transaction, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the latest tenure that each user claimed in a merge group, by the survivor's id and the user's."""
    rows = [{"root_id": root_id, "user_id": user_id} for root_id, user_id in pairs]
    return {(row.root_id, row.user_id): row.tenure_id for row in _claimed(tx, rows=rows)} if rows else {}
