"""How Neo4j runs each query: by a seek on the indexes its header names, on a new graph and on a grown one."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any

import neo4j
import pytest

import migrations
from app import jobs
from graph.acts import init, merge, put, release, split, tenants, track, visibility, warnings
from graph.database import Database
from graph.errors import IdentityGraphError
from graph.groups import Groups
from graph.model import Warned
from graph.queries import FIELD, GIVEN, Header, load, names, sent
from graph.store.migrations import create_names
from tests import given
from tests.neo4j_server import AS_SHIPPED, Server, serve
from tests.patience import PATIENCE_SECONDS
from tests.world import Graph

NAMES = tuple(names())
#: Administration has no plan.
PLANNED = [name for name in NAMES if load(name)[1].access != "schema"]
ACCESS = {"r": "read", "w": "write", "rw": "write", "s": "schema"}
#: Lists that are read a page at a time, however long they are.
PAGES = (
    "audit/page",
    "consistency/addresses",
    "consistency/events",
    "consistency/fingerprints",
    "consistency/jars",
    "consistency/next",
    "consistency/sessions",
    "consistency/users",
    "consistency/visitors",
    "journeys/page",
    "relationships/of_user",
    "relationships/of_visitor",
    "retain/page",
    "warnings/of_code",
    "warnings/page",
)
#: What no index can find, and why.
SCANS = {"consistency/without_tenant": "an index on the tenant has no node without one"}
SAMPLES: dict[str, Any] = {
    "STRING": "x",
    "INTEGER": 10,
    "FLOAT": 1.0,
    "BOOLEAN": True,
    "ZONED DATETIME": given.NOON,
    "LIST<STRING>": ["x"],
    "LIST<FLOAT>": [1.0],
    "LIST<INTEGER>": [1],
    "LIST<BOOLEAN>": [True],
    "LIST<MAP>": [{}],
    "MAP": {},
}
SEEK = re.compile(r"^(?:Node(?:Unique)?IndexSeek|Directed\w+IndexSeek|MergeUniqueNode|MergeInto)")
SINGLE_ROW = re.compile(r"^(?:NodeUniqueIndexSeek|DirectedRelationshipUniqueIndexSeek)(?:\(Locking\))?$")
SOUGHT = re.compile(r":(\w+\([\w, ]+\)) WHERE|:(\w+\([\w, ]+\))\]->\(\w+\) WHERE")
TENANT_ALONE = re.compile(r" WHERE tenant = \S+ AND \w+ IS NOT NULL")
#: Queries that may look at all nodes of a tenant: those of analysts, the check, and the list of unfinished erasures.
WHOLE_TENANT = ("analysis/", "consistency/", "erase/leaving", "erase/pending")
VISITORS = 400

Operator = dict[str, Any]


@dataclass
class Planner:
    """What the server would do, asked once a query."""

    driver: neo4j.Driver
    asked: dict[str, neo4j.ResultSummary] = field(default_factory=dict)

    def explain(self, name: str) -> neo4j.ResultSummary:
        if name not in self.asked:
            text, header = load(name)
            # A command of administration takes parameters of its own only.
            alone = name.startswith("embedded/")
            given = params(text, header) if alone else {GIVEN: params(text, header)}
            self.asked[name] = self.driver.execute_query(f"EXPLAIN {text if alone else sent(text)}", given).summary
        return self.asked[name]

    def operators(self, name: str) -> list[Operator]:
        """All operators of a query's plan."""
        plan = self.explain(name).plan
        assert plan is not None
        return list(walk(plan))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of these tests' own, as they clear its plans, and with the settings that plans are made by."""
    with serve(tmp_path_factory.mktemp("neo4j"), AS_SHIPPED) as running:
        yield running


@pytest.fixture(scope="module")
def driver(shipped: Server) -> Iterator[neo4j.Driver]:
    with neo4j.GraphDatabase.driver(shipped.uri, auth=(shipped.user, shipped.password)) as connected:
        yield connected


@pytest.fixture(scope="module")
def migrated(shipped: Server) -> Iterator[Database]:
    with closing(Database.connect(shipped.uri, shipped.user, shipped.password).within(PATIENCE_SECONDS)) as database:
        migrations.migrate(database)
        yield database.of(given.TENANT)


@pytest.fixture(scope="module", params=["new", "grown"])
def planner(request: pytest.FixtureRequest, migrated: Database, driver: neo4j.Driver) -> Iterator[Planner]:
    """A server with the schema, and the statistics of hundreds of visitors or of none.

    The new one comes first: every name is known, so Neo4j has nothing to remark.
    """
    migrated.write(create_names)
    Graph(driver).empty()
    if request.param == "grown":
        grow(migrated)
    driver.execute_query("CALL db.resampleOutdatedIndexes()")
    driver.execute_query("CALL db.clearQueryCaches()")
    yield Planner(driver)
    Graph(driver).empty()


def grow(database: Database) -> None:
    """Visits of devices, some alike, some again; an event of each; logins in every ninth session, some of two users."""
    tenants.create_tenant(database, given.TENANT, secret_key="x" * 32, now=given.NOON)
    [key, _] = tenants.keys(database, given.TENANT)
    tenants.revoke_key(database, given.TENANT, key.key_id, now=given.NOON)
    visits = [
        given.visit(
            at=given.NOON + timedelta(seconds=number),
            fingerprint="common" if number % 50 == 0 else f"f-{number}",
            address=f"203.0.{number % 7}.{number % 250}",
            user_id=f"user-{number % 300}" if number % 10 == 0 else None,
        )
        for number in range(VISITORS)
    ]
    again = [
        given.visit(
            at=visit.arrival.at + timedelta(minutes=5),
            jar=visit.jar_id if number % 2 else None,
            fingerprint=visit.fingerprint.hash if visit.fingerprint else None,
            reset=number % 6 == 1,
        )
        for number, visit in enumerate(visits[: VISITORS // 4])
    ]
    collected = [replace(given.visit(jar=visits[0].jar_id), has_session=False, message=None)]
    begun = Groups("init", init.act, init.keys, size_max=200)
    for batch in (*batches(visits, 200), *batches(again, 200), collected):
        assert not any(isinstance(one, IdentityGraphError) for one in begun.run(database, given.TENANT, batch))
    sessions = [(visit.arrival.ids.session, visit.arrival.at) for visit in (*visits, *again)]
    events = [given.event(session, at=at + timedelta(seconds=1)) for session, at in sessions]
    for some in batches(events, 200):
        assert not any(isinstance(one, IdentityGraphError) for one in database.write(track.act, some))
    for number, (session, at) in enumerate(sessions[::9]):
        for step in range(1 + (number % 9 == 0)):
            login = given.login(session, f"user-{(number + step) % 200}", at=at + timedelta(seconds=3 + step))
            database.write(given.log_in, login)
    visitors = [visit.arrival.ids.visitor for visit in visits[1:40] if visit.arrival.ids.visitor]
    for one, into in zip(visitors[:8], visitors[8:16], strict=True):
        database.write(merge.act, given.merge(one, into, force=True))
    database.write(split.act, given.split(visitors[0]))
    made = database.write(put.act, [given.put(f"user-{number}", visitors[number]) for number in range(20)])
    assert not any(isinstance(one, IdentityGraphError) for one in made)
    database.write(release.act, given.release("user-0", visits[0].arrival.ids.visitor))
    database.write(
        given.log_in, given.login(visits[0].arrival.ids.session, "user-0", at=given.NOON + timedelta(minutes=9))
    )
    database.write(split.act, given.split(visits[98].arrival.ids.visitor, jar_id=again[98].jar_id))
    for hidden in (given.hiding("user-1"), given.hiding("user-2", visitors[2])):
        database.write(visibility.act, hidden)
    for name in jobs.JOBS:
        jobs.run(database, given.TENANT, name, clock=lambda: given.NOON, new_id=lambda: given.ids().change)
    odd = [
        Warned(f"code_{number % 5}", f"subject {number}", "why", given.NOON + timedelta(minutes=number))
        for number in range(VISITORS)
    ]
    database.write(warnings.record, odd)


def batches(items: list[Any], size: int) -> Iterator[list[Any]]:
    """The items in lists of a size."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def sample(kind: str) -> Any:
    return SAMPLES[kind.removesuffix(" NULL")]


def params(text: str, header: Header) -> dict[str, Any]:
    """A value of the right type for each parameter: a plan may depend on types."""
    keys = re.search(r"rows LIST<MAP> \{(.*?)\}", text)
    row = {one["name"]: sample(one["type"]) for one in FIELD.finditer(keys[1])} if keys else {}
    return {name: [row] if name == "rows" else sample(kind) for name, kind in header.params.items()}


def walk(plan: Operator) -> Iterator[Operator]:
    yield plan
    for child in plan.get("children", ()):
        yield from walk(child)


def kind(operator: Operator) -> str:
    name: str = operator["operatorType"]
    return name.partition("@")[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_header_says_whether_it_reads_or_writes(planner: Planner, name: str) -> None:
    assert ACCESS[planner.explain(name).query_type or ""] == load(name)[1].access


@pytest.mark.parametrize("name", PLANNED)
def test_every_look_up_is_a_seek_on_an_index_that_the_header_names(planner: Planner, name: str) -> None:
    sought = set()
    for operator in planner.operators(name):
        if SEEK.match(kind(operator)):
            sought |= {one or other for one, other in SOUGHT.findall(operator["args"]["Details"])}
    assert sought == set(load(name)[1].index)


@pytest.mark.parametrize("name", sorted(set(PLANNED) - SCANS.keys()))
def test_nothing_is_scanned(planner: Planner, name: str) -> None:
    kinds = [kind(operator) for operator in planner.operators(name)]
    assert [one for one in kinds if one.endswith("Scan")] == []


@pytest.mark.parametrize("name", [name for name in PLANNED if not name.startswith(WHOLE_TENANT)])
def test_no_seek_is_by_the_tenant_alone(planner: Planner, name: str) -> None:
    """Else it reads all nodes of a label that the tenant has."""
    details = [
        operator["args"].get("Details", "") for operator in planner.operators(name) if "IndexSeek" in kind(operator)
    ]
    assert [seek for seek in details if TENANT_ALONE.search(seek)] == []


@pytest.mark.parametrize("name", PLANNED)
def test_only_single_rows_are_multiplied(planner: Planner, name: str) -> None:
    for operator in planner.operators(name):
        if kind(operator) == "CartesianProduct":
            assert all(SINGLE_ROW.match(kind(child)) for child in operator["children"])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_in_the_order_of_the_index(planner: Planner, name: str) -> None:
    kinds = {kind(operator) for operator in planner.operators(name)}
    assert kinds & {"Sort", "Top", "PartialSort", "PartialTop"} == set()
    assert "Limit" in kinds


@pytest.mark.parametrize("name", NAMES)
def test_neo4j_has_nothing_to_remark(planner: Planner, name: str) -> None:
    remarks = [status for status in planner.explain(name).gql_status_objects if status.is_notification]
    assert [remark.status_description for remark in remarks] == []


def test_a_users_tenures_are_a_number_that_is_kept_and_not_counted(planner: Planner) -> None:
    kinds = [kind(operator) for operator in planner.operators("users/lock")]
    assert [one for one in kinds if one.startswith(("Expand", "OptionalExpand", "VarLength"))] == []
