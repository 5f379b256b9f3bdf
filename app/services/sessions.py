"""Find the session that a call without one belongs to, or begin it."""

from dataclasses import replace

from app.services import identify, init
from graph.database import Transaction
from graph.errors import IdentityGraphError
from graph.rules import sessions
from graph.store import identify as logins
from graph.store import init as visits
from graph.store import sessions as store


def find_or_begin(tx: Transaction, begin: init.Init, login: identify.Identify | None = None) -> str:
    """The id of the session that the jar of `begin` has at its time, begun where there is none.

    `login` claims it, for calls that name a user instead of a session.
    """
    tenant = begin.tenant
    jar = {"jar_id": begin.jar_id, "jar_kind": begin.jar_kind, "fingerprint": None, "components": None, "at": begin.at}
    visits.lock(tx, tenant, [jar])
    latest = store.latest(tx, tenant, begin.jar_id)
    if latest is not None and sessions.accepts(
        latest.started_at, latest.last_seen, begin.at, begin.received_at, begin.policy
    ):
        return latest.session_id
    [begun] = init.act(tx, [replace(begin, message=None)])
    if isinstance(begun, IdentityGraphError):
        raise begun
    if login is not None:
        found = logins.gather(tx, tenant, begun.session_id, begin.at)
        if found is not None:
            identify.claim(tx, replace(login, session_id=begun.session_id), found)
    return begun.session_id
