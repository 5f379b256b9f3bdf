"""Commands for the product's own acts, so that what tests build cannot drift from what it writes."""

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from graph.acts.identify import Identify
from graph.acts.init import Init
from graph.acts.merge import Merge
from graph.acts.put import CALL, Put
from graph.acts.release import Release
from graph.acts.split import Split
from graph.acts.track import Track
from graph.acts.visibility import Visibility
from graph.model import Fingerprint, Message, Method, NewIds, Observed, Origin, Page
from graph.rules.policy import Policy
from tests.world import address_of

NOON = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)
TENANT = "shop"
POLICY = Policy()
ORIGIN = Origin("SE", "Östergötland County", "Linköping", 58.4167, 15.6167, "Europe/Stockholm", 29518, "Bredband2 AB")
OBSERVED = Observed("203.0.113.7", True, "Chrome", "131", "Linux", "desktop", origin=ORIGIN)
PAGE = Page("https://shop.example/", "https://search.example/", "Shop")

_numbers = count(1)


def ids() -> NewIds:
    """Ids that no other command of this run has, in order."""
    number, parts = f"{next(_numbers):06d}", count(1)
    return NewIds(lambda: f"{number}-{next(parts)}")


def named(ids: NewIds, visitor: str) -> NewIds:
    """The same ids but for a new visitor's."""
    other = copy(ids)
    vars(other)["visitor"] = visitor
    return other


def visit(
    *,
    at: datetime = NOON,
    jar: str | None = None,
    fingerprint: str | None = None,
    address: str | None = None,
    user_id: str | None = None,
    reset: bool = False,
    tenant: str = TENANT,
) -> Init:
    """A visit, with the token of a jar where one is named."""
    new = ids()
    return Init(
        tenant=tenant,
        message=Message(f"m-{new.session}", "init", None, f"hash-{new.session}"),
        at=at,
        received_at=at,
        jar_id=jar or f"j-{new.session}",
        jar_kind="issued",
        jar_method=Method.TOKEN if jar else Method.NEW,
        fingerprint=Fingerprint(fingerprint, 0.7, "{}") if fingerprint else None,
        observed=replace(OBSERVED, address=address or address_of(fingerprint or jar or new.session)),
        page=PAGE,
        user_id=user_id,
        reset=reset,
        consent=True,
        trusted=True,
        actor="key:test",
        policy=POLICY,
        ids=new,
    )


def event(session_id: str, *, at: datetime = NOON, name: str = "click", tenant: str = TENANT) -> Track:
    """An event."""
    new = ids()
    return Track(
        tenant=tenant,
        message=Message(f"m-{new.event}", "track", session_id, f"hash-{new.event}"),
        session_id=session_id,
        event_id=new.event,
        name=name,
        properties="{}",
        at=at,
        received_at=at,
        observed=OBSERVED,
        page=PAGE,
        trusted=True,
        policy=POLICY,
    )


def login(
    session_id: str, user_id: str, *, at: datetime = NOON, received_at: datetime | None = None, tenant: str = TENANT
) -> Identify:
    """A login."""
    new = ids()
    return Identify(
        tenant=tenant,
        message=Message(f"m-{new.event}", "identify", session_id, f"hash-{new.event}"),
        session_id=session_id,
        user_id=user_id,
        verified=False,
        properties="{}",
        at=at,
        received_at=received_at or at,
        observed=OBSERVED,
        page=PAGE,
        trusted=True,
        actor="key:test",
        policy=POLICY,
        ids=new,
    )


def merge(visitor_id: str, into: str, *, at: datetime = NOON, force: bool = False) -> Merge:
    """A merge of visitors."""
    return Merge(
        tenant=TENANT,
        visitor_id=visitor_id,
        into=into,
        is_forced=force,
        reason="a test" if force else None,
        at=at,
        actor="key:test",
        policy=POLICY,
        ids=ids(),
    )


def split(
    visitor_id: str,
    *,
    jar_id: str | None = None,
    tenure_id: str | None = None,
    fingerprint: str | None = None,
    at: datetime = NOON,
) -> Split:
    """A split of a visitor."""
    return Split(
        tenant=TENANT,
        visitor_id=visitor_id,
        jar_id=jar_id,
        tenure_id=tenure_id,
        fingerprint=fingerprint,
        reason=None,
        at=at,
        actor="key:test",
        policy=POLICY,
        ids=ids(),
    )


def release(user_id: str, visitor_id: str, *, at: datetime = NOON) -> Release:
    """That a user is taken from a visitor."""
    return Release(
        tenant=TENANT,
        user_id=user_id,
        visitor_id=visitor_id,
        reason=None,
        at=at,
        actor="key:test",
        policy=POLICY,
        ids=ids(),
    )


def hiding(user_id: str, visitor_id: str | None = None, *, at: datetime = NOON) -> Visibility:
    """That a user, or their relationship with a visitor, is to be hidden."""
    return Visibility(
        tenant=TENANT,
        user_id=user_id,
        visitor_id=visitor_id,
        visible=False,
        reason=None,
        at=at,
        actor="key:test",
        policy=POLICY,
        ids=ids(),
    )


def put(user_id: str, visitor_id: str, *, confidence: float = 90.0, at: datetime = NOON) -> Put:
    """A statement about a user and a visitor."""
    new = ids()
    return Put(
        tenant=TENANT,
        message=Message(f"m-{new.event}", CALL, None, f"hash-{new.event}"),
        user_id=user_id,
        visitor_id=visitor_id,
        confidence=confidence,
        claims=False,
        reason=None,
        at=at,
        actor="key:test",
        policy=POLICY,
        ids=new,
    )
