"""Commands for the product's own acts, so that the graphs of tests cannot drift from what the product writes."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from app.context import hashing_of
from graph.acts import identify
from graph.acts.arrival import Arrival
from graph.acts.erase import Erase, Person, Rest
from graph.acts.identify import Identified, Identify
from graph.acts.init import Init
from graph.acts.later import only
from graph.acts.merge import Merge
from graph.acts.put import CALL, Put
from graph.acts.release import Release
from graph.acts.split import Split
from graph.acts.track import Track
from graph.acts.visibility import Visibility
from graph.model import Change, Fingerprint, Message, Method, NewIds, Observed, Origin, Page
from graph.rules.policy import Policy
from graph.transaction import Transaction
from tests.world import address_of

NOON = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)
TENANT = "shop"
POLICY = Policy()
ORIGIN = Origin("SE", "Östergötland County", "Linköping", 58.4167, 15.6167, "Europe/Stockholm", 29518, "Bredband2 AB")
OBSERVED = Observed("203.0.113.7", True, "Chrome", "131", "Linux", "desktop", origin=ORIGIN)
PAGE = Page("https://shop.example/", "https://search.example/", "Shop")

C = TypeVar("C", bound=Init | Identify | Track)

_numbers = count(1)


def ids() -> NewIds:
    """Return new ids, in order, that no other command of this run has."""
    number, parts = f"{next(_numbers):06d}", count(1)
    return NewIds(lambda: f"{number}-{next(parts)}")


def named(ids: NewIds, visitor: str) -> NewIds:
    """Return the same ids, but with another id for a new visitor."""
    other = copy(ids)
    vars(other)["visitor"] = visitor
    return other


def arrival(
    at: datetime, new: NewIds, *, received_at: datetime | None = None, observed: Observed = OBSERVED
) -> Arrival:
    """Describe how a call arrived; by default it was received when it happened."""
    return Arrival(
        at=at,
        received_at=received_at or at,
        observed=observed,
        page=PAGE,
        trusted=True,
        actor="key:test",
        policy=POLICY,
        ids=new,
    )


def arriving(command: C, **arrived: Any) -> C:
    """Return the same command, with changes to how its call arrived."""
    return replace(command, arrival=replace(command.arrival, **arrived))


def by_whom(at: datetime, reason: str | None = None) -> dict[str, Any]:
    """Return the fields that every change has: the change, the policy, and new ids."""
    new = ids()
    return {"change": Change(new.change, at, "key:test", reason), "policy": POLICY, "ids": new}


def visit(
    *,
    at: datetime = NOON,
    jar: str | None = None,
    fingerprint: str | None = None,
    address: str | None = None,
    user_id: str | None = None,
    reset: bool = False,
) -> Init:
    """A visit; if `jar` is named, with that jar's token."""
    new = ids()
    return Init(
        arrival=arrival(
            at, new, observed=replace(OBSERVED, address=address or address_of(fingerprint or jar or new.session))
        ),
        message=Message(f"m-{new.session}", "init", None, f"hash-{new.session}"),
        jar_id=jar or f"j-{new.session}",
        jar_kind="issued",
        jar_method=Method.TOKEN if jar else Method.NEW,
        fingerprint=Fingerprint(fingerprint, 0.7, "{}") if fingerprint else None,
        user_id=user_id,
        reset=reset,
        consent=True,
    )


def event(session_id: str, *, at: datetime = NOON, name: str = "click") -> Track:
    new = ids()
    return Track(
        arrival=arrival(at, new),
        message=Message(f"m-{new.event}", "track", session_id, f"hash-{new.event}"),
        session_id=session_id,
        event_id=new.event,
        name=name,
        properties="{}",
    )


def login(session_id: str, user_id: str, *, at: datetime = NOON, received_at: datetime | None = None) -> Identify:
    new = ids()
    return Identify(
        arrival=arrival(at, new, received_at=received_at),
        message=Message(f"m-{new.event}", "identify", session_id, f"hash-{new.event}"),
        session_id=session_id,
        user_id=user_id,
        verified=False,
        properties="{}",
    )


def log_in(tx: Transaction, command: Identify) -> Identified:
    """Record one login, as a call does; a refusal is raised."""
    return only(identify.act(tx, [command]))


def erasure(subject_id: str, *, kind: Person = "user", at: datetime = NOON, keys: Sequence[str] = ("key",)) -> Erase:
    """An erasure whose tombstones are made by the first of the secret keys."""
    return Erase(kind=kind, id=subject_id, hashing=hashing_of(keys, TENANT), clock=lambda: at, **by_whom(at))


def rest(command: Erase) -> Rest:
    """What the batches of an erasure need."""
    return Rest(command.policy, command.hashing, command.change.at, command.ids)


def merge(visitor_id: str, into: str, *, at: datetime = NOON, force: bool = False) -> Merge:
    return Merge(
        visitor_id=visitor_id,
        into=into,
        is_forced=force,
        **by_whom(at, "a test" if force else None),
    )


def split(
    visitor_id: str,
    *,
    jar_id: str | None = None,
    tenure_id: str | None = None,
    fingerprint: str | None = None,
    at: datetime = NOON,
) -> Split:
    return Split(
        visitor_id=visitor_id,
        jar_id=jar_id,
        tenure_id=tenure_id,
        fingerprint=fingerprint,
        **by_whom(at),
    )


def release(user_id: str, visitor_id: str, *, at: datetime = NOON) -> Release:
    """A removal: the user is taken from the visitor."""
    return Release(
        user_id=user_id,
        visitor_id=visitor_id,
        **by_whom(at),
    )


def hiding(user_id: str, visitor_id: str | None = None, *, at: datetime = NOON) -> Visibility:
    """A change that hides a user, or their relationship with a visitor."""
    return Visibility(
        user_id=user_id,
        visitor_id=visitor_id,
        visible=False,
        **by_whom(at),
    )


def put(user_id: str, visitor_id: str, *, confidence: float = 90.0, at: datetime = NOON) -> Put:
    """A statement: the caller says how sure it is that the user used the visitor."""
    new = ids()
    return Put(
        message=Message(f"m-{new.event}", CALL, None, f"hash-{new.event}"),
        user_id=user_id,
        visitor_id=visitor_id,
        confidence=confidence,
        claims=False,
        change=Change(new.change, at, "key:test"),
        policy=POLICY,
        ids=new,
    )
