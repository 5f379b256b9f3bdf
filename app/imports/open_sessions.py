"""Let events and logins on sessions that rows before them found, or began, share transactions.

A call that names a browser looks for its session in a transaction of its own. In a file, most rows follow another of their
browser by minutes, so the session is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.calls import batch
from app.calls.batch import Item, Ready
from app.calls.sessions import Prepared
from graph.acts.identify import Identify
from graph.acts.track import Track
from graph.model import Observed
from graph.rules.policy import Policy
from graph.rules.sessions import expires_at

#: A session that was not open at the event's time after all.
CLOSED = "session_expired"


@dataclass
class _Open:
    """A session: its times and its client, as far as the rows before tell, and the user who is logged in by them."""

    session_id: str
    since: datetime
    last_seen: datetime
    observed: Observed
    user_id: str | None

    def takes(self, command: Track | Identify, stated: str | None, policy: Policy) -> bool:
        """Whether a call is on the session: it is of its time, of its client, and of no other user.

        An event that states the first user of a session logs the user in, and is looked at alone.
        """
        at, is_login = command.arrival.at, isinstance(command, Identify)
        return (
            self.since <= at <= expires_at(self.since, self.last_seen, policy)
            and command.arrival.observed == self.observed
            and (stated in {None, self.user_id} or (is_login and self.user_id is None))
        )


@dataclass
class OpenSessions:
    """Makes the calls of one chunk of rows, so that its order depends on the chunk alone.

    Calls on open sessions wait, and are made together in their order. Any other call is made at once, but after those that
    wait if one of them is a login, or of its browser.
    """

    policy: Policy
    make: Callable[[Sequence[Item]], list[dict[str, Any]]] = batch.make
    _open: dict[str, _Open] = field(default_factory=dict)
    _latest: dict[str, datetime] = field(default_factory=dict)

    def run(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        """Make the calls of items, and return the result or problem of each, in order."""
        results: dict[int, dict[str, Any]] = {}
        waiting: dict[int, tuple[str, Item]] = {}

        def make_waiting() -> None:
            made = self.make([item for _, item in waiting.values()])
            for (number, (jar_id, _)), result in zip(waiting.items(), made, strict=True):
                if result.get("code") == CLOSED:
                    self._open.pop(jar_id, None)
                    [result] = self.make([items[number]])  # noqa: PLW2901 - the session is looked for after all
                results[number] = result
            waiting.clear()

        for number, item in enumerate(items):
            jar_id = _jar_id(item)
            follows = self._following(item)
            if jar_id is not None and follows is not None:
                waiting[number] = (jar_id, follows)
                continue
            if not (_is_event(item) and all(_is_event(waits) and jar != jar_id for jar, waits in waiting.values())):
                make_waiting()
            [results[number]] = self.make([item])
            self._note(jar_id, item, results[number])
        make_waiting()
        return [results[number] for number in range(len(items))]

    def _following(self, item: Item) -> Item | None:
        """Return a call as one on the open session of its browser; None if there is none that takes it."""
        prepared = _prepared(item)
        jar_id = _jar_id(item)
        session = self._open.get(jar_id) if jar_id is not None else None
        if not isinstance(item, Ready) or prepared is None or session is None or jar_id is None:
            return None
        command, user_id = prepared.command, _user_id(prepared)
        if not session.takes(command, user_id, self.policy):
            return None
        session.last_seen = max(session.last_seen, command.arrival.at)
        self._latest[jar_id] = max(self._latest[jar_id], command.arrival.at)
        session.user_id = user_id or session.user_id
        return Ready(item.call, Prepared(replace(command, session_id=session.session_id, jar_id=jar_id), None))

    def _note(self, jar_id: str | None, item: Item, result: dict[str, Any]) -> None:
        """Remember the session that a call found or began, and who is logged in by the call.

        The session of a row that is out of order is not remembered: it may not be the latest, which rows after it are of.
        """
        prepared = _prepared(item)
        if jar_id is None or prepared is None:
            return
        latest, at = self._latest.get(jar_id), prepared.command.arrival.at
        if latest is not None and at < latest:
            return
        self._latest[jar_id] = at
        session_id, command = result.get("sessionId"), prepared.command
        if session_id is None or prepared.beginning is None:
            self._open.pop(jar_id, None)
            return
        before = self._open.get(jar_id)
        before = before if before is not None and before.session_id == session_id else None
        arrival, user_id = command.arrival, _user_id(prepared)
        self._open[jar_id] = _Open(
            session_id,
            before.since if before else at,
            at,
            arrival.observed,
            user_id or (before.user_id if before else None),
        )


def _prepared(item: Item) -> Prepared[Any] | None:
    return item.prepared if isinstance(item, Ready) and isinstance(item.prepared, Prepared) else None


def _jar_id(item: Item) -> str | None:
    """Return the browser that a call names instead of a session; None if it names none."""
    prepared = _prepared(item)
    visit = prepared.beginning.visit if prepared is not None and prepared.beginning is not None else None
    return visit.jar_id if visit is not None else None


def _user_id(prepared: Prepared[Any]) -> str | None:
    """Return the user whom a call logs in, or states."""
    if isinstance(prepared.command, Identify):
        return prepared.command.user_id
    beginning = prepared.beginning
    return beginning.stated.user_id if beginning is not None and beginning.stated is not None else None


def _is_event(item: Item) -> bool:
    """Whether a call is an event that logs nobody in, or is none at all."""
    if not isinstance(item, Ready):
        return True
    prepared = _prepared(item)
    return (
        prepared is not None
        and isinstance(prepared.command, Track)
        and _user_id(prepared) is None
        and (prepared.beginning is None or prepared.beginning.login is None)
    )
