"""Let the calls of many rows share transactions, and still make the graph that the rows make one by one.

A chunk of rows is divided into parts that have nothing to do with each other (`graph/acts/reach.py`), so their order makes
no difference. Each part makes its calls in the order of the file, as far as order matters there. What the parts make next
is made together, in as many transactions at a time as there are threads.

Within a part, a call that names a browser has to find or begin its session first. In a file, most rows follow another of
their browser by minutes, so the session is known.
"""

import math
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from app import context
from app.calls import batch
from app.calls.batch import Item, Ready
from app.calls.sessions import Prepared
from app.imports import groups
from graph.acts import reach
from graph.acts.identify import Identify
from graph.acts.reach import Reaching
from graph.acts.track import Track
from graph.model import Observed
from graph.rules.policy import Policy
from graph.rules.sessions import expires_at

#: A session that was not open at the event's time after all.
CLOSED = "session_expired"
#: The calls that a part makes next, all of one kind: a call on a session, or one that has to find or begin it.
ON_SESSION, ON_VISIT = "session", "visit"

Result = dict[str, Any]
Make = Callable[[Sequence[Any]], list[Result]]
#: What makes calls, by their kind and call. Whatever is not here is made by `batch.make`.
MAKERS: Mapping[tuple[str, str], Make] = {
    (ON_SESSION, "track"): groups.tracks,
    (ON_SESSION, "identify"): groups.logins,
    (ON_VISIT, "track"): groups.tracks_on_visits,
    (ON_VISIT, "identify"): groups.logins_on_visits,
}
#: How many transactions an import has at a time. While Neo4j works on one of them, this process prepares another.
THREADS = max(2, min(4, os.cpu_count() or 1))
#: How many calls are made at once by one thread at least: a transaction costs much by itself.
SHARE_MIN = 16


@dataclass(frozen=True)
class Step:
    """Calls that a part makes next."""

    kind: tuple[str, str]
    items: Sequence[Item]


#: Makes the calls of a part: it yields steps, is sent their results, and returns the result of each item by its number.
Program = Generator[Step, list[Result], dict[int, Result]]


@dataclass
class _Open:
    """A session: its times and its client, as far as the rows before tell, and the user who is logged in by them.

    `session_id` is None until the call is made that finds or begins the session.
    """

    session_id: str | None
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
    """Makes the calls of one chunk of rows; it remembers no session of a chunk before."""

    policy: Policy
    _open: dict[str, _Open] = field(default_factory=dict)
    _latest: dict[str, datetime] = field(default_factory=dict)

    def run(self, items: Sequence[Item]) -> list[Result]:
        """Make the calls of items, and return the result or problem of each, in order."""
        programs = [self._program([(number, items[number]) for number in part]) for part in _parts(items, self.policy)]
        results = _made_together(programs)
        return [results[number] for number in range(len(items))]

    def _program(self, items: Sequence[tuple[int, Item]]) -> Program:
        """Make the calls of a part in their order.

        Events on open sessions wait, and so do logins there. Events that begin sessions are made before the events that wait, which
        are of other browsers. Where one of those that wait is a login, or of the browser, they are made first.
        """
        results: dict[int, Result] = {}
        opening: dict[str, tuple[int, Item]] = {}
        waiting: dict[int, tuple[str, Item]] = {}
        for number, item in items:
            jar_id = _jar_id(item)
            if jar_id is not None and self._takes(jar_id, item):
                waiting[number] = (jar_id, item)
                continue
            begins = jar_id is not None and _is_plain(item)
            if (
                not begins
                or jar_id in opening
                or any(jar == jar_id or _is_login(each) for jar, each in waiting.values())
            ):
                results |= yield from self._made(opening, waiting)
                opening, waiting = {}, {}
            if begins and jar_id is not None:
                opening[jar_id] = (number, item)
                self._expect(jar_id, item)
            else:
                [results[number]] = yield Step(_kind(item), [item])
                self._note(jar_id, item, results[number])
        results |= yield from self._made(opening, waiting)
        return results

    def _made(self, opening: Mapping[str, tuple[int, Item]], waiting: Mapping[int, tuple[str, Item]]) -> Program:
        """Make the calls that begin sessions, and then those that wait."""
        results: dict[int, Result] = {}
        closed: set[str] = set()
        if opening:
            made = yield Step((ON_VISIT, "track"), [item for _, item in opening.values()])
            for (jar_id, (number, item)), result in zip(opening.items(), made, strict=True):
                results[number] = result
                self._note(jar_id, item, result)
        for kind, run in groupby(waiting.items(), key=lambda each: self._kind_now(*each[1])):
            calls = list(run)
            if kind[0] == ON_SESSION:
                made = yield Step(kind, [self._on_session(jar_id, item) for _, (jar_id, item) in calls])
            else:
                made = [{"code": CLOSED} for _ in calls]
            for (number, (jar_id, item)), result in zip(calls, made, strict=True):
                if result.get("code") == CLOSED:
                    # The session is looked for after all. Calls that wait still name it, and are answered the same.
                    closed.add(jar_id)
                    [results[number]] = yield Step(_kind(item), [item])
                else:
                    results[number] = result
        for jar_id in closed:
            self._open.pop(jar_id, None)
        return results

    def _takes(self, jar_id: str, item: Item) -> bool:
        """Whether a call is on the open session of its browser; note it there if it is."""
        prepared, session = _prepared(item), self._open.get(jar_id)
        if prepared is None or session is None:
            return False
        command, user_id = prepared.command, _user_id(prepared)
        if not session.takes(command, user_id, self.policy):
            return False
        session.last_seen = max(session.last_seen, command.arrival.at)
        self._latest[jar_id] = max(self._latest[jar_id], command.arrival.at)
        session.user_id = user_id or session.user_id
        return True

    def _kind_now(self, jar_id: str, item: Item) -> tuple[str, str]:
        session = self._open.get(jar_id)
        is_open = session is not None and session.session_id is not None and isinstance(item, Ready)
        return (ON_SESSION, item.call) if is_open and isinstance(item, Ready) else (ON_VISIT, "")

    def _on_session(self, jar_id: str, item: Item) -> Item:
        """Return a call on the open session of its browser as one that names the session."""
        prepared, session = _prepared(item), self._open[jar_id]
        if not isinstance(item, Ready) or prepared is None:
            raise RuntimeError("an item that is not ready is on no session")
        command = replace(prepared.command, session_id=session.session_id, jar_id=jar_id)
        return Ready(item.call, Prepared(command, None))

    def _expect(self, jar_id: str, item: Item) -> None:
        """Remember a session that is found or begun later, so that the rows after it wait for it."""
        prepared = _prepared(item)
        if prepared is None:
            return
        arrival = prepared.command.arrival
        latest = self._latest.get(jar_id)
        if latest is None or arrival.at >= latest:
            self._latest[jar_id] = arrival.at
            self._open[jar_id] = _Open(None, arrival.at, arrival.at, arrival.observed, None)

    def _note(self, jar_id: str | None, item: Item, result: Result) -> None:
        """Remember the session that a call found or began, and who is logged in by the call.

        The session of a row that is out of order is not remembered: it may not be the latest, which rows after it are of.
        """
        prepared = _prepared(item)
        if jar_id is None or prepared is None:
            return
        session_id, before = result.get("sessionId"), self._open.get(jar_id)
        if before is not None and before.session_id is None:
            # It was expected, and rows after it may wait for it already.
            before.session_id = session_id
            if session_id is None or prepared.beginning is None:
                self._open.pop(jar_id)
            return
        latest, at = self._latest.get(jar_id), prepared.command.arrival.at
        if latest is not None and at < latest:
            return
        self._latest[jar_id] = at
        if session_id is None or prepared.beginning is None:
            self._open.pop(jar_id, None)
            return
        before = before if before is not None and before.session_id == session_id else None
        user_id = _user_id(prepared) or (before.user_id if before else None)
        since = before.since if before else at
        self._open[jar_id] = _Open(session_id, since, at, prepared.command.arrival.observed, user_id)


def _made_together(programs: Sequence[Program]) -> dict[int, Result]:
    """Run programs side by side: the steps of one kind that they are at are made together."""
    results: dict[int, Result] = {}
    steps: list[_Next] = []

    def go_on(program: Program, made: list[Result] | None) -> None:
        try:
            steps.append(_Next(program, next(program) if made is None else program.send(made)))
        except StopIteration as ended:
            results.update(ended.value)

    for program in programs:
        go_on(program, None)
    threads = ThreadPoolExecutor(THREADS)
    try:
        while steps:
            shares = list(_shares(steps))
            steps = []
            running = [_submit(threads, share) for share in shares]
            for share, made_then in zip(shares, running, strict=True):
                made = iter(made_then.result())
                for each in share:
                    go_on(each.program, [next(made) for _ in each.step.items])
    finally:
        threads.shutdown(cancel_futures=True)
    return results


@dataclass(frozen=True)
class _Next:
    """A program with the step that it makes next."""

    program: Program
    step: Step


def _shares(steps: Sequence[_Next]) -> Iterator[list[_Next]]:
    """Yield steps in shares, each of one kind and for one thread; a step is in one share, since its order may matter."""
    for _, run in groupby(sorted(steps, key=lambda each: each.step.kind), key=lambda each: each.step.kind):
        together = list(run)
        size = max(SHARE_MIN, math.ceil(sum(len(each.step.items) for each in together) / THREADS))
        share: list[_Next] = []
        for each in together:
            share.append(each)
            if sum(len(shared.step.items) for shared in share) >= size:
                yield share
                share = []
        if share:
            yield share


def _submit(threads: ThreadPoolExecutor, share: Sequence[_Next]) -> Future[list[Result]]:
    make: Make = MAKERS.get(share[0].step.kind, batch.make)
    # A thread knows the request, and so the caller, by the context that it is given.
    return threads.submit(copy_context().run, make, [item for each in share for item in each.step.items])


def _parts(items: Sequence[Item], policy: Policy) -> list[list[int]]:
    """Return the numbers of the items that have to do with each other, and so are made in their order."""
    if len(items) < 2:
        return [list(range(len(items)))]
    calls = [_reaching(item) for item in items]
    return context.graph().read(reach.act, calls, policy)


def _reaching(item: Item) -> Reaching:
    """Return what a call names; one that names a session by its id, or a fingerprint, may have to do with any other."""
    if not isinstance(item, Ready):
        return Reaching()
    prepared = _prepared(item)
    visit = prepared.beginning.visit if prepared is not None and prepared.beginning is not None else None
    if prepared is None or visit is None:
        return Reaching(is_known=False)
    arrivals = (prepared.command.arrival, visit.arrival)
    return Reaching(
        at=prepared.command.arrival.at,
        jar_ids=frozenset({visit.jar_id}),
        addresses=frozenset(address for each in arrivals if (address := each.observed.address) is not None),
        user_ids=frozenset(_user_ids(prepared)),
        message_id=prepared.command.message.kept_id,
    )


def _user_ids(prepared: Prepared[Any]) -> Iterator[str]:
    if (user_id := _user_id(prepared)) is not None:
        yield user_id
    if prepared.beginning is not None and prepared.beginning.login is not None:
        yield prepared.beginning.login.user_id


def _kind(item: Item) -> tuple[str, str]:
    """Return the kind of a call that is made as it is."""
    if not isinstance(item, Ready):
        return ON_SESSION, ""
    prepared = _prepared(item)
    return (ON_VISIT if prepared is not None and prepared.beginning is not None else ON_SESSION), item.call


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


def _is_login(item: Item) -> bool:
    """Whether a call that waits is a login; an event that states the user who is logged in already is none."""
    return isinstance(item, Ready) and item.call == "identify"


def _is_plain(item: Item) -> bool:
    """Whether a call is an event that logs nobody in."""
    prepared = _prepared(item)
    return (
        prepared is not None
        and isinstance(prepared.command, Track)
        and _user_id(prepared) is None
        and (prepared.beginning is None or prepared.beginning.login is None)
    )
