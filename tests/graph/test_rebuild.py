"""A rebuild finds what does not follow from the recorded facts, makes it so, and finds nothing after random histories."""

import random
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import LiteralString

import pytest

from graph.acts import consistency, init, merge, rebuild
from graph.acts.consistency import Report
from graph.acts.rebuild import Rebuild
from graph.database import Database
from graph.rules.consistency import Kind
from graph.rules.policy import Policy
from tests import given
from tests.api.test_consistency import too_slow
from tests.api.test_merge import snapshot
from tests.graph import test_arrivals, test_claims, test_splits
from tests.graph.test_claims import MINUTES, Walk
from tests.world import Graph

_numbers = count(1)


def rebuilt(database: Database, *, apply: bool = False, policy: Policy = given.POLICY) -> Report:
    """Compare the graph with its facts, and with `apply` make it so."""
    return asked(apply=apply, policy=policy).act(database)


def asked(*, apply: bool = False, policy: Policy = given.POLICY) -> Rebuild:
    change_id = f"chg_{next(_numbers):06d}"
    return Rebuild(policy, given.NOON, "job:rebuild", lambda: f"{next(_numbers):06d}", apply, change_id)


@pytest.mark.parametrize("seed", range(12))
def test_a_walk_ends_in_what_follows_from_its_facts(seed: int, database: Database, graph: Graph) -> None:
    walk = Walk(database, graph, random.Random(seed))  # noqa: S311 - a walk one can repeat
    for _ in range(MINUTES):
        walk.step()
    report = rebuilt(database, policy=test_claims.POLICY)
    assert report.findings == []
    assert report.checked["groups"] > 0


@pytest.mark.parametrize("seed", range(20))
def test_a_day_in_any_order_ends_in_what_follows_from_its_facts(seed: int, database: Database) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seed repeats the day
    happened = test_arrivals.day(chance)
    test_arrivals.arrive(database, test_arrivals.shuffled(happened, chance))
    assert rebuilt(database, policy=test_arrivals.POLICY).findings == []


@pytest.mark.parametrize("seed", range(20))
def test_a_shared_browser_ends_in_what_follows_from_its_facts(seed: int, database: Database) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seed repeats the day
    test_arrivals.arrive(database, test_arrivals.shuffled(test_arrivals.browser(chance), chance))
    assert rebuilt(database, policy=test_arrivals.POLICY).findings == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("jar_id", ["j-1", "j-2"])
def test_a_split_ends_in_what_follows_from_the_facts(seed: int, jar_id: str, database: Database) -> None:
    calls = test_splits.Story(random.Random(seed)).tell()  # noqa: S311 - a seed repeats the story
    test_splits.happen(database, calls, test_splits.TOGETHER)
    [visitor_id] = {call.arrival.ids.visitor for call in calls[:1] if isinstance(call, init.Init)}
    splitting = given.split(visitor_id, jar_id=jar_id, at=given.NOON + timedelta(days=90))
    test_splits.happen(database, [splitting], test_splits.TOGETHER)
    assert rebuilt(database, policy=test_splits.TOGETHER).findings == []


HOME = "203.0.113.50"


@pytest.fixture
def told(database: Database) -> None:
    """A graph with everything that is derived: adoptions, inferences of visits and of logins, a merge and relationships.

    Anna's laptop lost its cookies twice. She logged in on its last jar, at home, where a tablet was seen before and a
    telephone came later. Ben's two browsers were merged.
    """
    tablet = given.visit(fingerprint="f-2", address=HOME, at=minute(0))
    laptop = [given.visit(fingerprint="f-1", address=HOME, at=minute(number)) for number in (1, 2, 3)]
    desk, other = given.visit(fingerprint="f-4", at=minute(4)), given.visit(fingerprint="f-5", at=minute(4))
    for visit in (tablet, *laptop, desk, other):
        database.write(init.act, [visit])
    database.write(given.log_in, given.login(laptop[2].arrival.ids.session, "anna", at=minute(5)))
    telephone = given.visit(fingerprint="f-3", address=HOME, at=minute(6))
    database.write(init.act, [telephone])
    for visit in (desk, other):
        database.write(given.log_in, given.login(visit.arrival.ids.session, "ben", at=minute(7)))
    database.write(merge.act, given.merge(desk.arrival.ids.visitor, other.arrival.ids.visitor, at=minute(8)))


def minute(number: int) -> datetime:
    return given.NOON + timedelta(minutes=number)


#: What damages each kind of derived data, and the kinds of differences that a rebuild finds.
DAMAGE: Mapping[str, tuple[LiteralString, set[str]]] = {
    "an adopted claim is removed": ("MATCH ()-[r:RESOLVES_TO {method: 'adopted'}]->() DELETE r", {"adoption", "turn"}),
    "an adopted claim is another user's": (
        """
        MATCH (t)-[r:RESOLVES_TO {method: 'adopted'}]->(), (ben:User {user_id: 'ben'})
        CREATE (t)-[other:RESOLVES_TO]->(ben)
        SET other = properties(r)
        DELETE r
        """,
        {"adoption", "turn"},
    ),
    "an adopted claim is less sure than its ties": (
        "MATCH ()-[r:RESOLVES_TO {method: 'adopted'}]->() SET r.confidence = 0.2",
        {"adoption"},
    ),
    "an adopted claim is made up": (
        """
        MATCH (t:Tenure), (ben:User {user_id: 'ben'})
        WHERE NOT EXISTS { (t)-[:RESOLVES_TO]->() } AND EXISTS { (t)-[:PROBABLY]->() }
        WITH t, ben LIMIT 1
        CREATE (t)-[:RESOLVES_TO {method: 'adopted', claim: 'ten_x', at: datetime('2026-03-04T12:00Z'), confidence: 0.9}]->(ben)
        """,
        {"adoption"},
    ),
    "an inference of a visit is removed": (
        "MATCH (:Tenure)-[r:PROBABLY]->(:Tenure) DELETE r",
        {"inference_lost"},
    ),
    "an inference of a visit is misrated": (
        "MATCH (:Tenure)-[r:PROBABLY]->(:Tenure) SET r.confidence = 0.99",
        {"inference_figure"},
    ),
    "a carried inference is misrated": (
        "MATCH (:Tenure)-[r:PROBABLY]->(:User) SET r.confidence = 0.01",
        {"inference_figure"},
    ),
    "a carried inference is removed": ("MATCH (:Tenure)-[r:PROBABLY]->(:User) DELETE r", {"not_carried"}),
    "a carried inference names a login that is gone": (
        "MATCH (:Tenure)-[r:PROBABLY]->(:User) SET r.claims = r.claims + 'ten_gone'",
        {"inference_source"},
    ),
    "a carried inference comes from nothing but a login that is gone": (
        """
        MATCH (t:Tenure)-[r:PROBABLY]->(:User), (ben:User {user_id: 'ben'})
        CREATE (t)-[other:PROBABLY]->(ben)
        SET other = properties(r), other.claims = ['ten_gone']
        """,
        {"inference_source"},
    ),
    "an inference is made up, of a login": (
        """
        MATCH (t:Tenure)-[:PROBABLY]->(:User {user_id: 'anna'}), (ben:User {user_id: 'ben'})
        CREATE (t)-[:PROBABLY {
          method: 'ip_browser', confidence: 0.7, since: datetime('2026-03-04T12:00Z'), last_seen: datetime('2026-03-04T12:00Z')
        }]->(ben)
        """,
        {"inference_source"},
    ),
    "an inference is made up, of a visit": (
        """
        MATCH (t:Tenure)-[r:PROBABLY]->(:Tenure)
        WITH t, r LIMIT 1
        MATCH (other:Tenure)-[:ON]->()-[:IN]->(:Visitor)-[:HAS_FINGERPRINT]->({hash: 'f-4'})
        CREATE (t)-[fake:PROBABLY]->(other)
        SET fake = properties(r), fake.rests_on = ['fingerprint\nf-4']
        """,
        {"inference_unfounded"},
    ),
    "a claimed tenure is probably another user's": (
        """
        MATCH (t:Tenure)-[r:PROBABLY]->(:User), (mine)-[:RESOLVES_TO {method: 'claim'}]->(:User {user_id: 'anna'})
        MATCH (ben:User {user_id: 'ben'})<-[c:RESOLVES_TO {method: 'claim'}]-(his)
        WITH DISTINCT mine, ben, r, head(collect(his.identity_id)) AS claim
        CREATE (mine)-[other:PROBABLY]->(ben)
        SET other = properties(r), other.claims = [claim]
        """,
        {"inference_contradicted"},
    ),
    "counters are wrong": ("MATCH (t:Tenure) SET t.events = 99, t.sessions = 0", {"tenure_count"}),
    "a session's counter is wrong": ("MATCH (s:Session) SET s.events = 99", {"session_count"}),
    "times are wrong": ("MATCH (v:Visitor) SET v.first_seen = datetime('2020-01-01T00:00Z')", {"visitor_numbers"}),
    "machines are wrong": ("MATCH (v:Visitor) SET v.machines = 9", {"visitor_numbers"}),
    "known jars are wrong": ("MATCH (v:Visitor) SET v.known_jars = 7", {"visitor_jars"}),
    "a survivor is wrong": (
        "MATCH (v:Visitor)-[:MERGED_INTO]->() SET v.root_id = v.visitor_id",
        {"visitor_root", "relationship_figures"},
    ),
    "the latest tenure is wrong": ("MATCH (v:Visitor) SET v.latest_tenure_id = 'ten_x'", {"visitor_latest_tenure"}),
    "a rank is wrong": ("MATCH ()-[r:IDENTIFIED_AS]->() SET r.rank = 1.0", {"relationship_figures"}),
    "a fold is wrong": (
        "MATCH ()-[r:IDENTIFIED_AS]->() SET r.count = 77, r.confidence = 3.0",
        {"relationship_figures"},
    ),
    "a record is wrong": (
        "MATCH ()-[r:IDENTIFIED_AS]->() SET r.claimed_count = 77",
        {"relationship_records", "relationship_figures"},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_does_not_follow_from_the_facts_is_named_and_made_so(
    name: str, told: None, database: Database, graph: Graph
) -> None:
    assert rebuilt(database).findings == []
    whole = snapshot(graph)
    damage, kinds = DAMAGE[name]
    graph.rows(damage)
    broken = snapshot(graph)
    assert broken != whole

    found = rebuilt(database)
    assert {finding.kind.value for finding in found.findings} <= kinds
    assert found.left == found.kinds.total() > 0
    assert snapshot(graph) == broken, "a comparison writes nothing"

    made = rebuilt(database, apply=True)
    # What is made so for one visitor of a merge group may be made so for the others, too.
    assert (made.kinds.keys(), made.left) == (found.kinds.keys(), 0)
    again = rebuilt(database)
    assert (again.findings, again.left) == ([], 0)


@pytest.mark.parametrize("is_applying", [False, True])
def test_a_rebuild_that_is_cut_off_goes_on_where_it_was(
    told: None, database: Database, graph: Graph, monkeypatch: pytest.MonkeyPatch, *, is_applying: bool
) -> None:
    monkeypatch.setattr(consistency, "PAGE", 2)
    graph.rows("MATCH (t:Tenure) SET t.events = 99")
    graph.rows("MATCH ()-[r:RESOLVES_TO {method: 'adopted'}]->() DELETE r")
    graph.rows("MATCH (:Tenure)-[r:PROBABLY]->(:User) SET r.confidence = 0.01")
    whole = rebuilt(database)
    places: list[str | None] = [None]
    for pages in range(2, 60, 5):
        running = asked(apply=is_applying)
        assert running.go_on(places[-1]) == (places[-1] is not None)
        try:
            running.act(database, Interrupted(pages).after)
        except InterruptedError:
            assert running.place != places[-1]
            places.append(running.place)
        else:
            break
    assert len(places) > 3
    assert running.report.checked == whole.checked
    if is_applying:
        # What was corrected on a page that was not read to its end is in the audit trail only.
        assert running.report.kinds.keys() <= whole.kinds.keys()
        assert running.report.left == 0
    else:
        assert running.report.kinds == whole.kinds
        assert running.report.left == whole.left
    changes = {
        row["change"] for row in graph.rows("MATCH (e:AuditEntry {act: 'rebuild'}) RETURN e.change_id AS change")
    }
    assert {change[: len(running.change_id)] for change in changes} == ({running.change_id} if is_applying else set())
    assert rebuilt(database).left == (0 if is_applying else whole.left)


class Interrupted:
    """A progress that raises after some pages."""

    def __init__(self, pages: int) -> None:
        self.pages = pages

    def after(self, _: int) -> None:
        self.pages -= 1
        if not self.pages:
            raise InterruptedError


def test_a_rebuild_of_another_kind_or_release_is_not_gone_on_with(told: None, database: Database) -> None:
    comparing = asked()
    with pytest.raises(InterruptedError):
        comparing.act(database, Interrupted(2).after)
    assert comparing.place is not None
    assert not asked(apply=True).go_on(comparing.place)
    assert not asked().go_on("{}")
    assert not asked().go_on(re.sub('"name":"[a-z]+"', '"name":"sittings"', comparing.place))
    assert asked().go_on(comparing.place)


def test_another_tenants_graph_is_neither_compared_nor_made_so(
    told: None, database: Database, migrated: Database, graph: Graph
) -> None:
    graph.rows("MATCH (t:Tenure) SET t.events = 99")
    graph.rows("MATCH ()-[r:RESOLVES_TO {method: 'adopted'}]->() DELETE r")
    before = snapshot(graph)
    other = rebuilt(migrated.of("another"), apply=True)
    assert (other.findings, other.checked.total()) == ([], 0)
    assert snapshot(graph) == before
    assert rebuilt(database).left > 0


def test_a_merge_group_that_takes_too_long_is_reported_and_stops_nothing(
    told: None, database: Database, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rebuilt(database)
    graph.rows("MATCH ()-[r:RESOLVES_TO {method: 'adopted'}]->() DELETE r")
    [wrong] = {found.ids["tenureId"] for found in rebuilt(database).findings if found.kind is Kind.ADOPTION}
    fat = graph.rows("MATCH (v:Visitor) WHERE v.root_id = v.visitor_id RETURN min(v.visitor_id) AS id")[0]["id"]
    slow = too_slow(rebuild.LOOKS["groups"], lambda node_id: node_id == fat)
    monkeypatch.setattr(rebuild, "LOOKS", {**rebuild.LOOKS, "groups": slow})
    report = rebuilt(database, apply=True)
    assert [finding.ids for finding in report.findings if finding.kind is Kind.NOT_CHECKED] == [{"visitorId": fat}]
    assert wrong in {finding.ids["tenureId"] for finding in report.findings if finding.repaired}
    assert report.checked["groups"] == whole.checked["groups"] - 1
    assert (report.left, report.not_checked) == (1, 1)
