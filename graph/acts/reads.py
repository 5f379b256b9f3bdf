"""Read a visitor, user, session or identity, and who it belongs to; hidden users and relationships are left out."""

from dataclasses import replace
from typing import TypeVar

from graph.acts import weigh
from graph.errors import NotFound
from graph.model import Standing
from graph.rules.identifiers import kept_id
from graph.rules.probable import Bound
from graph.store import identities, sessions, users, visitors
from graph.transaction import Transaction

T = TypeVar("T")


def visitor(
    tx: Transaction, visitor_id: str, bound: Bound, after: visitors.PartsPlace, limit: int
) -> tuple[visitors.Visitor, Standing]:
    """Return a visitor, with a page of its parts, and the standing of its latest tenure; may raise `NotFound`."""
    found = found_visitor(visitors.get(tx, visitor_id, after, limit))
    return found, _shown(tx, found.latest_tenure_id, found, bound)


def user(tx: Transaction, user_id: str) -> users.User:
    """Return a user, by an id in any spelling that `identify` accepts for it.

    Raises:
        NotFound: There is no such user, or it is hidden.
    """
    return found_user(users.get.one_or_none(tx, user_id=kept_id(user_id)))


def find_user(tx: Transaction, user_id: str) -> None:
    """Raise `NotFound` if there is no such user or it is hidden, at the same cost however many visitors the user has."""
    found_user(users.find.one_or_none(tx, user_id=kept_id(user_id)))


def find_visitor(tx: Transaction, visitor_id: str) -> None:
    """Raise `NotFound` if there is no such visitor."""
    found_visitor(visitors.survivors(tx, [visitor_id]).get(visitor_id))


def found_user(found: T | None) -> T:
    """Return what was read of a user; raise `NotFound` if there is no such user."""
    if found is None:
        raise NotFound("there is no such user", code="user_not_found")
    return found


def found_visitor(found: T | None) -> T:
    """Return what was read of a visitor; raise `NotFound` if there is no such visitor."""
    if found is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    return found


def session(tx: Transaction, session_id: str, bound: Bound) -> tuple[sessions.Session, Standing]:
    """Return a session and the standing of its tenure; raise `NotFound` if there is no such session."""
    row = sessions.get.one_or_none(tx, session_id=session_id)
    if row is None:
        raise NotFound("there is no such session", code="session_not_found")
    return row, _shown(tx, row.tenure_id, row, bound)


def identity(tx: Transaction, identity_id: str, bound: Bound) -> Standing:
    """Return the standing of a tenure or user, by its identity id.

    Raises:
        NotFound: There is no such identity, or it is a hidden user.
    """
    return _shown(tx, identity_id, identities.get.one_or_none(tx, identity_id=identity_id), bound)


def members(
    tx: Transaction, identity_id: str, bound: Bound, before: str | None, limit: int
) -> tuple[Standing, identities.Members]:
    """Return the standing of a tenure or user, and a page of the identity that it belongs to; may raise `NotFound`."""
    standing = identity(tx, identity_id, bound)
    return standing, identities.members.one(tx, identity_id=standing.identity_id, before=before, limit=limit)


def _shown(
    tx: Transaction,
    identity_id: str,
    found: identities.Found | visitors.FoundVisitor | sessions.FoundSession | None,
    bound: Bound,
) -> Standing:
    """Return the standing as a reader may see it; raise `NotFound` if there is none, or of a hidden user."""
    shown = None
    if found is not None:
        [resolved] = weigh.weigh(tx, [found.resolved], bound.policy)
        shown = resolved.shown(identity_id, bound, found.hidden_ids)
    shown = _found_identity(shown)
    return replace(shown, identity_id=shown.person_id)


def _found_identity(found: T | None) -> T:
    if found is None:
        raise NotFound("there is no such identity", code="identity_not_found")
    return found
