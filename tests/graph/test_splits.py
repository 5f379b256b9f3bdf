"""Take a jar out of a visitor: the graph is then as if the jar had been a visitor of its own from the start."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from graph.acts import consistency, identify, init, merge, put, release, split, sweep, track, visibility
from graph.database import Database
from graph.errors import IdentityGraphError, Refused
from graph.model import Fingerprint, Method
from graph.rules.consistency import Finding
from graph.rules.policy import Policy
from tests import given
from tests.api.test_merge import snapshot
from tests.world import Graph

#: With this policy, jars with the same fingerprint are in one visitor. Sessions stay open, so a login may arrive at any time.
TOGETHER = Policy(
    session_idle_minutes=100_000.0,
    session_max_hours=10_000.0,
    kiosk_users=2,
    kiosk_window_hours=60.0,
    propagation_hops=0,
)
#: With this policy, no new jar is ever matched to a visitor.
APART = replace(TOGETHER, fingerprint_crowd=0, address_crowd=0)
STEPS = 30
#: Properties that describe a match when it was made. They do not depend on the visitor that the jar is in now.
MATCHED = {
    "Session": ("method", "confidence", "evidence", "answer"),
    "Collection": ("method", "confidence", "evidence"),
    "Event": ("identity_id", "confidence", "answer"),
    "IN": ("method", "confidence", "evidence", "fingerprint"),
    "HAS_FINGERPRINT": ("weight",),
}

Call = init.Init | identify.Identify | track.Track | put.Put | release.Release | merge.Merge | split.Split
#: Some acts take lists.
ACTS: Mapping[type[Call], Callable[..., Any]] = {
    identify.Identify: given.log_in,
    release.Release: release.act,
    merge.Merge: merge.act,
    split.Split: split.act,
}
LISTS: Mapping[type[Call], Callable[..., Any]] = {init.Init: init.act, track.Track: track.act, put.Put: put.act}


@dataclass
class Story:
    """Random calls of two jars, one after the other. Both jars come into one visitor by their fingerprint."""

    chance: random.Random
    hours: int = 0
    calls: list[Call] = field(default_factory=list)
    sessions: list[init.Init] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    def tell(self) -> list[Call]:
        self.visit("j-1")
        second = self.chance.randrange(1, STEPS // 3)
        for step in range(STEPS):
            self.hours += self.chance.randrange(12)
            doing = self.chance.choices(["visit", "login", "event"], [3, 3, 2])[0]
            if step == second:
                self.visit("j-2")
            elif doing == "visit":
                self.visit(self.chance.choice(self.begun))
            else:
                session = self.chance.choice(self.sessions)
                at = self.some_time(session.arrival.at)
                if doing == "login":
                    user = self.chance.choice("abcd")
                    self.calls.append(given.login(session.arrival.ids.session, user, at=at, received_at=self.now()))
                else:
                    self.calls.append(
                        given.arriving(given.event(session.arrival.ids.session, at=at), received_at=self.now())
                    )
        return self.calls

    def visit(self, jar_id: str) -> None:
        is_first = jar_id not in self.begun
        visit = given.visit(
            at=self.now() if is_first else self.some_time(self.now() - timedelta(hours=9)),
            user_id=self.chance.choice(["a", "e", None, None]),
            reset=not is_first and self.chance.random() < 0.2,
        )
        hash_ = "f-1" if is_first else self.chance.choice(["f-1", "f-2", "f-3", None])
        visit = replace(
            visit,
            jar_id=jar_id,
            jar_method=Method.NEW if is_first else Method.TOKEN,
            fingerprint=Fingerprint(hash_, 0.7, "{}") if hash_ else None,
        )
        visit = given.arriving(
            visit,
            received_at=self.now(),
            observed=replace(
                visit.arrival.observed,
                address=self.chance.choice(["198.51.100.1", "198.51.100.2"]),
                proves=self.chance.random() < 0.8,
                browser=self.chance.choice(["Chrome", "Firefox", None]),
            ),
        )
        if not visit.arrival.observed.proves:
            visit = given.arriving(visit, observed=replace(visit.arrival.observed, address="10.0.0.1"))
        if not is_first and self.chance.random() < 0.2:
            visit = replace(visit, has_session=False, message=None, reset=False)
        else:
            self.sessions.append(visit)
        if is_first:
            self.begun.append(jar_id)
        self.calls.append(visit)

    def now(self) -> datetime:
        return given.NOON + timedelta(hours=self.hours)

    def some_time(self, since: datetime) -> datetime:
        """Return a random time between `since` and now, in whole seconds."""
        return since + timedelta(seconds=self.chance.randint(0, int((self.now() - since).total_seconds())))


def happen(database: Database, calls: Sequence[Call], policy: Policy) -> None:
    for call in calls:
        if isinstance(call, init.Init | identify.Identify | track.Track):
            one: Call = given.arriving(call, policy=policy)
        else:
            one = replace(call, policy=policy)
        if type(one) in ACTS:
            database.write(ACTS[type(one)], one)
        else:
            [done] = database.write(LISTS[type(one)], [one])
            assert not isinstance(done, IdentityGraphError), done


@pytest.mark.parametrize("jar_id", ["j-1", "j-2"])
@pytest.mark.parametrize("seed", range(5))
def test_a_jar_that_is_taken_out_might_have_been_apart_from_the_start(
    seed: int, jar_id: str, database: Database, graph: Graph
) -> None:
    calls = Story(random.Random(seed)).tell()  # noqa: S311 - a seed repeats the story
    first = {
        one: next(call for call in calls if isinstance(call, init.Init) and call.jar_id == one)
        for one in ("j-1", "j-2")
    }
    stays, new = first["j-1"].arrival.ids.visitor, first["j-2"].arrival.ids.visitor
    happen(database, calls, TOGETHER)
    assert graph.edges("IN") == {("j-1", stays), ("j-2", stays)}
    taking = given.split(stays, jar_id=jar_id, at=given.NOON + timedelta(days=90))
    database.write(split.act, replace(taking, policy=TOGETHER, ids=given.named(taking.ids, new)))
    taken_out = snapshot(graph, MATCHED)

    graph.empty()
    # The jar that was taken out gets the id of the visitor that the split made.
    names = {jar: new if jar == jar_id else stays for jar in first}
    calls = [
        given.arriving(call, ids=given.named(call.arrival.ids, names[call.jar_id]))
        if isinstance(call, init.Init)
        else call
        for call in calls
    ]
    happen(database, calls, APART)
    apart = snapshot(graph, MATCHED)
    assert taken_out - apart == apart - taken_out == set()


def test_what_was_collected_against_a_statement_does_not_count_after_a_split_either(
    database: Database, graph: Graph
) -> None:
    one, other = given.visit(fingerprint="f-1"), given.visit(fingerprint="f-1")
    hour = timedelta(hours=1)
    happen(database, [one, other, given.login(one.arrival.ids.session, "anna")], TOGETHER)
    database.write(release.act, given.release("anna", one.arrival.ids.visitor, at=given.NOON + hour))
    happen(database, [given.visit(jar=other.jar_id, user_id="anna", at=given.NOON + 2 * hour)], TOGETHER)
    assert graph.edges("IDENTIFIED_AS") == set()
    happen(database, [given.login(one.arrival.ids.session, "anna", at=given.NOON + 3 * hour)], TOGETHER)
    assert graph.edges("CANNOT_LINK") == set()
    database.write(split.act, given.split(one.arrival.ids.visitor, jar_id=other.jar_id, at=given.NOON + 4 * hour))
    assert graph.edges("IDENTIFIED_AS") == {(one.arrival.ids.visitor, "anna")}


@dataclass(frozen=True)
class Browsers:
    """Four visits for the tests of an unmerge.

    `one` and `alike` are two jars of one visitor. The visitor of `third` is merged into that visitor. The visitor of
    `other` is the one that it is merged into, and later unmerged from.
    """

    one: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-1"))
    alike: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-1", at=at(1)))
    other: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-2", at=at(2)))
    third: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-3", at=at(3)))

    def login(self, visit: init.Init, minute: int) -> identify.Identify:
        return given.login(visit.arrival.ids.session, "anna", at=at(minute))

    def names(self) -> dict[str, str]:
        visits = {"one": self.one, "alike": self.alike, "other": self.other, "third": self.third}
        return {visit.arrival.ids.visitor: name for name, visit in visits.items()}


def at(minute: int) -> datetime:
    return given.NOON + timedelta(minutes=minute)


#: Calls that arrive while the visitor of `one` is merged into the visitor of `other`.
MEANWHILE: Mapping[str, Callable[[Browsers], list[Call]]] = {
    "nothing": lambda _: [],
    "a login on it": lambda those: [those.login(those.one, 30)],
    "a login on its other jar": lambda those: [those.login(those.alike, 30)],
    "a login on the other": lambda those: [those.login(those.other, 30)],
    "a login on either": lambda those: [those.login(those.other, 30), those.login(those.alike, 31)],
    "a statement on it": lambda those: [given.put("anna", those.one.arrival.ids.visitor, at=at(30))],
    "a statement on the other": lambda those: [given.put("anna", those.other.arrival.ids.visitor, at=at(30))],
    "a jar that leaves": lambda those: [leaves(those, 30)],
    "a jar that leaves after a login on it": lambda those: [those.login(those.alike, 30), leaves(those, 31)],
    "a jar that leaves before a login on it": lambda those: [leaves(those, 30), those.login(those.alike, 31)],
    "a jar that leaves before a login on those that stay": lambda those: [
        leaves(those, 30),
        those.login(those.one, 31),
    ],
    "a login on one that was merged into it": lambda those: [those.login(those.third, 30)],
    "a user id that is collected on the other": lambda those: [
        given.visit(jar=those.other.jar_id, user_id="anna", at=at(30)),
        given.visit(jar=those.other.jar_id, user_id="anna", at=at(31)),
    ],
    "one that was merged into it and leaves": lambda those: [given.split(those.third.arrival.ids.visitor, at=at(30))],
    "one that leaves after a login on it": lambda those: [
        those.login(those.third, 30),
        given.split(those.third.arrival.ids.visitor, at=at(31)),
    ],
    "one that leaves after logins on both": lambda those: [
        those.login(those.third, 30),
        those.login(those.one, 31),
        given.split(those.third.arrival.ids.visitor, at=at(32)),
    ],
}


def leaves(those: Browsers, minute: int) -> split.Split:
    """Return a split that takes the jar of `alike` out of the visitor of `one`.

    The new visitor has the id that the jar's first visit would have given it.
    """
    taking = given.split(those.one.arrival.ids.visitor, jar_id=those.alike.jar_id, at=at(minute))
    return replace(taking, ids=given.named(taking.ids, those.alike.arrival.ids.visitor))


@pytest.mark.parametrize("others", ["anna", "nobody"])
@pytest.mark.parametrize("name", MEANWHILE)
def test_what_was_said_is_after_an_unmerge_as_if_there_had_been_no_merge(
    name: str, others: str, database: Database, graph: Graph
) -> None:
    those = Browsers()
    one, other = those.one.arrival.ids.visitor, those.other.arrival.ids.visitor
    before: list[Call] = [
        *(those.one, those.alike, those.other, those.third),
        *([those.login(those.other, 9)] if others == "anna" else []),
        those.login(those.one, 10),
        given.release("anna", one, at=at(11)),
        given.merge(those.third.arrival.ids.visitor, one, at=at(12)),
    ]
    meanwhile = MEANWHILE[name](those)
    together = replace(TOGETHER, address_crowd=0)

    def told(calls: Sequence[Call]) -> tuple[set[str], set[tuple[str, str]]]:
        graph.empty()
        happen(database, calls, together)
        names = those.names()
        said = {(names.get(a, a), names.get(b, b)) for a, b in graph.edges("CANNOT_LINK")}
        return snapshot(graph, MATCHED), said - {("one", "other")}

    merged = given.merge(one, other, at=at(20), force=True)
    undone, said = told([*before, merged, *meanwhile, given.split(one, at=at(40))])
    never, due = told([*before, *meanwhile])
    assert said == due
    assert undone - never == never - undone == set()


def test_what_is_said_again_while_a_visitor_is_merged_is_said_once_after(database: Database, graph: Graph) -> None:
    those = Browsers()
    one, other = those.one.arrival.ids.visitor, those.other.arrival.ids.visitor
    happen(
        database,
        [
            *(those.one, those.other, those.login(those.one, 10), those.login(those.other, 10)),
            given.release("anna", one, at=at(11)),
            given.merge(one, other, at=at(12)),
            given.release("anna", one, at=at(13)),
            given.split(one, at=at(14)),
        ],
        TOGETHER,
    )
    said = graph.rows("MATCH (v)-[:CANNOT_LINK]->(:User) RETURN v.visitor_id AS visitor")
    assert sorted(row["visitor"] for row in said) == [one, other]


@pytest.mark.parametrize("is_survivor", [False, True])
@pytest.mark.parametrize("is_said_again", [False, True])
def test_a_user_id_that_was_refused_counts_after_an_unmerge_where_nothing_was_said_against_it(
    database: Database, graph: Graph, *, is_survivor: bool, is_said_again: bool
) -> None:
    those = Browsers()
    one, other = those.one.arrival.ids.visitor, those.other.arrival.ids.visitor
    merged, into = (one, other) if is_survivor else (other, one)
    again: list[Call] = [those.login(those.one, 14), given.release("anna", one, at=at(15))]
    happen(
        database,
        [
            *(those.one, those.other, those.login(those.one, 10), given.merge(merged, into, at=at(11))),
            given.release("anna", one, at=at(12)),
            given.visit(jar=those.other.jar_id, user_id="anna", at=at(13)),
            *(again if is_said_again else []),
        ],
        TOGETHER,
    )
    assert graph.edges("IDENTIFIED_AS") == set()
    happen(database, [given.split(merged, at=at(16))], TOGETHER)
    assert graph.edges("IDENTIFIED_AS") == {(other, "anna")}
    assert checked(database) == []


def test_a_user_id_that_was_refused_does_not_count_after_an_unmerge_if_what_it_counted_for_was_closed_since(
    database: Database, graph: Graph
) -> None:
    those = Browsers()
    one, other = those.one.arrival.ids.visitor, those.other.arrival.ids.visitor
    late = at(40) + timedelta(days=TOGETHER.relationship_ttl_days)
    happen(
        database,
        [
            *(those.one, those.other, those.login(those.one, 10), given.release("anna", one, at=at(11))),
            given.merge(other, one, at=at(12)),
            given.visit(jar=those.other.jar_id, user_id="anna", at=at(13)),
            those.login(those.other, 14),
        ],
        TOGETHER,
    )
    assert graph.rows("MATCH (visit {refused_user_id: 'anna'}) RETURN count(visit) AS n") == [{"n": 1}]
    swept = sweep.Sweep(given.by_whom(late)["change"], TOGETHER)
    database.write(sweep.act, swept, database.read(sweep.due, swept))
    happen(database, [given.split(other, at=late)], TOGETHER)
    assert graph.edges("IDENTIFIED_AS") == set()
    assert checked(database) == []


@pytest.mark.parametrize("named", ["one", "other"])
def test_a_fingerprint_is_taken_from_all_that_are_one_and_stays_apart_when_they_are_not_any_more(
    named: str, database: Database, graph: Graph
) -> None:
    one, other = given.visit(fingerprint="f-1"), given.visit(fingerprint="f-2")
    before, after = given.visit(fingerprint="f-9", at=at(2)), given.visit(fingerprint="f-9", at=at(5))
    ids = {"one": one.arrival.ids.visitor, "other": other.arrival.ids.visitor}
    taking = given.split(ids[named], fingerprint="f-9", at=at(8))
    new = taking.ids.visitor
    calls: list[Call] = [
        *(one, other, given.visit(fingerprint="f-9", jar=one.jar_id, at=at(1)), before),
        given.visit(fingerprint="f-9", jar=other.jar_id, at=at(3)),
        given.merge(ids["other"], ids["one"], at=at(4)),
        *(after, given.visit(fingerprint="f-9", jar=other.jar_id, at=at(5), address=after.arrival.observed.address)),
        *(given.login(visit.arrival.ids.session, "anna", at=at(6)) for visit in (before, after)),
    ]
    happen(database, calls, TOGETHER)
    assert graph.edges("IN") >= {(before.jar_id, ids["one"]), (after.jar_id, ids["other"])}
    database.write(visibility.act, given.hiding("anna", ids["one"], at=at(7)))

    happen(database, [taking], TOGETHER)
    apart = {(ids["one"], "f-1"), (ids["other"], "f-2"), (new, "f-9")}
    assert graph.edges("HAS_FINGERPRINT") == apart
    assert graph.edges("HAD_FINGERPRINT") == {(ids["one"], "f-9"), (ids["other"], "f-9")}
    inside = {(one.jar_id, ids["one"]), (other.jar_id, ids["other"]), (before.jar_id, new), (after.jar_id, new)}
    assert graph.edges("IN") == inside
    told_apart = {(ids[name], end) for name in ids for end in ("f-9", new)}
    assert graph.edges("CANNOT_LINK") == told_apart
    [row] = graph.rows("MATCH (v)-[r:IDENTIFIED_AS]->() RETURN v.visitor_id AS v, r.count AS n, r.hidden AS hidden")
    assert row == {"v": new, "n": 2, "hidden": True}
    [row] = graph.rows("MATCH ({visitor_id: $new})-[r:HAS_FINGERPRINT]->() RETURN r.count AS n", new=new)
    assert row == {"n": 2}
    places = graph.rows("MATCH ({visitor_id: $new})-[r:SEEN_WITH]->() RETURN r.count AS n", new=new)
    assert places == [{"n": 2}]
    assert checked(database) == []

    happen(database, [given.split(ids["other"], at=at(9))], TOGETHER)
    assert (graph.edges("HAS_FINGERPRINT"), graph.edges("IN")) == (apart, inside)
    assert graph.edges("CANNOT_LINK") == {*told_apart, (ids["other"], ids["one"])}
    assert checked(database) == []
    happen(database, [given.visit(fingerprint="f-9", at=at(10))], TOGETHER)
    assert len(graph.edges("HAS_FINGERPRINT")) == 3


@dataclass(frozen=True)
class Shared:
    """Two merged visitors, `one` and `other`. The jars `before` and `after` came into them by the fingerprint f-9."""

    one: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-1"))
    other: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-2"))
    before: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-9", at=at(4)))
    after: init.Init = field(default_factory=lambda: given.visit(fingerprint="f-9", at=at(7)))

    def begin(self) -> list[Call]:
        return [self.one, self.other]

    def share(self) -> list[Call]:
        return [
            given.visit(fingerprint="f-9", jar=self.one.jar_id, at=at(3)),
            self.before,
            given.visit(fingerprint="f-9", jar=self.other.jar_id, at=at(5)),
            given.merge(self.other.arrival.ids.visitor, self.one.arrival.ids.visitor, at=at(6), force=True),
            self.after,
        ]

    def inside(self) -> set[tuple[str, str]]:
        return {
            *((visit.jar_id, self.one.arrival.ids.visitor) for visit in (self.one, self.before)),
            *((visit.jar_id, self.other.arrival.ids.visitor) for visit in (self.other, self.after)),
        }


def test_what_was_closed_on_one_visitor_is_not_closed_on_what_a_fingerprint_brings_from_another(
    database: Database, graph: Graph
) -> None:
    those = Shared()
    one, other = those.one.arrival.ids.visitor, those.other.arrival.ids.visitor
    taking = given.split(one, fingerprint="f-9", at=at(30))
    happen(database, [*those.begin(), *those.share(), given.split(other, at=at(10))], TOGETHER)
    assert graph.edges("IN") == those.inside()
    happen(
        database,
        [
            given.login(those.after.arrival.ids.session, "anna", at=at(11)),
            *(given.login(visit.arrival.ids.session, "anna", at=at(12)) for visit in (those.one, those.before)),
            given.release("anna", one, at=at(13)),
            given.merge(one, other, at=at(14), force=True),
            taking,
        ],
        TOGETHER,
    )
    [row] = graph.rows("MATCH (v)-[r:IDENTIFIED_AS]->() RETURN v.visitor_id AS v, r.count AS n, r.last_seen AS last")
    assert row == {"v": taking.ids.visitor, "n": 1, "last": at(11)}


@pytest.mark.parametrize("leaves", [False, True])
def test_what_was_contradicted_on_one_of_two_is_said_where_its_login_is_not_when_a_fingerprint_left(
    database: Database, graph: Graph, *, leaves: bool
) -> None:
    those = Shared()
    one = those.one.arrival.ids.visitor
    login = given.login((those.after if leaves else those.other).arrival.ids.session, "anna", at=at(8))
    calls = [
        *those.begin(),
        given.login(those.one.arrival.ids.session, "anna", at=at(1)),
        given.release("anna", one, at=at(2)),
    ]
    happen(database, [*calls, *those.share(), login], TOGETHER)
    assert graph.edges("IN") == those.inside()
    assert graph.edges("CANNOT_LINK") == set()
    taking = given.split(one, fingerprint="f-9", at=at(9))
    happen(database, [taking], TOGETHER)
    told = {row["v"] for row in graph.rows("MATCH (v)-[:CANNOT_LINK]->(:User) RETURN v.visitor_id AS v")}
    assert told == {one if leaves else taking.ids.visitor}


@pytest.mark.parametrize("of", ["itself", "another"])
def test_what_a_login_contradicted_is_said_again_when_its_jar_leaves(of: str, database: Database, graph: Graph) -> None:
    one, other = given.visit(fingerprint="f-1"), given.visit(fingerprint="f-2")
    alike = given.visit(fingerprint="f-2", at=at(1))
    told, left = (other if of == "itself" else one).arrival.ids.visitor, other.arrival.ids.visitor
    session = (other if of == "itself" else one).arrival.ids.session
    happen(
        database,
        [
            *(one, other, alike, given.login(session, "anna", at=at(2)), given.release("anna", told, at=at(3))),
            given.merge(left, one.arrival.ids.visitor, at=at(4)),
            given.login(alike.arrival.ids.session, "anna", at=at(5)),
        ],
        TOGETHER,
    )
    assert graph.edges("CANNOT_LINK") == set()
    happen(database, [given.split(left, jar_id=alike.jar_id, at=at(6))], TOGETHER)
    assert {row["v"] for row in graph.rows("MATCH (v)-[:CANNOT_LINK]->(:User) RETURN v.visitor_id AS v")} == {told}


def test_a_fingerprint_that_is_all_there_is_of_a_merged_visitor_is_refused_with_what_to_do(database: Database) -> None:
    one, other = given.visit(fingerprint="f-1"), given.visit(fingerprint="f-9")
    alike = given.visit(fingerprint="f-9", at=at(1))
    merged, taking = other.arrival.ids.visitor, given.split(one.arrival.ids.visitor, fingerprint="f-9", at=at(5))
    happen(
        database,
        [
            *(one, other, alike, given.split(merged, jar_id=other.jar_id, at=at(2))),
            given.visit(fingerprint="f-9", jar=one.jar_id, at=at(3)),
            given.merge(merged, one.arrival.ids.visitor, at=at(4)),
        ],
        TOGETHER,
    )
    with pytest.raises(Refused, match=f"nothing would be left of {merged}.* undo"):
        happen(database, [taking], TOGETHER)
    happen(database, [given.split(merged, at=at(5)), taking], TOGETHER)


def checked(database: Database) -> list[Finding]:
    """Return the findings of a consistency check."""
    check = consistency.Check(TOGETHER, is_repairing=False, at=given.NOON, actor="job:test", new_id=lambda: "never")
    return consistency.act(database, check).findings
