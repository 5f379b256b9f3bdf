"""Find or begin the session of a call that names a jar or a user instead of a session."""

from dataclasses import dataclass, replace
from typing import TypeVar

from graph.acts import identify, init, track
from graph.acts.later import only
from graph.errors import Gone, IdentityGraphError
from graph.model import Message
from graph.rules import sessions
from graph.rules.contradiction import Appearance, contradiction
from graph.store import identify as logins
from graph.store import messages
from graph.store import sessions as store
from graph.transaction import Rung, Transaction

C = TypeVar("C", track.Track, identify.Identify)


@dataclass(frozen=True)
class Beginning:
    """What a call on a session needs before it: a session, or a login.

    `visit` is what a new session begins with; it is None if the call names its session. `login` claims a session that
    begins, if the call names only a user. `stated` is the login that a server states beside a session or a browser: whose
    the event is. `begins` says that a session may begin; not for a call whose time nobody can know.
    """

    visit: init.Init | None
    login: identify.Identify | None = None
    stated: identify.Identify | None = None
    begins: bool = True


def track_on(tx: Transaction, command: track.Track, beginning: Beginning) -> track.Tracked:
    """Record an event on the session that the jar has at the event's time.

    A refusal is raised, so that a session that was begun for the event is rolled back too.
    """
    if beginning.visit is not None:
        session = find_or_begin(tx, beginning.visit, beginning, command.message)
        command = _on(session, command, beginning.visit)
    if beginning.stated is not None:
        command = _log_in(tx, command, replace(beginning.stated, session_id=command.session_id))
    [result] = track.act(tx, [command])
    if isinstance(result, IdentityGraphError):
        raise result
    return result


def identify_on(tx: Transaction, command: identify.Identify, beginning: Beginning) -> identify.Identified:
    """Record a login on the session that the jar has at the login's time.

    A refusal is raised, so that a session that was begun for the login is rolled back too.
    """
    if beginning.visit is not None:
        session = find_or_begin(tx, beginning.visit, replace(beginning, stated=command), command.message)
        command = _on(session, command, beginning.visit)
    return only(identify.act(tx, [command]))


@dataclass(frozen=True)
class Opened:
    """The session of a call, with the codes of the warnings with which it was begun for the call."""

    session_id: str
    warnings: tuple[str, ...] = ()


def find_or_begin(tx: Transaction, visit: init.Init, beginning: Beginning, message: Message) -> Opened:
    """Return the session that the visit's jar has at the visit's time; begin one if there is none.

    If the jar is contradicted, it is that of the visit's spare jar. A repeat of an answered call begins nothing. `beginning.stated` is the login that the caller makes on the session
    afterwards, if it does.

    The jar's latest session is read before its visitor is locked. This is safe, since only the holder of the jar's lock
    gives the jar another latest session. An event that arrives in the meantime can only prolong the session that was
    read.
    """
    if not store.lock_jar(tx, visit.jar_id, visit.jar_kind, visit.arrival.at):
        if messages.find(tx, [message.kept_id]):
            return Opened("")
        visit = init.on_spare_jar(visit)
        store.lock_jar(tx, visit.jar_id, visit.jar_kind, visit.arrival.at)
    latest = store.latest.one_or_none(tx, jar_id=visit.jar_id)
    if latest is not None and contradiction(
        Appearance(latest.os, latest.device_class), init.shows(visit), visit.arrival.policy
    ):
        # Another browser than the session's. The visit marks the jar, and begins on one of its own.
        latest = None
    if latest is not None and sessions.accepts(
        latest.started_at, latest.last_seen, visit.arrival.at, visit.arrival.received_at, visit.arrival.policy
    ):
        return Opened(latest.session_id)
    if messages.find(tx, [message.kept_id]):
        # The repeat gets its answer by the message id. Without consent its jar is another one, which has no session.
        return Opened(latest.session_id if latest is not None else "")
    if not beginning.begins:
        raise Gone("this call is older than late deliveries may be, and no session is open now")
    login = beginning.stated or beginning.login
    if latest is not None and login is not None:
        # The visit locks the jar's visitor, the login the whole merge group. Locked together, they are in order.
        identify.lock(tx, [replace(login, session_id=latest.session_id)])
    begun = only(init.act(tx, [visit]))
    if beginning.login is not None:
        _claim(tx, replace(beginning.login, session_id=begun.session_id))
    return Opened(begun.session_id, begun.warnings)


def _on(session: Opened, command: C, visit: init.Init) -> C:
    """Return a call that named a jar as one on the session that was found or begun for it."""
    return replace(command, session_id=session.session_id, begun_with=session.warnings, jar_id=visit.jar_id)


def _log_in(tx: Transaction, command: track.Track, login: identify.Identify) -> track.Track:
    """Log the user in whose event it is, once a session, and return the event, which is the login then.

    Raises:
        Overtaken: The visitor was merged into another one in the meantime.
    """
    locked = list(identify.lock(tx, [login]).values())
    login = identify.in_session(login, locked[0] if locked else None)
    facts = logins.gather_one(tx, login.session_id, login.user_id, login.arrival.at)
    if facts is None or not locked:
        # There is no such session, as `track` says.
        return command
    if messages.find(tx, [command.message.kept_id]):
        return command
    is_theirs = facts.held is not None and facts.held.user_id == login.user_id
    if is_theirs and store.has_login.one(tx, session_id=facts.session_id, user_id=login.user_id).has_login:
        return command
    tx.locks.require(Rung.VISITOR, [facts.visitor_id, facts.survivor_id], "the visitor was merged just now")
    identify.carry(tx, [(login, _claimed(tx, login, facts, locked[0]))])
    # The event is the login, so it is at the time from which the login counts.
    return replace(command, login_user_id=login.user_id, arrival=replace(command.arrival, at=login.arrival.at))


def _claim(tx: Transaction, login: identify.Identify) -> None:
    """Claim the tenure of a session that was just begun for the login's user."""
    [locked] = identify.lock(tx, [login]).values()
    facts = logins.gather_one(tx, login.session_id, login.user_id, login.arrival.at)
    if facts is None:
        raise RuntimeError("the session was just begun")
    _claimed(tx, login, facts, locked)


def _claimed(
    tx: Transaction, login: identify.Identify, facts: logins.LoginFacts, locked: logins.LockedLogin
) -> identify.ClaimedLogin:
    [claimed] = identify.claim(tx, [identify.Login(login, facts, locked)])
    if claimed is None:
        raise RuntimeError("a server's login is never one too many")
    return claimed
