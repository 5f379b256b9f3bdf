"""What explains whether two subjects are one: the facts on the way to their identities, and what they have in common."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.query import query
from graph.transaction import Transaction


@dataclass(frozen=True)
class Standpoint:
    """The tenure or user that stands for a subject, and the survivor of the visitor that the tenure is on."""

    i: int
    identity_id: str
    user_id: str | None
    visitor_id: str | None


@dataclass(frozen=True)
class TieThere:
    """A `TIED_TO` edge, open at the time that was asked about."""

    method: str
    confidence: float
    evidence: str | None
    change_id: str | None
    since: datetime


@dataclass(frozen=True)
class HeldThere:
    """A `RESOLVES_TO` edge: a claim, or the adoption of one (`claim` is the claimed tenure); `at` is the login's time."""

    method: str
    claim: str | None
    at: datetime | None
    session_id: str | None
    confidence: float
    verified: bool
    change_id: str | None


@dataclass(frozen=True)
class Inferred:
    """A `PROBABLY` edge of the tenure `holder_id`, with the properties that weighing needs."""

    holder_id: str
    identity_id: str
    method: str
    confidence: float
    evidence: str | None
    since: datetime
    last_seen: datetime
    rests_on: list[str] | None
    weeks: list[str] | None
    claims: list[str] | None
    change_id: str | None


@dataclass(frozen=True)
class Path:
    """The way of a tenure or user up to the nearest user, else to the top; `tenure_ids` begin with itself.

    `visitor_ids` are those of the tenures. `held` is the nearest user's edge. `inferred` are the inferences if no user has it,
    and `readable` those of them, by whom they lead to, that no cannot-link forbids now. `is_linked` says that the user is
    linked with others, or was at any time.
    """

    i: int
    tenure_ids: list[str]
    visitor_ids: list[str | None]
    ties: list[TieThere]
    held: HeldThere | None
    user_id: str | None
    user_identity_id: str | None
    is_linked: bool
    inferred: list[Inferred]
    readable: list[str]


@dataclass(frozen=True)
class InCommon:
    """A fingerprint or an address that both have, and how many visitors have it; of an address, with one kind of browser."""

    id: str
    visitors: int


@dataclass(frozen=True)
class Apart:
    """A cannot-link between the two."""

    reason: str | None
    actor: str | None
    change_id: str | None
    since: datetime


@dataclass(frozen=True)
class LatestFingerprint:
    """The fingerprint that a side (0 or 1) showed last, if its components are known."""

    side: int
    fingerprint: str
    features: str
    browser: str | None
    browser_version: str | None
    os: str | None
    last_seen: datetime


@dataclass(frozen=True)
class Compared:
    """A subject as it is compared with another: by the survivors of its visitors, whose it is, and its tenure or user.

    `asked_user_id` is the user who is the subject itself, whose visitors may be more than those listed.
    """

    visitor_ids: list[str]
    user_id: str | None
    identity_id: str
    asked_user_id: str | None


@dataclass(frozen=True)
class Statement:
    """The latest statement that a user used a visitor, with its figure, 1–100."""

    visitor_id: str
    user_id: str
    figure: float
    at: datetime


@dataclass(frozen=True)
class _Between:
    fingerprints: list[InCommon]
    addresses: list[InCommon]
    cannot_links: list[Apart]
    stated: list[Statement]
    latest: list[LatestFingerprint]


@dataclass(frozen=True)
class Between(_Between):
    """What two subjects have in common, and what parts them; `is_comparable` says that both have visitors."""

    is_comparable: bool = True


@dataclass(frozen=True)
class _Surest:
    visitor_id: str


@dataclass(frozen=True)
class Said:
    """Who made a change, when and why."""

    change_id: str
    act: str
    actor: str
    reason: str | None
    at: datetime


@dataclass(frozen=True)
class HiddenThere:
    """What reads must not say of a tenure or user: that it is one of `hidden_ids`, or anything if it `is_hidden` now."""

    i: int
    hidden_ids: list[str]
    is_hidden: bool


_hidden = query("explain/hidden", HiddenThere)
_find = query("explain/find", Standpoint)
_path = query("explain/path", Path)
_between = query("explain/between", _Between)
_surest_visitors = query("explain/surest_visitors", _Surest)
_said = query("explain/said", Said)


def find(tx: Transaction, subjects: Sequence[tuple[str, str]], *, at: datetime, is_now: bool) -> dict[int, Standpoint]:
    """Return what stands for each subject (its kind and id), by its number; an unknown one is left out."""
    rows = [{"i": i, "kind": kind, "id": id_} for i, (kind, id_) in enumerate(subjects)]
    return {row.i: row for row in _find(tx, rows=rows, at=at, is_now=is_now)}


def paths(tx: Transaction, identity_ids: Sequence[str], *, at: datetime) -> dict[str, Path]:
    """Return the way of each tenure or user at a time, by its identity id."""
    if not identity_ids:
        return {}
    rows = [{"i": i, "identity_id": identity_id} for i, identity_id in enumerate(identity_ids)]
    return {identity_ids[row.i]: row for row in _path(tx, rows=rows, at=at)}


def hidden(tx: Transaction, owners: Mapping[str, Collection[str]], *, at: datetime) -> dict[str, HiddenThere]:
    """Return those identities, of the owners of each tenure or user, of which reads must not say that it is theirs.

    A relationship that was hidden when it was closed after the time `at` is hidden, too.
    """
    identity_ids = list(owners)
    rows = [
        {"i": i, "identity_id": identity_id, "owner_ids": sorted(owners[identity_id])}
        for i, identity_id in enumerate(identity_ids)
    ]
    return {identity_ids[row.i]: row for row in _hidden(tx, rows=rows, at=at)}


def surest_visitors(tx: Transaction, user_id: str, *, limit: int) -> list[str]:
    """Return the visitors that a user used most surely, without those where that is hidden."""
    return [row.visitor_id for row in _surest_visitors(tx, user_id=user_id, limit=limit)]


def between(tx: Transaction, one: Compared, other: Compared, *, parts_max: int, at: datetime) -> Between:
    """Return what two have in common; of the fingerprints and places of each, the latest `parts_max` are looked at."""
    [found] = _between(
        tx,
        rows=[
            {
                "side": side,
                "visitor_ids": ours.visitor_ids,
                "other_visitor_ids": theirs.visitor_ids,
                "other_user_id": theirs.user_id,
                "asked_user_id": theirs.asked_user_id,
                "identity_id": ours.identity_id,
                "other_identity_id": theirs.identity_id,
            }
            for side, ours, theirs in ((0, one, other), (1, other, one))
        ],
        parts_max=parts_max,
        at=at,
    )
    return Between(
        found.fingerprints,
        found.addresses,
        found.cannot_links,
        found.stated,
        found.latest,
        is_comparable=bool(one.visitor_ids and other.visitor_ids),
    )


def said(tx: Transaction, change_ids: Sequence[str]) -> dict[str, Said]:
    """Return who made each change, by its id; what the audit trail does not have is left out."""
    return {row.change_id: row for row in _said(tx, change_ids=change_ids)} if change_ids else {}
