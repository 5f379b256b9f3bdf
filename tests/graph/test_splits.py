"""A jar that is taken out of a visitor: the graph is as if it had been apart from the start."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import neo4j
import pytest

from app.services import identify, init, release, split, track
from graph.database import Database
from graph.errors import IdentityGraphError
from graph.model import Fingerprint, Method
from graph.rules.policy import Policy
from graph.store import init as visits
from graph.store import visitors
from tests import given
from tests.api.test_merge import snapshot
from tests.world import Graph

#: By this one jars with one fingerprint are one visitor. Sessions stay open, so that logins may arrive as late as they like.
TOGETHER = Policy(
    session_idle_minutes=100_000.0,
    session_max_hours=10_000.0,
    kiosk_users=2,
    kiosk_window_hours=60.0,
    propagation_hops=0,
)
#: By this one nobody is ever anybody else.
APART = replace(TOGETHER, fingerprint_crowd=0, address_crowd=0)
STEPS = 30
#: What a match was worth when it was made is no matter of where the jar is now.
MATCHED = {
    "Session": ("method", "confidence", "evidence", "answer"),
    "Collection": ("method", "confidence", "evidence"),
    "Event": ("identity_id", "confidence", "answer"),
    "IN": ("method", "confidence", "evidence", "fingerprint"),
    "HAS_FINGERPRINT": ("weight",),
}

Call = init.Init | identify.Identify | track.Track


@dataclass
class Story:
    """What two jars send by chance, one call after the other; each comes to one visitor by its fingerprint."""

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
                at = self.some_time(session.at)
                if doing == "login":
                    user = self.chance.choice("abcd")
                    self.calls.append(given.login(session.ids.session, user, at=at, received_at=self.now()))
                else:
                    self.calls.append(replace(given.event(session.ids.session, at=at), received_at=self.now()))
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
            received_at=self.now(),
            fingerprint=Fingerprint(hash_, 0.7, "{}") if hash_ else None,
            observed=replace(
                visit.observed,
                address=self.chance.choice(["198.51.100.1", "198.51.100.2"]),
                proves=self.chance.random() < 0.8,
                browser=self.chance.choice(["Chrome", "Firefox", None]),
            ),
        )
        if not visit.observed.proves:
            visit = replace(visit, observed=replace(visit.observed, address="10.0.0.1"))
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
        """Some second between a time and now."""
        return since + timedelta(seconds=self.chance.randint(0, int((self.now() - since).total_seconds())))


def happen(database: Database, calls: Sequence[Call], policy: Policy) -> None:
    for call in calls:
        one = replace(call, policy=policy)
        if isinstance(one, identify.Identify):
            database.write(identify.act, one)
        else:
            [done] = database.write(init.act, [one]) if isinstance(one, init.Init) else database.write(track.act, [one])
            assert not isinstance(done, IdentityGraphError), done


@pytest.mark.parametrize("jar_id", ["j-1", "j-2"])
@pytest.mark.parametrize("seed", range(5))
def test_a_jar_that_is_taken_out_might_have_been_apart_from_the_start(
    seed: int, jar_id: str, database: Database, graph: Graph
) -> None:
    calls = Story(random.Random(seed)).tell()  # noqa: S311 - a story one can tell again
    first = {
        one: next(call for call in calls if isinstance(call, init.Init) and call.jar_id == one)
        for one in ("j-1", "j-2")
    }
    stays, new = first["j-1"].ids.visitor, first["j-2"].ids.visitor
    happen(database, calls, TOGETHER)
    assert graph.edges("IN") == {("j-1", stays), ("j-2", stays)}
    taking = given.split(stays, jar_id=jar_id, at=given.NOON + timedelta(days=90))
    database.write(split.act, replace(taking, policy=TOGETHER, ids=given.named(taking.ids, new)))
    taken_out = snapshot(graph, MATCHED)

    graph.empty()
    # Whichever was taken out is called as the visitor that the split made.
    names = {jar: new if jar == jar_id else stays for jar in first}
    calls = [
        replace(call, ids=given.named(call.ids, names[call.jar_id])) if isinstance(call, init.Init) else call
        for call in calls
    ]
    happen(database, calls, APART)
    apart = snapshot(graph, MATCHED)
    assert taken_out - apart == apart - taken_out == set()


def test_a_split_waits_for_a_fingerprint_before_it_takes_its_visitor(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """As a visit does, which goes from the one to the other."""
    one, other = (given.visit(fingerprint="f-1") for _ in "ab")
    happen(database, [one, other], TOGETHER)
    row = {"jar_id": "j-new", "fingerprint": "f-1", "fingerprint_crowd": TOGETHER.fingerprint_crowd}
    with driver.session() as session, session.begin_transaction() as tx:
        visits.lock(tx, given.TENANT, [{**row, "jar_kind": "issued", "components": None, "at": given.NOON}])  # type: ignore[arg-type]
        splitting = blocked(database, graph, given.split(one.ids.visitor, jar_id=other.jar_id))
        assert visits.lock_visitors(tx, given.TENANT, [row]) == {one.ids.visitor}  # type: ignore[arg-type]
        tx.commit()
    splitting.join(timeout=20)
    assert len(graph.edges("HAS_FINGERPRINT")) == 2


def test_a_split_waits_for_whom_its_visitor_is_not_before_it_takes_it(
    database: Database, graph: Graph, driver: neo4j.Driver
) -> None:
    """What was said of the visitor is said of the new one: an edge to the other visitor, which is locked in its turn."""
    one, other, third = (given.visit(fingerprint="f-1") for _ in "abc")
    happen(database, [one, other, third], TOGETHER)
    taking = given.split(one.ids.visitor, jar_id=third.jar_id)
    database.write(split.act, replace(taking, ids=given.named(taking.ids, "a-first")))
    with driver.session() as session, session.begin_transaction() as tx:
        visitors.lock_group(tx, given.TENANT, ["a-first"])  # type: ignore[arg-type]
        splitting = blocked(database, graph, given.split(one.ids.visitor, jar_id=other.jar_id))
        assert visitors.lock_group(tx, given.TENANT, [one.ids.visitor]) == {one.ids.visitor}  # type: ignore[arg-type]
        tx.commit()
    splitting.join(timeout=20)
    assert len(graph.edges("CANNOT_LINK")) == 3


def test_what_was_collected_against_a_statement_does_not_count_after_a_split_either(
    database: Database, graph: Graph
) -> None:
    one, other = given.visit(fingerprint="f-1"), given.visit(fingerprint="f-1")
    hour = timedelta(hours=1)
    happen(database, [one, other, given.login(one.ids.session, "anna")], TOGETHER)
    database.write(release.act, given.release("anna", one.ids.visitor, at=given.NOON + hour))
    happen(database, [given.visit(jar=other.jar_id, user_id="anna", at=given.NOON + 2 * hour)], TOGETHER)
    assert graph.edges("IDENTIFIED_AS") == set()
    happen(database, [given.login(one.ids.session, "anna", at=given.NOON + 3 * hour)], TOGETHER)
    assert graph.edges("CANNOT_LINK") == set()
    database.write(split.act, given.split(one.ids.visitor, jar_id=other.jar_id, at=given.NOON + 4 * hour))
    assert graph.edges("IDENTIFIED_AS") == {(one.ids.visitor, "anna")}


def blocked(database: Database, graph: Graph, command: split.Split) -> threading.Thread:
    """A split that was begun and waits for a lock."""
    thread = threading.Thread(target=database.write, args=(split.act, command))
    thread.start()
    until = time.monotonic() + 20
    while not graph.rows("SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status"):
        assert thread.is_alive(), "it waits for nothing"
        assert time.monotonic() < until
        time.sleep(0.05)
    return thread
