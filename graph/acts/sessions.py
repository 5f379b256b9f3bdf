"""Find or begin the session of a call that names a jar or a user instead of a session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from graph.acts import identify, init, track
from graph.acts.later import Later, only
from graph.errors import Gone, IdentityGraphError
from graph.model import Message
from graph.rules import sessions
from graph.rules.contradiction import Appearance, contradiction
from graph.rules.grouping import Keys
from graph.store import identify as logins_store
from graph.store import messages
from graph.store import sessions as store
from graph.transaction import Rung, Transaction

C = TypeVar("C", track.Track, identify.Identify)
R = TypeVar("R")


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


@dataclass(frozen=True)
class OnVisit(Generic[C]):
    """A call that needs a session, or a login, before it."""

    command: C
    beginning: Beginning


def keys(call: OnVisit[C]) -> Keys:
    """Return what keeps such calls from sharing a transaction: a jar, a session or a message id in common."""
    visit = call.beginning.visit
    named = f"jar:{visit.jar_id}" if visit is not None else f"session:{call.command.session_id}"
    return Keys(apart=frozenset({named, f"message:{call.command.message.kept_id}"}))


def track_on(tx: Transaction, command: track.Track, beginning: Beginning) -> track.Tracked:
    """Record an event on the session that the jar has at the event's time; raises a refusal as `track_each_on` does."""
    return only(track_each_on(tx, [OnVisit(command, beginning)]))


def track_each_on(tx: Transaction, calls: Sequence[OnVisit[track.Track]]) -> list[track.Tracked | Later]:
    """Record events, each on the session that its jar has at the event's time; return one result for each.

    No two have a key in common. The graph is the one that the calls make one by one in the order of the list, as long as at
    most one of those that have to do with each other begins with a login. A refusal is raised, so that the sessions that
    were begun for the events are rolled back too. Whoever sent several then makes each alone.
    """
    commands, later, first = _on_each(tx, calls)
    stated = {
        i: replace(stated, session_id=commands[i].session_id)
        for i, call in enumerate(calls)
        if i in commands and (stated := call.beginning.stated) is not None
    }
    commands |= _log_in_each(tx, first, {i: (commands[i], login) for i, login in stated.items()})
    return _in_order(commands, track.act(tx, list(commands.values())) if commands else [], later)


def identify_on(tx: Transaction, command: identify.Identify, beginning: Beginning) -> identify.Identified:
    """Record a login on the session that the jar has at the login's time; raises a refusal as `identify_each_on` does."""
    return only(identify_each_on(tx, [OnVisit(command, beginning)]))


def identify_each_on(tx: Transaction, calls: Sequence[OnVisit[identify.Identify]]) -> list[identify.Identified | Later]:
    """Record logins, each on the session that its jar has at the login's time; all else is as with `track_each_on`."""
    commands, later, first = _on_each(tx, [_stating(call) for call in calls])
    if first:
        # Visitors are locked before users, so those of all logins are locked before the first ones claim anything.
        locked = identify.lock(tx, [*first.values(), *(commands[i] for i in commands.keys() - first.keys())])
        _claimed(tx, _first_logins(tx, list(first.values()), locked))
    return _in_order(commands, identify.act(tx, list(commands.values())) if commands else [], later)


def _stating(call: OnVisit[identify.Identify]) -> OnVisit[identify.Identify]:
    """Return a login that states itself beside the jar that it names, if it names one.

    A login of the user whose session it begins is that session's first, so that no other login comes before it: one call
    is one login.
    """
    beginning = call.beginning
    if beginning.visit is None:
        return call
    is_first = beginning.login is not None and beginning.login.user_id == call.command.user_id
    login = None if is_first else beginning.login
    return replace(call, beginning=replace(beginning, login=login, stated=call.command))


def _in_order(
    commands: Mapping[int, C], results: Sequence[R | IdentityGraphError | Later], later: Mapping[int, Later]
) -> list[R | Later]:
    """Return the results of calls in the order of their numbers; raise the first refusal."""
    by_number: dict[int, R | Later] = dict(later)
    for i, result in zip(commands, results, strict=True):
        if isinstance(result, IdentityGraphError):
            raise result
        by_number[i] = result
    return [by_number[i] for i in sorted(by_number)]


def _on_each(
    tx: Transaction, calls: Sequence[OnVisit[C]]
) -> tuple[dict[int, C], dict[int, Later], dict[int, identify.Identify]]:
    """Return calls as calls on sessions, which are found or begun, and those that have to run later, by their numbers.

    The third result has the logins by which sessions begin that calls name only a user for.
    """
    commands: dict[int, C] = {}
    later: dict[int, Later] = {}
    first: dict[int, identify.Identify] = {}
    wanted: dict[int, NeedsSession] = {}
    for i, call in enumerate(calls):
        if call.beginning.visit is None:
            commands[i] = call.command
        else:
            wanted[i] = NeedsSession(call.beginning.visit, call.beginning, call.command.message)
    opened = find_or_begin_each(tx, list(wanted.values())) if wanted else []
    for (i, want), session in zip(wanted.items(), opened, strict=True):
        if isinstance(session, Later):
            later[i] = session
        else:
            commands[i] = replace(
                calls[i].command,
                session_id=session.session_id,
                begun_with=session.warnings,
                jar_id=want.visit.jar_id,
            )
            if session.is_new and want.beginning.login is not None:
                first[i] = replace(want.beginning.login, session_id=session.session_id)
    return {i: commands[i] for i in sorted(commands)}, later, first


@dataclass(frozen=True)
class NeedsSession:
    """What a call needs a session for: its visit, what has to be before the call, and its message."""

    visit: init.Init
    beginning: Beginning
    message: Message


@dataclass(frozen=True)
class Opened:
    """The session of a call, with the codes of the warnings with which it was begun, if it was begun for the call."""

    session_id: str
    warnings: tuple[str, ...] = ()
    is_new: bool = False


def find_or_begin_each(tx: Transaction, wanted: Sequence[NeedsSession]) -> list[Opened | Later]:
    """Return the session that each visit's jar has at the visit's time; begin one where there is none.

    If a jar is contradicted, it is that of the visit's spare jar. A repeat of an answered call begins nothing.
    `beginning.stated` is the login that the caller makes on the session afterwards, if it does. A refusal is raised.

    A jar's latest session is read before its visitor is locked. This is safe, since only the holder of the jar's lock
    gives the jar another latest session. An event that arrives in the meantime can only prolong the session that was
    read.
    """
    visits, opened = _with_locked_jars(tx, wanted)
    latest = store.latest(tx, [visit.jar_id for visit in visits.values()]) if visits else {}
    missing = []
    for i, visit in visits.items():
        session = latest.get(visit.jar_id)
        if session is not None and contradiction(
            Appearance(session.os, session.device_class), init.shows(visit), visit.arrival.policy
        ):
            # Another browser than the session's. The visit marks the jar, and begins on one of its own.
            del latest[visit.jar_id]
        elif session is not None and sessions.accepts(
            session.started_at, session.last_seen, visit.arrival.at, visit.arrival.received_at, visit.arrival.policy
        ):
            opened[i] = Opened(session.session_id)
            continue
        missing.append(i)
    answered = messages.find(tx, [wanted[i].message.kept_id for i in missing]) if missing else {}
    begins: list[int] = []
    for i in missing:
        if wanted[i].message.kept_id in answered:
            # The repeat gets its answer by the message id. Without consent its jar is another one, which has no session.
            session = latest.get(visits[i].jar_id)
            opened[i] = Opened(session.session_id if session is not None else "")
        elif not wanted[i].beginning.begins:
            raise Gone("this call is older than late deliveries may be, and no session is open now")
        else:
            begins.append(i)
    if begins:
        opened |= _begin_each(tx, {i: (visits[i], wanted[i].beginning) for i in begins}, latest)
    return [opened[i] for i in range(len(wanted))]


def _with_locked_jars(
    tx: Transaction, wanted: Sequence[NeedsSession]
) -> tuple[dict[int, init.Init], dict[int, Opened | Later]]:
    """Lock the jars of visits, and return the visits by their numbers, on spare jars where theirs are contradicted.

    The second result has the repeats of answered calls among these, which need no session.
    """
    locked = store.lock_jars(tx, [_jar(want.visit) for want in wanted])
    contradicted = [want for want in wanted if want.visit.jar_id not in locked]
    answered = messages.find(tx, [want.message.kept_id for want in contradicted]) if contradicted else {}
    visits: dict[int, init.Init] = {}
    opened: dict[int, Opened | Later] = {}
    for i, want in enumerate(wanted):
        if want.visit.jar_id in locked:
            visits[i] = want.visit
        elif want.message.kept_id in answered:
            opened[i] = Opened("")
        else:
            visits[i] = init.on_spare_jar(want.visit)
    if spares := [_jar(visit) for i, visit in visits.items() if visit is not wanted[i].visit]:
        store.lock_jars(tx, spares)
    return visits, opened


def _jar(visit: init.Init) -> store.JarToLock:
    return store.JarToLock(visit.jar_id, visit.jar_kind, visit.arrival.at)


def _begin_each(
    tx: Transaction, visits: Mapping[int, tuple[init.Init, Beginning]], latest: Mapping[str, store.Latest]
) -> dict[int, Opened | Later]:
    """Begin the sessions of visits whose jars are locked."""
    before = [
        replace(login, session_id=session.session_id)
        for visit, beginning in visits.values()
        if (login := beginning.stated or beginning.login) is not None and (session := latest.get(visit.jar_id))
    ]
    if before:
        # The visit locks the jar's visitor, the login the whole merge group. Those of one call are locked in order. With
        # several calls, as an import makes, the visits' visitors come after the logins', and a deadlock is run again.
        identify.lock(tx, before)
    opened: dict[int, Opened | Later] = {}
    begun = init.act(tx, [visit for visit, _ in visits.values()], in_order=True)
    for i, result in zip(visits, begun, strict=True):
        if isinstance(result, IdentityGraphError):
            raise result
        if isinstance(result, Later):
            opened[i] = result
        else:
            opened[i] = Opened(result.session_id, result.warnings, is_new=True)
    return opened


def _log_in_each(
    tx: Transaction,
    first: Mapping[int, identify.Identify],
    stated: Mapping[int, tuple[track.Track, identify.Identify]],
) -> dict[int, track.Track]:
    """Log users in: by the `first` logins of sessions that begin, and by events that state whose they are.

    The latter log in once a session. Return these events, which are the logins then.

    Raises:
        Overtaken: A visitor was merged into another one in the meantime.
    """
    if not (first or stated):
        return {}
    locked = identify.lock(tx, [*first.values(), *(login for _, login in stated.values())])
    beginning = _first_logins(tx, list(first.values()), locked)
    events = {i: event for i, (event, _) in stated.items()}
    locked_then = [locked.get(place) for place in range(len(first), len(first) + len(stated))]
    logins = [identify.in_session(login, found) for (_, login), found in zip(stated.values(), locked_then, strict=True)]
    gathered = _gathered(tx, logins)
    answered = messages.find(tx, [event.message.kept_id for event in events.values()]) if events else {}
    claiming: list[identify.Login] = []
    for i, login, facts, found in zip(stated, logins, gathered, locked_then, strict=True):
        # Without a session there is nothing to claim, as `track` says.
        if facts is None or found is None or events[i].message.kept_id in answered:
            continue
        is_theirs = facts.held is not None and facts.held.user_id == login.user_id
        if is_theirs and store.has_login.one(tx, session_id=facts.session_id, user_id=login.user_id).has_login:
            continue
        tx.locks.require(Rung.VISITOR, [facts.visitor_id, facts.survivor_id], "the visitor was merged just now")
        claiming.append(identify.Login(login, facts, found))
        # The event is the login, so it is at the time from which the login counts.
        arrival = replace(events[i].arrival, at=login.arrival.at)
        events[i] = replace(events[i], login_user_id=login.user_id, arrival=arrival)
    claimed = _claimed(tx, [*beginning, *claiming])[len(beginning) :]
    if claimed:
        identify.carry(tx, [(login.command, claim) for login, claim in zip(claiming, claimed, strict=True)])
    return events


def _first_logins(
    tx: Transaction, logins: Sequence[identify.Identify], locked: Mapping[int, logins_store.LockedLogin]
) -> list[identify.Login]:
    """Return the logins of sessions that were just begun, which are the first ones in `locked`."""
    found = []
    for i, (login, facts) in enumerate(zip(logins, _gathered(tx, logins), strict=True)):
        if facts is None:
            raise RuntimeError("the session was just begun")
        found.append(identify.Login(login, facts, locked[i]))
    return found


def _gathered(tx: Transaction, logins: Sequence[identify.Identify]) -> list[logins_store.LoginFacts | None]:
    asked = [(login.session_id, login.user_id, login.arrival.at) for login in logins]
    return logins_store.gather_each(tx, asked) if asked else []


def _claimed(tx: Transaction, logins: Sequence[identify.Login]) -> list[identify.ClaimedLogin]:
    """Make the claims of logins.

    Raises:
        RuntimeError: Two logins meet on a node, so that they cannot be made together.
    """
    if not logins:
        return []
    nodes = [
        {f"user:{login.command.user_id}", f"jar:{login.locked.jar_id}", *login.locked.visitor_ids} for login in logins
    ]
    if sum(map(len, nodes)) > len(set().union(*nodes)):
        raise RuntimeError("two logins of a list meet on a node")
    claimed = []
    for outcome in identify.claim(tx, logins):
        if outcome is None:
            raise RuntimeError("a server's login is never one too many")
        claimed.append(outcome)
    return claimed
