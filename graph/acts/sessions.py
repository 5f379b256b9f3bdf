"""Find or begin the session of a call that names a jar or a user instead of a session."""

from dataclasses import dataclass, replace

from graph.acts import identify, init, track
from graph.acts.later import only
from graph.errors import IdentityGraphError
from graph.model import Message
from graph.rules import sessions
from graph.store import identify as logins
from graph.store import messages
from graph.store import sessions as store
from graph.transaction import Transaction


@dataclass(frozen=True)
class Beginning:
    """The visit that a new session begins with, and the login that claims it if the call names a user."""

    visit: init.Init
    login: identify.Identify | None


def track_on(tx: Transaction, command: track.Track, beginning: Beginning) -> track.Tracked:
    """Record an event on the session that the jar has at the event's time.

    A refusal is raised, so that a session that was begun for the event is rolled back too.
    """
    session_id = find_or_begin(tx, beginning, command.message, None)
    [result] = track.act(tx, [replace(command, session_id=session_id)])
    if isinstance(result, IdentityGraphError):
        raise result
    return result


def identify_on(tx: Transaction, command: identify.Identify, beginning: Beginning) -> identify.Identified:
    """Record a login on the session that the jar has at the login's time.

    A refusal is raised, so that a session that was begun for the login is rolled back too.
    """
    session_id = find_or_begin(tx, beginning, command.message, command)
    return only(identify.act(tx, [replace(command, session_id=session_id)]))


def find_or_begin(tx: Transaction, beginning: Beginning, message: Message, login: identify.Identify | None) -> str:
    """Return the id of the session that the visit's jar has at the visit's time; begin one if there is none.

    A repeat of an answered call begins nothing. `login` is the login that the caller records on the session afterwards,
    if it does.

    The jar's latest session is read before its visitor is locked. This is safe, since only the holder of the jar's lock
    gives the jar another latest session. An event that arrives in the meantime can only prolong the session that was
    read.
    """
    visit = beginning.visit
    store.lock_jar(tx, visit.jar_id, visit.jar_kind, visit.arrival.at)
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
        # The visit locks the jar's visitor, the login the whole merge group. Locked together, they are in order.
        identify.lock(tx, [replace(login, session_id=latest.session_id)])
    begun = only(init.act(tx, [visit]))
    if beginning.login is not None:
        _claim(tx, replace(beginning.login, session_id=begun.session_id))
    return begun.session_id


def _claim(tx: Transaction, login: identify.Identify) -> None:
    """Claim the tenure of a session that was just begun for the login's user."""
    [locked] = identify.lock(tx, [login]).values()
    facts = logins.gather_one(tx, login.session_id, login.user_id, login.arrival.at)
    if facts is None:
        raise RuntimeError("the session was just begun")
    only(identify.claim(tx, [identify.Login(login, facts, locked)]))
