"""Calls that name a jar or a user instead of a session: the session is found or begun."""

from dataclasses import dataclass, replace

from graph.acts import identify, init, track
from graph.database import Transaction
from graph.errors import IdentityGraphError
from graph.model import Message
from graph.rules import sessions
from graph.store import identify as logins
from graph.store import init as visits
from graph.store import messages
from graph.store import sessions as store


@dataclass(frozen=True)
class Beginning:
    """The visit that a session would begin with, and the login that would claim it where a user was named."""

    visit: init.Init
    login: identify.Identify | None


def track_on(tx: Transaction, command: track.Track, beginning: Beginning) -> track.Tracked:
    """Record an event on the session that the jar has at that time.

    Raises what refuses it, so that the session it would have begun is rolled back with it.
    """
    session_id = find_or_begin(tx, beginning, command.message)
    [result] = track.act(tx, [replace(command, session_id=session_id)])
    if isinstance(result, IdentityGraphError):
        raise result
    return result


def identify_on(tx: Transaction, command: identify.Identify, beginning: Beginning) -> identify.Identified:
    """Record a login on the session that the jar has at that time."""
    return identify.act(tx, replace(command, session_id=find_or_begin(tx, beginning, command.message)))


def find_or_begin(tx: Transaction, beginning: Beginning, message: Message) -> str:
    """The id of the session that the visit's jar has at its time, begun where there is none.

    A repeat of an answered call begins nothing.
    """
    visit = beginning.visit
    jar = {
        "jar_id": visit.jar_id,
        "jar_kind": visit.jar_kind,
        "fingerprint": None,
        "fingerprint_crowd": visit.policy.fingerprint_crowd,
        "components": None,
        "at": visit.at,
    }
    visits.lock(tx, visit.tenant, [jar])
    latest = store.latest(tx, visit.tenant, visit.jar_id)
    if latest is not None and (
        sessions.accepts(latest.started_at, latest.last_seen, visit.at, visit.received_at, visit.policy)
        or message.message_id in messages.find(tx, visit.tenant, [message.message_id])
    ):
        return latest.session_id
    [begun] = init.act(tx, [visit])
    if isinstance(begun, IdentityGraphError):
        raise begun
    if beginning.login is not None:
        found = logins.gather(tx, visit.tenant, begun.session_id, beginning.login.user_id, visit.at)
        if found is not None:
            login = replace(beginning.login, session_id=begun.session_id)
            locked = logins.lock(tx, visit.tenant, begun.session_id, [])
            identify.claim(tx, login, found, locked=locked)
    return begun.session_id
