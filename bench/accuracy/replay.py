"""Replay a population through the service's own acts, and judge what it says of each session against the truth."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from app.enrichment import device
from bench.population.people import Person
from bench.population.visits import Story, Visit
from graph.acts import identify, init, track, weigh
from graph.acts.arrival import Arrival
from graph.acts.later import only
from graph.database import Database
from graph.model import Fingerprint, Message, Method, NewIds, Observed, Page, Standing
from graph.rules import addresses
from graph.rules.policy import Policy
from graph.rules.probable import Bound, LeadingLink, strongest
from graph.store import sessions
from graph.store.messages import canonical
from graph.transaction import Transaction

#: Below every confidence that a read can be told, so that all inferences are seen.
LEAST = 0.001
#: How long after a visit it is asked about again.
WEEK = timedelta(days=7)
NOBODY = "bots"


@dataclass(frozen=True)
class Said:
    """One inferred statement about a session: whose it is, or whose tenure's.

    `method` is what the inference rests on. `is_user` says that it names a user, and not only a tenure without one.
    `asked` is `at once`, or `later`.
    """

    session_id: str
    situation: str
    method: str
    confidence: float
    is_right: bool
    is_user: bool
    asked: str


@dataclass(frozen=True)
class Met:
    """How `init` recognised a visit without a token: by which method, how surely, and whether that is so.

    It is so if the visitor is the same browser's, or if whoever the visit probably is, is the same person.
    """

    situation: str
    method: str
    confidence: float
    is_right: bool


@dataclass
class Replayed:
    """What a replay found.

    `claimed_by_another` are sessions that a user logged in to and that are said to be another user's. `merged` are pairs of
    users with one identity. `knowable` counts, for each moment, the sessions without a login of people who had logged in
    before. `visitors` has each visit's browser, visitor and time.
    """

    said: list[Said] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    claimed_by_another: list[str] = field(default_factory=list)
    merged: set[tuple[str, str]] = field(default_factory=set)
    knowable: dict[str, int] = field(default_factory=dict)
    visitors: list[tuple[str, str, datetime]] = field(default_factory=list)


def situation_of(visit: Visit) -> str:
    """Return what is special about a visit's person; crawlers and other bots have no person."""
    return visit.person.situation if visit.person is not None else NOBODY


def person_of(visit: Visit) -> str:
    return visit.person.name if visit.person is not None else NOBODY


@dataclass(frozen=True)
class _Known:
    """A session with the truth about it; `login` is the user who logged in to it."""

    session_id: str
    visit: Visit
    login: str | None


@dataclass(frozen=True)
class _Look:
    """What a read is told of a session: its tenure, whose that is, and the inference that decides, if one does."""

    tenure_id: str
    standing: Standing
    link: LeadingLink | None
    method: str


def replay(database: Database, story: Story, policy: Policy) -> Replayed:
    """Replay all visits in their order. Each session is asked about as it begins, and at the end of its week.

    Ids are counted, so that the same story ends in the same answers.
    """
    replaying = _Replaying(database, policy, Replayed())
    for visit in story.visits:
        replaying.visit(visit)
    replaying.finish()
    return replaying.result


@dataclass
class _Replaying:
    database: Database
    policy: Policy
    result: Replayed
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    jars: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person | None] = field(default_factory=dict)
    founders: dict[str, str] = field(default_factory=dict)
    waiting: list[_Known] = field(default_factory=list)
    week: datetime | None = None
    known_users: set[str] = field(default_factory=set)

    def visit(self, visit: Visit) -> None:
        self.week = self.week or visit.at + WEEK
        if visit.at >= self.week:
            self._ask_again(self.week)
            self.week += WEEK
        begun = only(self.database.write(init.act, [self._init(visit)]))
        self._begun(visit, begun)
        session_id, logins = begun.session_id, [step for step in visit.steps if step.call == "identify"]
        tenure = visit.tenure
        login = None
        if visit.steps[0].call == "track":
            only(self.database.write(track.act, [self._track(visit, session_id)]))
        for step in logins:
            user_id = str(step.said["userProperties"]["userId"])
            done = only(self.database.write(identify.act, [self._identify(visit, session_id, user_id, step.at)]))
            if done.user_id is None:
                continue
            self.users[done.identity_id] = done.user_id
            self.known_users.add(done.user_id)
            if step.tenure != tenure:
                self.waiting.append(_Known(session_id, visit, login))
                tenure = step.tenure
            session_id, login = done.session_id, done.user_id
            self._remember(self._look(session_id, step.at).tenure_id, visit)
        self.waiting.append(_Known(session_id, visit, login))

    def finish(self) -> None:
        """Ask about what is left, and look for users who were made one."""
        if self.waiting:
            at = max(known.visit.at for known in self.waiting) + timedelta(hours=2)
            self._ask_again(at)
            self.result.merged = self._merged(at)

    def _begun(self, visit: Visit, begun: init.Initiated) -> None:
        """Record how a visit was recognised, and what a read says of it at once."""
        if begun.jar_id is not None:
            self.jars[visit.jar] = begun.jar_id
        self.result.visitors.append((visit.device.name, begun.visitor_id, visit.at))
        look = self._look(begun.session_id, visit.at)
        founder = self.founders.setdefault(begun.visitor_id, visit.device.name)
        match = begun.match
        if match.method not in {Method.TOKEN, Method.ANONYMOUS_ID, Method.NEW}:
            is_right = founder == visit.device.name if not begun.is_new_visitor else self._is_right(visit, look)
            name = match.method.value if not begun.is_new_visitor else f"{match.method.value}, probable"
            self.result.met.append(Met(situation_of(visit), name, match.confidence, is_right))
        self._judge(_Known(begun.session_id, visit, None), look, "at once")
        self._remember(look.tenure_id, visit)

    def _remember(self, tenure_id: str, visit: Visit) -> None:
        self.people.setdefault(tenure_id, visit.person)

    def _look(self, session_id: str, at: datetime) -> _Look:
        return self.database.read(look, session_id, Bound(LEAST, at, self.policy))

    def _ask_again(self, at: datetime) -> None:
        for known in self.waiting:
            looked = self._look(known.session_id, at)
            if known.login is not None and looked.standing.user_id != known.login:
                self.result.claimed_by_another.append(known.session_id)
            self._judge(known, looked, "later")
        self.waiting.clear()

    def _judge(self, known: _Known, looked: _Look, asked: str) -> None:
        standing = looked.standing
        if standing.method == "claim":
            return
        visit = known.visit
        account = visit.person.user_id if visit.person else None
        if account in self.known_users:
            self.result.knowable[asked] = self.result.knowable.get(asked, 0) + 1
        if standing.identity_id == looked.tenure_id:
            return
        is_user = standing.identity_id in self.users
        self.result.said.append(
            Said(
                known.session_id,
                situation_of(visit),
                looked.method,
                standing.confidence,
                self._is_right(visit, looked),
                is_user,
                asked,
            )
        )

    def _is_right(self, visit: Visit, looked: _Look) -> bool:
        """Whether the identity that a read is told is the person's: by the user id, or else by who used the tenure."""
        identity_id = looked.standing.identity_id
        if identity_id in self.users:
            return visit.person is not None and visit.person.user_id == self.users[identity_id]
        other = self.people.get(identity_id)
        if other is None or visit.person is None:
            return other is visit.person
        return other.name == visit.person.name or (other.user_id is not None and other.user_id == visit.person.user_id)

    def _merged(self, at: datetime) -> set[tuple[str, str]]:
        """Return the pairs of users who have one identity now."""
        by_identity: dict[str, set[str]] = {}
        for identity_id, user_id in self.users.items():
            found = self.database.read(weigh.standings, [identity_id], Bound(LEAST, at, self.policy))
            by_identity.setdefault(found[identity_id].identity_id, set()).add(user_id)
        return {pair for users in by_identity.values() for pair in pairs(users)}

    def _arrival(self, visit: Visit, at: datetime) -> Arrival:
        seen = device.describe(visit.headers["User-Agent"], visit.headers)
        number = next(self.numbers)
        parts = count(1)
        return Arrival(
            at=at,
            received_at=at + timedelta(milliseconds=1),
            observed=Observed(
                addresses.kept(visit.address),
                addresses.proves(visit.address),
                seen.browser,
                seen.browser_version,
                seen.os,
                seen.device_class,
                seen.is_bot,
            ),
            page=Page(),
            trusted=False,
            actor="bench",
            policy=self.policy,
            ids=NewIds(lambda: f"{number:07d}-{next(parts)}"),
        )

    def _init(self, visit: Visit) -> init.Init:
        arrival = self._arrival(visit, visit.at)
        jar_id = self.jars.get(visit.jar)
        shown: Mapping[str, Any] = visit.fingerprint
        return init.Init(
            arrival=arrival,
            message=None,
            jar_id=jar_id or arrival.ids.jar,
            jar_kind="issued",
            jar_method=Method.TOKEN if jar_id else Method.NEW,
            fingerprint=Fingerprint(shown["visitorId"], shown["confidence"], canonical(shown["components"])),
            user_id=None,
            reset=visit.reset,
            consent=True,
        )

    def _track(self, visit: Visit, session_id: str) -> track.Track:
        arrival = self._arrival(visit, visit.steps[0].at)
        return track.Track(
            arrival,
            Message(f"m-{arrival.ids.event}", "track", session_id, ""),
            session_id=session_id,
            event_id=arrival.ids.event,
            name="page_visit",
            properties="{}",
        )

    def _identify(self, visit: Visit, session_id: str, user_id: str, at: datetime) -> identify.Identify:
        arrival = self._arrival(visit, at)
        return identify.Identify(
            arrival,
            Message(f"m-{arrival.ids.event}", "identify", session_id, ""),
            session_id=session_id,
            user_id=user_id,
            verified=False,
            properties="{}",
        )


def look(tx: Transaction, session_id: str, bound: Bound) -> _Look:
    """Return what a read is told of a session, and what that rests on."""
    found = sessions.get.one(tx, session_id=session_id)
    [resolved] = weigh.weigh(tx, [found.resolved], bound.policy)
    standing = resolved.standing(bound)
    link = strongest(resolved.probable, bound) if standing.method == "probable" else None
    return _Look(found.tenure_id, standing, link, method_of(standing, link))


def method_of(standing: Standing, link: LeadingLink | None) -> str:
    """Return what an inferred standing rests on, in a word or a few."""
    if link is None:
        return "tied" if standing.method == "own" else standing.method
    if link.claims:
        return "carried on"
    return " and ".join(dict.fromkeys(Method(piece.kind).value for piece in weigh.recalled(link.evidence)))


def pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each pair of names once."""
    in_order = sorted(names)
    for number, first in enumerate(in_order):
        for second in in_order[number + 1 :]:
            yield first, second
