"""`python -m app export` of whole tables: what reads tell of a tenant, as CSV and as Parquet."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from app import jobs
from graph.acts import tables
from graph.database import Database
from graph.rules.policy import Policy
from graph.rules.probable import Bound
from tests.api.test_candidates import days_at_home
from tests.world import IPHONE, Api, Clock, Done, Graph, Json, utc

Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    """Set the tests' clock to the machine's, which commands use."""
    clock.time = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def town(api: Api, clock: Clock) -> Json:
    """Anna on her laptop, which loses its cookies, and on her phone, with which her desk is merged; a stranger; Ben, who is hidden; Mum and her hidden tablet."""
    laptop = api.init("laptop", page={"url": "https://shop.example/"})
    for number in range(5):
        clock.forward(seconds=1)
        api.track(laptop, f"view {number}", properties={"n": number})
    api.identify(laptop, "anna")
    again = api.init("laptop")
    api.track(again, "again")
    phone = api.init("phone", agent=IPHONE)
    desk = api.init("desk")
    api.identify(phone, "anna")
    api.identify(desk, "anna")
    api.change("visitors", desk["visitorId"], "merge", into=phone["visitorId"])
    stranger = api.init("stranger")
    api.track(stranger, "=1+1")
    ben, tablet, mums = api.init("bens"), api.init("tablet"), api.init("mums")
    for session, user in ((ben, "ben"), (tablet, "mum"), (mums, "mum")):
        api.identify(session, user)
    api.put("users", "ben", "visibility", visible=False)
    api.put("users", "mum", "visitors", tablet["visitorId"], "visibility", visible=False)
    return {
        "laptop": laptop,
        "again": again,
        "phone": phone,
        "desk": desk,
        "stranger": stranger,
        "ben": ben,
        "tablet": tablet,
        "mums": mums,
    }


def read(file: Path) -> list[Json]:
    table = parquet.ParquetFile(str(file))
    return [row for batch in table.iter_batches() for row in batch.to_pylist()]


def exported(command: Command, name: str, tmp_path: Path) -> list[Json]:
    """The rows of a table, which are the same in both types of file and on the standard output."""
    files = {suffix: tmp_path / f"{name}.{suffix}" for suffix in ("parquet", "csv")}
    for file in files.values():
        done = command("export", "shop", name, "--to", str(file))
        assert (done.code, done.out) == (0, ""), done.err
    rows = read(files["parquet"])
    text = files["csv"].read_bytes().decode()
    assert command("export", "shop", name).out == text.replace("\r\n", "\n")
    with files["csv"].open(newline="") as opened:
        listed = list(csv.DictReader(opened))
    assert [tuple(row) for row in listed] == [tuple(row) for row in rows]
    assert [{name: _cell(value) for name, value in row.items()} for row in rows] == listed
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".part") == []
    return rows


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bool):
        return json.dumps(value)
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@")) else text


def test_the_events_are_those_of_the_journeys(api: Api, town: Json, command: Command, tmp_path: Path) -> None:
    rows = exported(command, "events", tmp_path)
    theirs = {"anna": api.pages("users", "anna", "journey"), "mum": api.pages("users", "mum", "journey")}
    for user, journey in theirs.items():
        own = sorted((row for row in rows if row["user_id"] == user), key=lambda row: (row["at"], row["event_id"]))
        assert [(row["event_id"], row["name"], row["at"]) for row in own] == [
            (event["eventId"], event["eventName"], utc(event["timestamp"])) for event in journey
        ]
        assert {row["identity_id"] for row in own} == {api.get("users", user)["identityId"]}
    [strange] = [row for row in rows if row["user_id"] is None]
    assert (strange["name"], strange["belongs_by"], strange["visitor_id"]) == (
        "=1+1",
        "own",
        town["stranger"]["visitorId"],
    )
    view = next(row for row in rows if row["name"] == "view 3")
    assert (view["belongs_by"], view["belongs_confidence"], json.loads(view["properties"])) == ("claim", 1.0, {"n": 3})
    assert (view["browser"], view["session_id"]) == ("Chrome", town["laptop"]["sessionId"])
    assert {row["visitor_id"] for row in rows}.isdisjoint({town["ben"]["visitorId"], town["tablet"]["visitorId"]})


def test_identities_sessions_and_relationships_are_those_of_the_reads(
    api: Api, town: Json, command: Command, tmp_path: Path
) -> None:
    tenures = exported(command, "identities", tmp_path)
    anna = api.get("users", "anna")["identityId"]
    for row in tenures:
        read = api.get("identities", row["tenure_id"])
        assert (row["identity_id"], row["user_id"]) == (read["identityId"], read["userId"])
        assert row["belongs_confidence"] == pytest.approx(read["confidence"])
    assert {row["identity_id"] for row in tenures if row["visitor_id"] == town["laptop"]["visitorId"]} == {anna}
    assert {row["user_id"] for row in tenures} == {"anna", "mum", None}
    assert sum(row["events"] for row in tenures) == len(exported(command, "events", tmp_path))

    sessions = exported(command, "sessions", tmp_path)
    names = ("laptop", "again", "phone", "desk", "stranger", "mums")
    assert {row["session_id"] for row in sessions} == {town[name]["sessionId"] for name in names}
    for row in sessions:
        read = api.get("sessions", row["session_id"])
        assert (row["identity_id"], row["user_id"], row["method"]) == (
            read["identityId"],
            read["userId"],
            read["match"]["method"],
        )
        assert (row["started_at"], row["events"]) == (utc(read["startedAt"]), read["events"])
    first = next(row for row in sessions if row["session_id"] == town["laptop"]["sessionId"])
    assert (first["page_url"], first["fingerprint"], first["device_class"]) == (
        "https://shop.example/",
        "laptop",
        "desktop",
    )

    found = exported(command, "relationships", tmp_path)
    assert [(row["user_id"], row["visitor_id"], row["confidence"]) for row in found] == sorted(
        (user, item["visitorId"], item["confidence"])
        for user in ("anna", "mum")
        for item in api.pages("users", user, "visitors")
    )
    assert {row["source"] for row in found} == {"claimed"}


@pytest.fixture
def joined(api: Api, town: Json, clock: Clock, database: Database) -> None:
    """Anna's account for work and a hidden one, and two pairs of devices at home, one of them refused."""
    for user in ("anna@work", "anna@home", "anna@club"):
        clock.forward(seconds=1)
        api.identify(api.init(f"of {user}"), user)
        api.change("users", "anna", "link", to=user)
    api.put("users", "anna@club", "visibility", visible=False)
    clock.forward(days=-3)
    days_at_home(api, clock)
    clock.forward(days=-2)
    days_at_home(api, clock, address="203.0.113.77")
    jobs.run(database, api.keys.tenant_id, "candidates", clock=clock, new_id=lambda: "1")
    api.change("candidates", api.pages("candidates")[0]["candidateId"], "refuse")


def test_links_and_candidates_are_those_of_the_reads(api: Api, joined: None, command: Command, tmp_path: Path) -> None:
    found = exported(command, "links", tmp_path)
    anna = api.get("users", "anna")
    assert [(row["user_id"], row["linked_user_id"]) for row in found] == [
        ("anna", user) for user in sorted(anna["linkedUserIds"])
    ]
    assert {row["identity_id"] for row in found} == {anna["identityId"]}

    rows = exported(command, "candidates", tmp_path)
    listed = [*api.pages("candidates"), *api.pages("candidates", state="refused")]
    assert [row["state"] for row in rows] == ["open", "refused"]
    for row, offered in zip(rows, listed, strict=True):
        assert (row["candidate_id"], row["state"], row["confidence"]) == (
            offered["candidateId"],
            offered["state"],
            offered["confidence"],
        )
        assert [row["visitor_id"], row["other_visitor_id"]] == offered["visitorIds"]
        assert [shared["address"] for shared in json.loads(row["addresses"])] == [offered["evidence"][0]["address"]]
        assert (row["decided_at"] is None) == (offered["decidedAt"] is None)
        for visitor_id in offered["visitorIds"]:
            lines = command("export", "shop", f"visitor:{visitor_id}").out.splitlines()
            [edge] = [line for line in map(json.loads, lines) if line.get("type") == "MAY_BE"]
            assert {edge.get("to"), edge.get("from")} - {None} == {*offered["visitorIds"]} - {visitor_id}


@pytest.mark.parametrize("name", list(tables.TABLES))
def test_a_table_is_the_same_in_pages_of_any_size(
    joined: None, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    table, bound = tables.TABLES[name], Bound.of(Policy(), clock())
    rows = [row for page in table.pages(database, bound) for row in page]
    assert rows
    assert {tuple(row) for row in rows} == {tuple(table.types)}
    for size in (1, 2):
        for constant in ("PAGE", "TENURES", "OF_EACH"):
            monkeypatch.setattr(tables, constant, size)
        pages = [list(page) for page in table.pages(database, bound)]
        assert sorted(map(str, (row for page in pages for row in page))) == sorted(map(str, rows))
        assert max(map(len, pages)) <= size * size


def test_a_page_that_is_short_is_not_the_last(
    town: Json, database: Database, clock: Clock, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = Bound.of(Policy(), clock())
    monkeypatch.setattr(tables, "PAGE", 2)
    before = [row["tenure_id"] for page in tables.identities(database, bound) for row in page]
    # As many as a whole page has.
    gone = before[:2]
    graph.rows("MATCH (t:Tenure)-[on:ON]->() WHERE t.identity_id IN $ids DELETE on", ids=gone)
    assert [row["tenure_id"] for page in tables.identities(database, bound) for row in page] == before[2:]


def test_a_tenure_is_read_on_behind_an_event_without_its_session(
    town: Json, database: Database, clock: Clock, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = Bound.of(Policy(), clock())
    before = [row["event_id"] for page in tables.events(database, bound) for row in page]
    [gone] = graph.rows(
        "MATCH (e:Event) WITH e ORDER BY e.at, e.event_id WITH e.tenure_id AS tenure, collect(e.event_id) AS ids "
        "ORDER BY size(ids) DESC, tenure LIMIT 1 RETURN ids[0] AS id, size(ids) AS events"
    )
    assert gone["events"] > 2
    graph.rows("MATCH (:Session)-[recorded:RECORDED]->(:Event {event_id: $id}) DELETE recorded", id=gone["id"])
    for size in (1, 2, 100):
        monkeypatch.setattr(tables, "OF_EACH", size)
        after = [row["event_id"] for page in tables.events(database, bound) for row in page]
        assert sorted(after) == sorted(set(before) - {gone["id"]})


def test_another_tenant_has_tables_of_its_own(town: Json, other_api: Api, command: Command, tmp_path: Path) -> None:
    other_api.identify(other_api.init("laptop"), "zoe")
    for name in tables.TABLES:
        file = tmp_path / f"{name}.parquet"
        assert command("export", "rival", name, "--to", str(file)).code == 0
        rows = read(file)
        assert rows == [] if name in {"links", "candidates"} else [row["user_id"] for row in rows] == ["zoe"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("shop", "eventz"), 2, "neither identities, relationships, links, candidates, sessions, events nor user:ID"),
        (("shop", "user:anna", "--to", "anna.csv"), 2, "--to is for tables"),
        (("no-shop", "events"), 1, "there is no tenant"),
        (("shop", "events", "--to", "no/such/folder.csv"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_line(
    api: Api, command: Command, words: tuple[str, ...], code: int, says: str
) -> None:
    done = command("export", *words)
    assert (done.code, done.out) == (code, "")
    assert says in " ".join(done.err.split())


def test_a_table_without_rows_has_its_columns(api: Api, command: Command, tmp_path: Path) -> None:
    for name, table in tables.TABLES.items():
        assert exported(command, name, tmp_path) == []
        assert parquet.ParquetFile(str(tmp_path / f"{name}.parquet")).schema_arrow.names == list(table.types)
