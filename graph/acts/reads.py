"""Read one visitor, user, session or identity, and whose it is, as far as that may be shown."""

from graph.errors import NotFound
from graph.model import Standing
from graph.rules.identifiers import kept_id
from graph.rules.probable import Bound
from graph.store import identities, sessions, users, visitors
from graph.transaction import Transaction


def visitor(tx: Transaction, visitor_id: str, bound: Bound) -> tuple[visitors.Visitor, Standing]:
    """One visitor and whose its latest tenure is; raises `NotFound`."""
    found = visitors.get.one_or_none(tx, visitor_id=visitor_id)
    if found is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    return found, identity(tx, found.latest_tenure_id, bound)


def user(tx: Transaction, user_id: str) -> users.User:
    """One user, by an id in any spelling that `identify` takes for it; raises `NotFound`."""
    found = users.get.one_or_none(tx, user_id=kept_id(user_id))
    if found is None:
        raise NotFound("there is no such user", code="user_not_found")
    return found


def find_user(tx: Transaction, user_id: str) -> users.UserIds:
    """A user's ids, which cost the same however much is known of them; raises `NotFound`."""
    found = users.find.one_or_none(tx, user_id=kept_id(user_id))
    if found is None:
        raise NotFound("there is no such user", code="user_not_found")
    return found


def find_visitor(tx: Transaction, visitor_id: str) -> str:
    """The id of the visitor that one was merged into, its own where it was not; raises `NotFound`."""
    found = visitors.survivors(tx, [visitor_id]).get(visitor_id)
    if found is None:
        raise NotFound("there is no such visitor", code="visitor_not_found")
    return found


def session(tx: Transaction, session_id: str, bound: Bound) -> tuple[sessions.Session, Standing]:
    """One session and whose it is; raises `NotFound`."""
    found = sessions.get.one_or_none(tx, session_id=session_id)
    if found is None:
        raise NotFound("there is no such session", code="session_not_found")
    return found, identity(tx, found.tenure_id, bound)


def identity(tx: Transaction, identity_id: str, bound: Bound) -> Standing:
    """Whom the id of a tenure or user belongs to; raises `NotFound`, for a hidden user's, too."""
    standing = identities.resolve(tx, [identity_id], bound).get(identity_id)
    shown = _shown(tx, identity_id, standing) if standing is not None else None
    if shown is None:
        raise NotFound("there is no such identity", code="identity_not_found")
    return shown


def _shown(tx: Transaction, identity_id: str, standing: Standing) -> Standing | None:
    """A standing as it may be told to a reader: nothing of it leads to who is hidden; None for a hidden user's own.

    Acts go by the standing itself: what is hidden still owns and still protects.
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
    """Whom an identity id belongs to, and what that consists of; raises `NotFound`."""
    standing = identity(tx, identity_id, bound)
    return standing, identities.members.one(tx, identity_id=standing.identity_id)
