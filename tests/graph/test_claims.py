"""A random walk of visits, log-outs, logins, merges, splits and releases: after each step the database answers what its
raw facts define.

tests/unit/test_identifying.py tries the rule itself; here it is the queries' turn.
"""

import random
from bisect import bisect
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, LiteralString

import pytest

from graph.acts import init, journeys, merge, reads, release, split, track, weigh
from graph.acts.journeys import Asked, of_user
from graph.database import Database
from graph.errors import IdentityGraphError, NotFound, Refused
from graph.model import Standing
from graph.rules.journeys import Stream
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from graph.rules.times import BEGINNING, END
from graph.store import identities
from graph.store.visitors import PartsPlace
from graph.transaction import Transaction
from tests import given
from tests.faults.test_races import MISCOUNTED
from tests.world import Graph

#: Sessions stay open throughout, so that a login may arrive as late as it likes.
POLICY = Policy(session_idle_minutes=600.0, kiosk_users=4, fingerprint_known_jars_max=2)
MINUTES = 60


@dataclass(frozen=True)
class Claim:
    """A claim as it stands in the graph."""

    user_id: str
    identity_id: str
    at: datetime
    tenure_id: str


@dataclass
class Facts:
    """The open facts, read back past our own queries."""

    ties: dict[str, tuple[str, float]]
    claims: dict[str, Claim]
    tenures: set[str]

    @classmethod
    def read(cls, graph: Graph) -> "Facts":
        ties = graph.rows(
            "MATCH (a:Tenure)-[r:TIED_TO]->(b) RETURN a.identity_id AS a, b.identity_id AS b, r.confidence AS c"
        )
        claims = graph.rows(
            "MATCH (t:Tenure)-[r:RESOLVES_TO {method: 'claim'}]->(u) "
            "RETURN t.identity_id AS tenure_id, u.user_id AS user_id, u.identity_id AS identity_id, r.at AS at"
        )
        tenures = graph.rows("MATCH (t:Tenure) RETURN t.identity_id AS id")
        found = cls(
            {row["a"]: (row["b"], row["c"]) for row in ties},
            {row["tenure_id"]: Claim(**{**row, "at": row["at"].to_native()}) for row in claims},
            {row["id"] for row in tenures},
        )
        assert (len(ties), len(claims)) == (len(found.ties), len(found.claims)), "at most one of each is open"
        return found

    def standing(self, tenure: str) -> Standing:
        """Whose a tenure is by the definition, but for what is probable."""
        if tenure in self.claims:
            claim = self.claims[tenure]
            return Standing(claim.identity_id, claim.user_id, "claim", 1.0, tenure)
        if below := self.earliest_below(tenure):
            claim, confidence = below
            return Standing(claim.identity_id, claim.user_id, "adopted", confidence, tenure)
        if tenure not in self.ties:
            return Standing(tenure, None, "own", 1.0, tenure)
        above, tie = self.ties[tenure]
        its = self.standing(above)
        return replace(its, method="tied" if its.user_id else "own", confidence=min(tie, its.confidence))

    def earliest_below(self, tenure: str) -> tuple[Claim, float] | None:
        """The earliest claim that reaches a tenure from below through unclaimed ones, and how sure the ties are."""
        found: list[tuple[Claim, float]] = []
        for child, (above, tie) in self.ties.items():
            if above == tenure:
                if child in self.claims:
                    found.append((self.claims[child], tie))
                elif below := self.earliest_below(child):
                    found.append((below[0], min(tie, below[1])))
        return min(found, key=lambda one: (one[0].at, one[0].tenure_id), default=None)


@dataclass
class Walk:
    """Visits, log-outs, ties, logins and events by chance; each call is received later than the one before."""

    database: Database
    graph: Graph
    chance: random.Random
    minute: int = 0
    jars: list[str] = field(default_factory=list)
    sessions: list[tuple[str, int]] = field(default_factory=list)

    def step(self) -> None:
        self.minute += 1
        weights = [6, 2, 1, 5, 1, 1, 1, 1] if self.minute < MINUTES / 3 else [2, 2, 1, 4, 6, 2, 3, 1]
        doing = self.chance.choices(["new", "again", "out", "merge", "login", "event", "split", "release"], weights)[0]
        if doing == "new" or not self.sessions:
            self.visit(None, reset=False)
        elif doing in {"again", "out"}:
            self.visit(self.chance.choice(self.jars), reset=doing == "out")
        elif doing in {"merge", "split", "release"}:
            with suppress(Refused, NotFound):
                getattr(self, doing)()
        elif doing == "login":
            session, started = self.chance.choice(self.sessions)
            login = given.login(session, self.chance.choice("abcd"), at=self.some_time(started), received_at=self.now())
            self.database.write(given.log_in, given.arriving(login, policy=POLICY))
        else:
            session, started = self.chance.choice(self.sessions)
            event = given.event(session, at=self.some_time(started))
            self.done(self.database.write(track.act, [given.arriving(event, received_at=self.now(), policy=POLICY)]))

    def visit(self, jar: str | None, *, reset: bool) -> None:
        visit = given.visit(
            at=self.now(), jar=jar, fingerprint=self.chance.choice(["f-1", "f-2", None, None]), reset=reset
        )
        [begun] = self.database.write(init.act, [given.arriving(visit, policy=POLICY)])
        assert isinstance(begun, init.Initiated)
        if begun.match.confidence >= POLICY.confidence_min:
            _, read = self.database.read(reads.session, begun.session_id, Bound.of(POLICY, given.NOON))
            assert (begun.identity_id, begun.user_id) == (read.identity_id, read.user_id)
        self.jars.append(visit.jar_id)
        self.sessions.append((visit.arrival.ids.session, self.minute))

    def merge(self) -> None:
        one, other = self.chance.choice(self.visitors()), self.chance.choice(self.visitors())
        merging = given.merge(one, other, at=self.now(), force=self.chance.random() < 0.3)
        self.database.write(merge.act, replace(merging, policy=POLICY))

    def split(self) -> None:
        visitor = self.chance.choice(self.visitors())
        parts = self.graph.rows(
            """
            MATCH (v:Visitor {visitor_id: $visitor})<-[:IN]-(j)<-[:ON]-(t)
            OPTIONAL MATCH (v)-[:HAS_FINGERPRINT]->(f)
            RETURN j.jar_id AS jar_id, t.identity_id AS tenure_id, f.hash AS fingerprint
            ORDER BY jar_id, tenure_id, fingerprint
            """,
            visitor=visitor,
        )
        part = self.chance.choice([{}, *({kind: value} for row in parts for kind, value in row.items() if value)])
        self.database.write(split.act, replace(given.split(visitor, at=self.now(), **part), policy=POLICY))

    def release(self) -> None:
        visitor, user = self.chance.choice(self.visitors()), self.chance.choice("abcd")
        self.database.write(release.act, replace(given.release(user, visitor, at=self.now()), policy=POLICY))

    def visitors(self) -> list[str]:
        return [row["id"] for row in self.graph.rows("MATCH (v:Visitor) RETURN v.visitor_id AS id ORDER BY id")]

    def now(self) -> datetime:
        return given.NOON + timedelta(minutes=self.minute)

    def some_time(self, since: int) -> datetime:
        """Some second between a minute and now."""
        return given.NOON + timedelta(seconds=self.chance.randint(since * 60, self.minute * 60))

    @staticmethod
    def done(results: list[Any]) -> None:
        assert not any(isinstance(one, IdentityGraphError) for one in results)


@pytest.mark.parametrize("seed", range(12))
def test_wherever_a_walk_leads_all_is_as_the_open_facts_say(seed: int, database: Database, graph: Graph) -> None:
    walk = Walk(database, graph, random.Random(seed))  # noqa: S311 - a walk one can repeat
    for _ in range(MINUTES):
        walk.step()
        each_tenure_is_whose_the_facts_say(database, Facts.read(graph))
    each_identity_has_what_resolves_to_it(database, graph)
    assert [row for query in (*WRONG, *MISCOUNTED) for row in graph.rows(query)] == []


def each_tenure_is_whose_the_facts_say(database: Database, facts: Facts) -> None:
    resolved = resolve(database, facts.tenures)
    certain = {tenure: standing for tenure, standing in resolved.items() if standing.method != "probable"}
    assert certain == {tenure: facts.standing(tenure) for tenure in certain}
    assert all(facts.standing(tenure).user_id is None for tenure in resolved.keys() - certain.keys())


def all_streams(tx: Transaction, identity: str) -> list[Stream]:
    """The tenures of an identity's journey, read two at first."""
    asked = Asked(identity, (BEGINNING, ""), END, Bound.of(POLICY, given.NOON), 100, 1_000_000)
    streams = journeys.streams_of(tx, identity, asked)
    streams.wanted = replace(streams.wanted, limit=2)
    while not streams.is_whole:
        streams.more()
    return streams.found


def each_identity_has_what_resolves_to_it(database: Database, graph: Graph) -> None:
    """As members and, where there are events, in its journey, there as surely as it resolves.

    What is tied to somebody by the facts is theirs, too, where evidence of its own says whose it probably is.
    """
    facts = Facts.read(graph)
    resolved = resolve(database, facts.tenures, confidence_min=POLICY.confidence_min)
    with_events = {row["id"] for row in graph.rows("MATCH (t:Tenure) WHERE t.events > 0 RETURN t.identity_id AS id")}
    for identity in {standing.identity_id for standing in resolved.values()}:
        certain = {one: facts.standing(one) for one in facts.tenures if facts.standing(one).identity_id == identity}
        theirs = {tenure: one for tenure, one in resolved.items() if one.identity_id == identity} | certain
        members = database.read(identities.members.one, identity_id=identity, before=None, limit=1_000)
        assert set(members.tenures) == certain.keys()
        streams = database.read(all_streams, identity)
        assert {one.tenure_id: one.confidence for one in streams if one.confidence >= POLICY.confidence_min} == {
            tenure: one.confidence for tenure, one in theirs.items() if tenure in with_events
        }


@pytest.mark.parametrize("seed", range(5))
def test_logins_and_events_in_any_order_end_in_the_same_journeys(seed: int, database: Database) -> None:
    """Three sessions of one browser, one after the other; whoever logged in last is the one, before that the first.

    What is dated before its session began counts from its beginning.
    """
    chance = random.Random(seed)  # noqa: S311 - a story one can tell again
    starts, minutes = (0, 10, 20), range(1, 30)
    jar = None
    sessions = []
    visitor_id = ""
    for start in starts:
        visit = given.visit(at=given.NOON + timedelta(minutes=start), jar=jar, fingerprint="f-1")
        [begun] = database.write(init.act, [given.arriving(visit, policy=POLICY)])
        assert isinstance(begun, init.Initiated)
        visitor_id, jar = begun.visitor_id, visit.jar_id
        sessions.append(visit.arrival.ids.session)
    users = {minute: chance.choice("aab") for minute in chance.sample(minutes, 9)}
    received_at = given.NOON + timedelta(hours=1)
    session_of = {minute: bisect(starts, minute) - 1 for minute in minutes}
    # At most one login counts from the beginning of a session.
    for number, start in enumerate(starts[1:], 1):
        early = [minute for minute in minutes if minute < start and session_of[minute] == number - 1]
        at_most_one = [minute for minute in early if minute in users and start not in users][:1]
        for minute in [*chance.sample([each for each in early if each not in users], 3), *at_most_one]:
            session_of[minute] = number
    counts = {minute: max(minute, starts[session_of[minute]]) for minute in minutes}
    for minute in chance.sample(minutes, len(minutes)):
        session = sessions[session_of[minute]]
        at = given.NOON + timedelta(minutes=minute)
        if minute in users:
            login = given.login(session, users[minute], at=at, received_at=received_at)
            database.write(given.log_in, given.arriving(login, policy=POLICY))
        else:
            event = given.event(session, at=at, name=f"minute {minute}")
            Walk.done(database.write(track.act, [given.arriving(event, received_at=received_at, policy=POLICY)]))

    logins = sorted((counts[minute], user) for minute, user in users.items())
    first = logins[0][1]
    whose = {
        minute: next((user for since, user in reversed(logins) if since <= counts[minute]), first) for minute in minutes
    }
    _, standing = database.read(reads.visitor, visitor_id, Bound.of(POLICY, given.NOON, 1.0), PartsPlace(), 100)
    assert standing.user_id == whose[minutes[-1]]
    # A login's event is at the time from which it counts.
    events = sorted((counts[minute], "identify", whose[minute]) for minute in users)
    events += [(minute, f"minute {minute}", whose[minute]) for minute in minutes if minute not in users]
    for user in set(users.values()):
        asked = Asked(user, (BEGINNING, ""), END, Bound.of(POLICY, given.NOON, 1.0), 100, 1_000_000)
        journey = [(touch.event.at, touch.event.name) for touch in database.read(of_user, asked).items]
        assert sorted(journey) == [
            (given.NOON + timedelta(minutes=minute), name)
            for minute, name, whose_it_is in sorted(events)
            if whose_it_is == user
        ]


def test_a_tenure_whose_follower_claims_for_itself_chooses_the_earliest_of_its_other_children(
    database: Database, graph: Graph
) -> None:
    """Below `top` hang `middle`, with `leaf` below it, and three more."""
    sessions = {}
    for number, name in enumerate(("top", "middle", "leaf", "one", "two", "three")):
        visit = given.arriving(given.visit(at=given.NOON + timedelta(seconds=number)), policy=POLICY)
        Walk.done(database.write(init.act, [visit]))
        sessions[name] = visit.arrival.ids.session
    for below, above in {"middle": "top", "leaf": "middle", "one": "top", "two": "top", "three": "top"}.items():
        graph.rows(
            """
            MATCH (a:Tenure)<-[:DURING]-(:Session {session_id: $a}), (b:Tenure)<-[:DURING]-(:Session {session_id: $b})
            CREATE (a)-[:TIED_TO {confidence: 0.9}]->(b)
            """,
            a=sessions[below],
            b=sessions[above],
        )
    for name, minute in {"leaf": 1, "three": 4, "one": 2, "two": 3, "middle": 5}.items():
        login = given.login(sessions[name], name, at=given.NOON + timedelta(minutes=minute))
        database.write(given.log_in, given.arriving(login, policy=POLICY))

    found = graph.rows(
        """
        MATCH (s:Session)-[:DURING]->()-[r:RESOLVES_TO]->(u)
        RETURN s.session_id AS session, u.user_id AS user, r.method AS method
        """
    )
    names = {session: name for name, session in sessions.items()}
    assert {names[row["session"]]: row["user"] for row in found if row["method"] == "claim"} == {
        name: name for name in ("leaf", "middle", "one", "two", "three")
    }
    assert [(names[row["session"]], row["user"]) for row in found if row["method"] == "adopted"] == [("top", "one")]


#: What there must be none of.
WRONG: tuple[LiteralString, ...] = (
    """
    MATCH (t:Tenure)
    WITH t, COUNT { (t)<-[:DURING]-() } AS sessions, COUNT { (t)<-[:DURING]-()-[:RECORDED]->() } AS events
    WHERE sessions <> t.sessions OR events <> t.events
    RETURN t.identity_id AS miscounted
    """,
    "MATCH (s:Session) WHERE s.events <> COUNT { (s)-[:RECORDED]->() } RETURN s.session_id AS miscounted",
    "MATCH (t)<-[:DURING]-()-[:RECORDED]->(e) WHERE e.tenure_id <> t.identity_id RETURN e.event_id AS elsewhere",
    """
    MATCH (t)<-[:DURING]-()-[:RECORDED]->(e)
    WHERE e.at < t.first_seen OR e.at > t.last_seen
    RETURN e.event_id AS beyond
    """,
    "MATCH (j:Jar) WHERE COUNT { (j)-[:IN]->() } <> 1 OR COUNT { (j)-[:CURRENT]->() } > 1 RETURN j.jar_id AS torn",
    "MATCH (s:Session) WHERE COUNT { (s)-[:DURING]->() } <> 1 RETURN s.session_id AS torn",
    "MATCH (t:Tenure) WHERE COUNT { (t)-[:RESOLVES_TO]->() } > 1 RETURN t.identity_id AS torn",
    "MATCH (v:Visitor) WHERE COUNT { (v)-[:MERGED_INTO]->() } > 1 RETURN v.visitor_id AS torn",
    "MATCH (v:Visitor)-[:MERGED_INTO*1..9]->(v) RETURN v.visitor_id AS in_a_circle",
    "MATCH (t:Tenure) WHERE COUNT { (t)-[:TIED_TO]->() } > 1 RETURN t.identity_id AS torn",
    """
    MATCH (t)-[:ON]->()-[:IN]->(v:Visitor), (t)-[:TIED_TO]->()-[:ON]->()-[:IN]->(other)
    WHERE NOT EXISTS { (v)-[:MERGED_INTO*0..8]->()<-[:MERGED_INTO*0..8]-(other) }
    RETURN t.identity_id AS tied_to_another_visitors
    """,
    """
    MATCH (v:Visitor)
    WHERE v.known_jars <> COUNT { (v)<-[:IN]-(j) WHERE j.known_since IS NOT NULL }
    RETURN v.visitor_id AS miscounted
    """,
    # What an edge says of its own, against the logins on the visitor's jars; what was closed counts no more.
    """
    MATCH (v:Visitor), (u:User)
    OPTIONAL MATCH (v)-[r:IDENTIFIED_AS]->(u)
    CALL (v, u) {
      MATCH (v)<-[:IN]-(j)<-[:ON]-()<-[:DURING]-()-[:RECORDED]->(e {user_id: u.user_id})
      WHERE NOT EXISTS {
        (v)-[was:WAS_IDENTIFIED_AS]->(u)
        WHERE
          was.until >= e.received_at AND
          (was.visitor_id = v.visitor_id OR EXISTS { (j)-[:WAS_IN]->({visitor_id: was.visitor_id}) })
      }
      RETURN count(e) AS logins, min(e.at) AS first, max(e.at) AS last
    }
    WITH v, u, r, logins, first, last
    WHERE
      coalesce(r.claimed_count, 0) <> logins OR
      (logins > 0 AND (r.claimed_first <> first OR r.claimed_last <> last))
    RETURN v.visitor_id AS visitor, u.user_id AS user, r.claimed_count AS counted, logins
    """,
    # What a survivor's edge comes to, against those of all that were merged into it.
    """
    MATCH (s:Visitor), (u:User)
    WHERE NOT EXISTS { (s)-[:MERGED_INTO]->() }
    OPTIONAL MATCH (s)-[r:IDENTIFIED_AS]->(u)
    CALL (s, u) {
      MATCH (s)<-[:MERGED_INTO*0..8]-(m)-[one:IDENTIFIED_AS]->(u)
      RETURN sum(coalesce(one.claimed_count, 0)) AS n, min(one.claimed_first) AS first, max(one.claimed_last) AS last
    }
    WITH s, u, r, n, first, last
    WHERE coalesce(r.count, 0) <> n OR (n > 0 AND (r.first_seen <> first OR r.last_seen <> last OR r.rank IS NULL))
    RETURN s.visitor_id AS survivor, u.user_id AS user, r.count AS counted, n
    """,
    "MATCH (v)-[r:IDENTIFIED_AS]->() WHERE r.rank IS NOT NULL AND (v)-[:MERGED_INTO]->() RETURN v.visitor_id AS listed",
    """
    MATCH (v:Visitor)<-[:IN]-()<-[:ON]-()<-[:DURING]-(s)
    WITH v, max(s.last_seen) AS latest
    WHERE NOT EXISTS { (:Identity {identity_id: v.latest_tenure_id})<-[:DURING]-({last_seen: latest}) }
    RETURN v.visitor_id AS not_the_latest
    """,
)


def resolve(database: Database, tenures: set[str], confidence_min: float = 0.0) -> dict[str, Standing]:
    return database.read(weigh.standings, sorted(tenures), Bound.of(POLICY, given.NOON, confidence_min))
