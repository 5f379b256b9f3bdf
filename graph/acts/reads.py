"""Read a visitor, user, session or identity, and who it belongs to; hidden users and relationships are left out."""

from graph.errors import NotFound
from graph.model import Standing
from graph.rules.identifiers import kept_id
from graph.rules.probable import Bound
from graph.store import identities, sessions, users, visitors
from graph.transaction import Transaction


def visitor(tx: Transaction, visitor_id: str, bound: Bound) -> tuple[visitors.Visitor, Standing]:
    """Return a visitor and the standing of its latest tenure; raise `NotFound` if there is no such visitor."""
    row = visitors.get.one_or_none(tx, visitor_id=visitor_id)
    if row is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    return row, identity(tx, row.latest_tenure_id, bound)


def user(tx: Transaction, user_id: str) -> users.User:
    """Return a user, by an id in any spelling that `identify` accepts for it.

    Raises:
        NotFound: There is no such user, or it is hidden.
    """
    row = users.get.one_or_none(tx, user_id=kept_id(user_id))
    if row is None:
        raise NotFound("there is no such user", code="user_not_found")
    return row


def find_user(tx: Transaction, user_id: str) -> users.UserIds:
    """Return a user's ids, at the same cost however many visitors the user has.

    Raises:
        NotFound: There is no such user, or it is hidden.
    """
    row = users.find.one_or_none(tx, user_id=kept_id(user_id))
    if row is None:
        raise NotFound("there is no such user", code="user_not_found")
    return row


def find_visitor(tx: Transaction, visitor_id: str) -> str:
    """Return the id of the survivor of a visitor's merge group; raise `NotFound` if there is no such visitor."""
    survivor_id = visitors.survivors(tx, [visitor_id]).get(visitor_id)
    if survivor_id is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    return survivor_id


def session(tx: Transaction, session_id: str, bound: Bound) -> tuple[sessions.Session, Standing]:
    """Return a session and the standing of its tenure; raise `NotFound` if there is no such session."""
    row = sessions.get.one_or_none(tx, session_id=session_id)
    if row is None:
        raise NotFound("there is no such session", code="session_not_found")
    return row, identity(tx, row.tenure_id, bound)


def identity(tx: Transaction, identity_id: str, bound: Bound) -> Standing:
    """Return the standing of a tenure or user, by its identity id.

    Raises:
        NotFound: There is no such identity, or it is a hidden user.
    """
    standing = identities.resolve(tx, [identity_id], bound).get(identity_id)
    shown = _shown(tx, identity_id, standing) if standing is not None else None
    if shown is None:
        raise NotFound("there is no such identity", code="identity_not_found")
    return shown


def _shown(tx: Transaction, identity_id: str, standing: Standing) -> Standing | None:
    """Return the standing as a reader may see it: nothing in it leads to a hidden user or relationship.

    - A tenure that belongs to a hidden user has the method `hidden`.
    - A tenure with an inference that leads to a hidden user has its standing by facts alone.
    - A hidden user itself has none: the result is None.

    Acts use the standing itself, since what is hidden still owns and still protects.
    """
    leads_to_a_user = standing.user_id is not None or standing.method == "probable"
    if not leads_to_a_user or not identities.is_hidden(tx, identity_id, standing.identity_id):
        return standing
    if identity_id == standing.identity_id:
        return None
    if standing.method == "probable":
        return identities.certainly(tx, [identity_id])[identity_id]
    return Standing(identity_id, None, "hidden", 1.0)


def members(tx: Transaction, identity_id: str, bound: Bound) -> tuple[Standing, identities.Members]:
    """Return the standing of a tenure or user, and the members of the identity that it belongs to; may raise `NotFound`."""
    standing = identity(tx, identity_id, bound)
    return standing, identities.members.one(tx, identity_id=standing.identity_id)
