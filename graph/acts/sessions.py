"""Calls that name a jar or a user instead of a session: the session is found or begun."""

from dataclasses import dataclass, replace

from graph.acts import identify, init, track
from graph.errors import IdentityGraphError
from graph.model import Message
from graph.rules import sessions
from graph.store import identify as logins
from graph.store import init as visits
from graph.store import messages
from graph.store import sessions as store
from graph.transaction import Transaction


@dataclass(frozen=True)
class Beginning:
    """The visit that a session would begin with, and the login that would claim it where a user was named."""

    visit: init.Init
    login: identify.Identify | None


def track_on(tx: Transaction, command: track.Track, beginning: Beginning) -> track.Tracked:
    """Record an event on the session that the jar has at that time.

    Raises what refuses it, so that the session it would have begun is rolled back with it.
    """
    session_id = find_or_begin(tx, beginning, command.message, None)
    [result] = track.act(tx, [replace(command, session_id=session_id)])
    if isinstance(result, IdentityGraphError):
        raise result
    return result


def identify_on(tx: Transaction, command: identify.Identify, beginning: Beginning) -> identify.Identified:
    """Record a login on the session that the jar has at that time."""
    return identify.act(tx, replace(command, session_id=find_or_begin(tx, beginning, command.message, command)))


def find_or_begin(tx: Transaction, beginning: Beginning, message: Message, login: identify.Identify | None) -> str:
    """The id of the session that the visit's jar has at its time, begun where there is none.

    A repeat of an answered call begins nothing. `login` is what follows on the session, if it is a login.

    The jar's latest session is read before its visitor is locked, which is safe: only the holder of the jar's lock gives
    the jar another latest session. An event that arrives meanwhile may only prolong the one that was read.
    """
    visit = beginning.visit
    jar = {
        "jar_id": visit.jar_id,
        "jar_kind": visit.jar_kind,
        "fingerprint": None,
        "fingerprint_crowd": visit.arrival.policy.fingerprint_crowd,
        "components": None,
        "at": visit.arrival.at,
    }
    visits.lock(tx, [jar])
    latest = store.latest.one_or_none(tx, jar_id=visit.jar_id)
    if latest is not None and (
        sessions.accepts(
            latest.started_at, latest.last_seen, visit.arrival.at, visit.arrival.received_at, visit.arrival.policy
        )
        or message.message_id in messages.find(tx, [message.message_id])
    ):
        return latest.session_id
    login = login or beginning.login
    if latest is not None and login is not None:
        # The visit locks the jar's visitor, the login all of that one's merge group: together they are in order.
        identify.lock(tx, replace(login, session_id=latest.session_id))
    [begun] = init.act(tx, [visit])
    if isinstance(begun, IdentityGraphError):
        raise begun
    if beginning.login is not None:
        found = logins.gather.one_or_none(
            tx, session_id=begun.session_id, user_id=beginning.login.user_id, at=visit.arrival.at
        )
        if found is not None:
            logins.lock(tx, begun.session_id, [])
            identify.claim(tx, replace(beginning.login, session_id=begun.session_id), found)
    return begun.session_id
