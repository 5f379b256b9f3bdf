"""`python -m app import events`: what files hold is in the graph as calls would have brought it, once."""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from app.config import Settings
from app.imports import open_sessions, run
from app.imports.calls import Calls
from app.imports.checkpoint import Checkpoint
from app.imports.rows import Limits, Source
from graph.acts.tenants import TenantKeys, configure, create_tenant
from graph.database import Database
from tests.conftest import environ_of
from tests.patience import wait_until
from tests.world import CHROME, IPHONE, Api, Clock, Done, Graph, Json

Command = Callable[..., Done]
SINCE = datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    """Set the tests' clock to the machine's, which commands use."""
    clock.time = datetime.now(UTC).replace(microsecond=0)


def written(file: Path, rows: Iterable[Any]) -> str:
    file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return str(file)


@pytest.fixture
def rival(database: Database, tenant: TenantKeys, clock: Clock, settings: Settings) -> str:
    """Another tenant beside the tests' own."""
    return create_tenant(database, "rival", secret_key=settings.secret_key or "", now=clock()).tenant_id


def at(**after: float) -> str:
    return (SINCE + timedelta(**after)).isoformat()


def segment(message_id: str, kind: str, *, ip: str = "203.0.113.7", agent: str = CHROME, **said: Any) -> Json:
    """A message as Segment keeps it."""
    return {
        "messageId": message_id,
        "type": kind,
        "channel": "client",
        "context": {
            "ip": ip,
            "library": {"name": "analytics.js", "version": "next-1.61.0"},
            "page": {
                "path": "/shoes",
                "referrer": "https://search.example/",
                "title": "Shoes",
                "url": "https://shop.example/shoes",
            },
            "userAgent": agent,
        },
        "integrations": {},
        "receivedAt": "2024-05-09T00:00:00.000Z",
        "sentAt": "2024-05-06T09:00:00.000Z",
        "version": 2,
        **said,
    }


def posthog(uuid: str, event: str, who: str, time: str, **properties: Any) -> Json:
    """An event as PostHog exports it."""
    return {
        "uuid": uuid,
        "event": event,
        "distinct_id": who,
        "timestamp": time,
        "created_at": "2024-05-09T00:00:00.000000Z",
        "person_id": "018f-…",
        "elements_chain": "",
        "properties": properties,
    }


def events(graph: Graph) -> list[Json]:
    """The events in the graph, in their order, each with its browser and the user whose it is now."""
    return graph.rows(
        """MATCH (e:Event)<-[:RECORDED]-(:Session)-[:DURING]->(t:Tenure)-[:ON]->(j:Jar)
        OPTIONAL MATCH (t)-[:RESOLVES_TO]->(u:User)
        RETURN e.name AS name, e.at AS at, e.received_at AS received_at, e.address AS address, e.browser AS browser,
          e.page_url AS page, e.properties AS properties, e.message_id AS message_id, j.jar_id AS jar, u.user_id AS user
        ORDER BY e.at, e.message_id"""
    )


def test_messages_of_segments_keep_their_time_address_and_browser_and_log_users_in(
    api: Api, graph: Graph, command: Command, tmp_path: Path
) -> None:
    browser = {"anonymousId": "507f191e810c19729de860ea"}
    rows = [
        segment("s-1", "page", timestamp=at(), name="Shoes", properties={"url": "https://shop.example/a"}, **browser),
        segment("s-2", "track", timestamp=at(minutes=1), event="Added", properties={"price": 9.5}, **browser),
        segment("s-3", "identify", timestamp=at(minutes=2), userId="anna", traits={"plan": "pro"}, **browser),
        segment("s-4", "track", timestamp=at(minutes=3), event="Paid", userId="anna", properties={}, **browser),
        segment("s-5", "identify", timestamp=at(minutes=4), traits={"colour": "red"}, **browser),
        segment("s-6", "group", timestamp=at(minutes=5), groupId="acme", traits={"seats": 3}, **browser),
        segment(
            "s-7", "screen", timestamp=at(minutes=6), name="Cart", agent=IPHONE, ip="198.51.100.9", anonymousId="phone"
        ),
        segment("s-8", "alias", timestamp=at(minutes=7), previousId="phone", userId="anna"),
        segment("s-9", "track", timestamp=at(minutes=8), event="Opened a mail", userId="anna", context={}),
    ]
    done = command("import", "events", "shop", written(tmp_path / "segment.jsonl", rows))
    assert (done.code, done.out) == (0, "9 imported, 0 there already, 0 rejected\n")
    found = events(graph)
    assert [event["name"] for event in found] == [
        "page", "Added", "identify", "Paid", "traits", "group", "screen", "identify", "Opened a mail",
    ]  # fmt: skip
    assert [event["at"].to_native() for event in found] == [SINCE + timedelta(minutes=n) for n in range(9)]
    assert [event["received_at"] for event in found] == [event["at"] for event in found]
    assert {event["user"] for event in found} == {"anna"}
    laptop, phone = "caller:507f191e810c19729de860ea", "caller:phone"
    assert [event["jar"] for event in found] == [*6 * [laptop], phone, phone, "server:anna"]
    assert [event["address"] for event in found] == [*6 * ["203.0.113.7"], "198.51.100.9", None, None]
    assert [event["browser"] for event in found[5:]] == ["Chrome", "Mobile Safari", None, None]
    assert [event["page"] for event in found[:2]] == ["https://shop.example/a", "https://shop.example/shoes"]
    assert json.loads(found[0]["properties"]) == {"url": "https://shop.example/a", "name": "Shoes"}
    assert json.loads(found[5]["properties"]) == {"seats": 3, "groupId": "acme"}
    [entry, *_] = api.pages("audit", about="user:anna")
    assert entry["actor"] == "job:import"


def test_events_of_posthogs_belong_to_their_device_before_and_after_the_login(
    api: Api, graph: Graph, command: Command, tmp_path: Path
) -> None:
    device = {"$device_id": "0190-dev", "$ip": "203.0.113.7", "$raw_user_agent": CHROME, "$geoip_city_name": "Ulm"}
    rows = [
        posthog(
            "p-1",
            "$pageview",
            "0190-dev",
            at(),
            **device,
            **{"$current_url": "https://shop.example/", "$referrer": "$direct"},
        ),
        posthog(
            "p-2",
            "$identify",
            "anna",
            at(minutes=1),
            **device,
            **{"$anon_distinct_id": "0190-dev", "$set": {"plan": "pro"}},
        ),
        posthog("p-3", "paid", "anna", at(minutes=2), **device, price=3),
        posthog("p-4", "mail opened", "anna", at(minutes=3)),
        posthog("p-5", "seen", "0190-other", at(minutes=4), **{"$is_identified": False}),
        posthog("p-6", "$create_alias", "0190-other", at(minutes=5), alias="ben", distinct_id="0190-other"),
        posthog("p-7", "$create_alias", "anna", at(minutes=6), alias="anna@work"),
    ]
    done = command("import", "events", "shop", written(tmp_path / "posthog.jsonl", rows))
    assert (done.code, done.out) == (1, "6 imported, 0 there already, 1 rejected\n")
    [rejected] = (tmp_path / "posthog.jsonl.shop.rejected.jsonl").read_text().splitlines()
    assert json.loads(rejected)["fix"].startswith("alias: anna is a user, so these are two accounts")
    found = events(graph)
    assert [(event["name"], event["jar"], event["user"]) for event in found] == [
        ("$pageview", "caller:0190-dev", "anna"),
        ("identify", "caller:0190-dev", "anna"),
        ("paid", "caller:0190-dev", "anna"),
        ("mail opened", "server:anna", "anna"),
        ("seen", "caller:0190-other", "ben"),
        ("identify", "caller:0190-other", "ben"),
    ]
    assert (found[0]["address"], found[0]["browser"], found[0]["page"]) == (
        "203.0.113.7",
        "Chrome",
        "https://shop.example/",
    )
    assert json.loads(found[1]["properties"]) == {"plan": "pro", "userId": "anna"}
    assert json.loads(found[2]["properties"]) == {"$device_id": "0190-dev", "price": 3}
    assert api.journey("users", "anna") == ["$pageview", "identify", "paid", "mail opened"]


def test_items_of_a_batch_are_imported_as_they_are(api: Api, graph: Graph, command: Command, tmp_path: Path) -> None:
    client: Json = {"ip": "203.0.113.7", "userAgent": CHROME, "anonymousId": "a"}
    rows: list[Json] = [
        {"type": "collect", "timestamp": at(), "fingerprint": {"visitorId": "f-1"}, **client},
        {"type": "track", "timestamp": at(minutes=1), "eventName": "view", **client},
        {"type": "identify", "timestamp": at(minutes=2), "userProperties": {"userId": 7}, **client},
    ]
    file = written(tmp_path / "own.jsonl", rows)
    assert command("import", "events", "shop", file).code == 0
    assert [(event["name"], event["user"]) for event in events(graph)] == [("view", "7"), ("identify", "7")]
    [visitor] = api.pages("users", "7", "visitors")
    assert api.get("visitors", visitor["visitorId"])["fingerprints"] == ["f-1"]
    assert command("import", "events", "shop", file, "--anew").out == "0 imported, 3 there already, 0 rejected\n"
    again = command("import", "events", "shop", file)
    assert (again.code, again.out) == (0, "nothing new after line 3\n")
    assert graph.count("Event") == 2


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl.gz", "parquet"])
def test_one_table_is_the_same_in_each_type_of_file(
    graph: Graph, tenant: TenantKeys, command: Command, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"table.{kind}"
    rows: list[Json] = [
        {"type": "track", "event": "view", "anonymousId": "a", "messageId": "m-1", "timestamp": at(), "context": {"ip": "203.0.113.7"}, "properties": {"n": "1"}},
        {"type": "identify", "anonymousId": "a", "messageId": "m-2", "timestamp": at(minutes=1), "userId": "anna"},
    ]  # fmt: skip
    if kind == "parquet":
        schema = pa.schema(
            [
                *(
                    (name, pa.string())
                    for name in ("type", "event", "anonymousId", "messageId", "userId", "properties")
                ),
                ("timestamp", pa.timestamp("us", tz="UTC")),
                ("context.ip", pa.string()),
            ]
        )
        flat = [
            {**row, "timestamp": datetime.fromisoformat(str(row["timestamp"])), "properties": json.dumps(row.get("properties", {})), "context.ip": "203.0.113.7"}
            for row in rows
        ]  # fmt: skip
        with parquet.ParquetWriter(str(file), schema) as writer:
            writer.write_batch(pa.RecordBatch.from_pylist(flat, schema=schema))
    elif kind.startswith("csv"):
        with gzip.open(file, "wt", newline="") if kind.endswith("gz") else file.open("w", newline="") as text:
            table = csv.writer(text)
            table.writerow(
                ["type", "event", "anonymousId", "messageId", "timestamp", "context.ip", "properties", "userId"]
            )
            table.writerow(["track", "view", "a", "m-1", at(), "203.0.113.7", '{"n": "1"}', ""])
            table.writerow(["identify", "", "a", "m-2", at(minutes=1), "203.0.113.7", "", "anna"])
    else:
        with gzip.open(file, "wt") as text:
            text.writelines(json.dumps(row) + "\n" for row in rows)
    done = command("import", "events", "shop", str(file))
    assert (done.code, done.out) == (0, "2 imported, 0 there already, 0 rejected\n"), done.err
    assert [
        (event["name"], event["at"].to_native(), event["user"], event["message_id"]) for event in events(graph)
    ] == [
        ("view", SINCE, "anna", "secret:m-1"),
        ("identify", SINCE + timedelta(minutes=1), "anna", "secret:m-2"),
    ]
    assert (events(graph)[0]["address"], events(graph)[0]["properties"]) == ("203.0.113.7", '{"n":"1"}')


def test_a_bad_row_is_listed_with_its_line_and_what_to_change_and_stops_no_other(
    graph: Graph, tenant: TenantKeys, command: Command, tmp_path: Path
) -> None:
    good = {"type": "track", "eventName": "view", "anonymousId": "a", "timestamp": at()}
    rows = [
        good,
        "{not json",
        "",
        "[1]",
        {"type": "track", "eventName": "", "anonymousId": "a", "timestamp": at()},
        {"type": "track", "eventName": "view", "anonymousId": "a"},
        {"type": "track", "eventName": "view", "timestamp": at()},
        {"type": "identify", "userProperties": {"userId": 1.5}, "anonymousId": "a", "timestamp": at()},
        {"what": "else", "timestamp": at()},
        {**good, "timestamp": "yesterday"},
        {**good, "timestamp": "2999-01-01T00:00:00Z"},
        {**good, "sessionId": "ses_of_another_service"},
        {"type": "alias", "userId": "anna", "timestamp": at()},
        posthog("p-1", "view", "", at()),
        "x" * 1_000_001,
        {**good, "eventName": "last", "timestamp": at(minutes=1)},
    ]
    file = written(tmp_path / "bad.jsonl", rows)
    done = command("import", "events", "shop", file)
    assert (done.code, done.out) == (1, "2 imported, 0 there already, 13 rejected\n")
    assert "bad.jsonl.shop.rejected.jsonl" in done.err
    listed = [json.loads(line) for line in Path(f"{file}.shop.rejected.jsonl").read_text().splitlines()]
    assert [(row["line"], row["code"], row["fix"]) for row in listed] == [
        (2, "invalid_request", "the line is not JSON at line 1 column 2: Expecting property name enclosed in double quotes"),
        (4, "invalid_request", "the line is no JSON object"),
        (5, "invalid_request", "eventName: A name has 1 to 256 characters."),
        (6, "invalid_request", "timestamp: the row has no time: give it as 2026-01-31T12:00:00Z"),
        (7, "invalid_request", "sessionId: Name the session, or anonymousId, or from a secret key userId."),
        (8, "invalid_request", "userProperties.userId: A number with a fraction, an exponent or more than 64 bits is no id: send the user's id as text."),
        (9, "invalid_request", "the row has none of the known shapes: type with eventName, userProperties or fingerprint; a type of Segment's; or event with distinct_id"),
        (10, "invalid_request", "timestamp: 'yesterday' is no time such as 2026-01-31T12:00:00Z"),
        (11, "invalid_request", "timestamp: it is in the future"),
        (12, "session_not_found", "there is no such session"),
        (13, "invalid_request", "alias: previousId and userId are required"),
        (14, "invalid_request", "distinct_id: it is required"),
        (15, "invalid_request", "the line is longer than 1000000 bytes: shorten it"),
    ]  # fmt: skip
    assert [listed[0]["row"], listed[2]["row"]] == ["{not json", rows[4]]
    assert [event["name"] for event in events(graph)] == ["view", "last"]
    again = command("import", "events", "shop", file)
    assert (again.code, again.out) == (0, "nothing new after line 16\n")


def test_nothing_of_an_erased_person_comes_back(api: Api, graph: Graph, command: Command, tmp_path: Path) -> None:
    row = {"type": "identify", "anonymousId": "a", "userProperties": {"userId": "anna"}, "timestamp": at()}
    file = written(tmp_path / "own.jsonl", [row])
    assert command("import", "events", "shop", file).code == 0
    assert command("erase", "shop", "user:anna").code == 0
    assert command("import", "events", "shop", file, "--anew").out == "0 imported, 0 there already, 1 rejected\n"
    assert json.loads(Path(f"{file}.shop.rejected.jsonl").read_text())["code"] == "erased"
    assert (graph.count("Event"), graph.count("User")) == (0, 0)


def test_an_address_is_kept_in_the_tenants_form(
    api: Api, database: Database, graph: Graph, command: Command, tmp_path: Path
) -> None:
    configure(database, "shop", {"addresses": "truncated"}, {})
    row = {"type": "track", "eventName": "view", "anonymousId": "a", "timestamp": at(), "ip": "203.0.113.7"}
    assert (
        command("import", "events", "shop", written(tmp_path / "own.jsonl", [row, {**row, "ip": "nowhere"}])).code == 0
    )
    assert {event["address"] for event in events(graph)} == {"203.0.113.0", None}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("shop", "{file}.txt"), "the name does not tell the type of the file"),
        (("no-shop", "{file}.jsonl"), "there is no tenant"),
        (("shop", "{file}.jsonl", "--checkpoint", "{file}.txt"), "is no checkpoint of an import"),
        (("shop", "{file}.jsonl", "--file-type", "parquet"), "is no Parquet"),
        (("shop", "{file}.jsonl", "--format", "mixpanel"), "mixpanel"),
        (("shop", "no-such-file.jsonl"), "there is no file no-such-file.jsonl"),
        (("shop", "{file}.cut.jsonl.gz"), "cut.jsonl.gz cannot be unpacked"),
        (("shop", "{file}.cut.parquet"), "cut.parquet cannot be read as Parquet"),
        (("shop", "{file}.txt.jsonl.gz"), "txt.jsonl.gz cannot be unpacked"),
        (("shop", "{file}.jsonl", "--checkpoint", "{file}/no/place"), "a/no/place"),
        (("shop", "{file}.jsonl", "--rejected", "{file}/no/list"), "a/no/list: No such file or directory"),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_line(
    tenant: TenantKeys, command: Command, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    for name in ("a.txt", "a.jsonl"):
        (tmp_path / name).write_text("{}\n")
    (tmp_path / "a.txt.jsonl.gz").write_text("{}\n")
    numbers = [str(Random(number).random()) for number in range(9_000)]  # noqa: S311 - nothing secret
    packed = gzip.compress("\n".join(numbers).encode())
    (tmp_path / "a.cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    whole = tmp_path / "a.parquet"
    schema = pa.schema([("type", pa.string())])
    with parquet.ParquetWriter(str(whole), schema) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist([{"type": number} for number in numbers], schema=schema))
    (tmp_path / "a.cut.parquet").write_bytes(b"PAR1" + b"\xff" * 50_000 + whole.read_bytes()[50_004:])
    done = command("import", "events", *(word.format(file=tmp_path / "a") for word in words))
    assert (done.code != 0, done.out) == (True, "")
    assert says in " ".join(done.err.split())


def test_a_checkpoint_is_for_one_file_of_one_tenant(rival: str, command: Command, tmp_path: Path, graph: Graph) -> None:
    row = {"type": "track", "eventName": "view", "anonymousId": "a", "timestamp": at()}
    file = written(tmp_path / "own.jsonl", [row])
    assert command("import", "events", "shop", file).code == 0
    assert "is of tenant shop" in command("import", "events", rival, file).err
    written(tmp_path / "own.jsonl", [{**row, "eventName": "other"}])
    assert "is of another file" in command("import", "events", "shop", file).err
    # A file that has grown goes on.
    more = {**row, "timestamp": at(minutes=1)}
    written(tmp_path / "own.jsonl", [row, more])
    grown = command("import", "events", "shop", file)
    assert grown.out == "1 imported, 0 there already, 0 rejected\n"
    assert "with the runs before: 2 imported, 0 there already, 0 rejected" in grown.err
    assert graph.count("Event") == 2
    # Another file of the same first row does not.
    for rows in ([row, {**more, "eventName": "other"}, more], [row], [row, "", more]):
        written(tmp_path / "own.jsonl", rows)
        refused = command("import", "events", "shop", file)
        assert (refused.code, refused.out) == (1, "")
        assert "is of another file" in refused.err
    written(tmp_path / "own.jsonl", [row, more])
    assert (
        "is of --format none, and not whograph" in command("import", "events", "shop", file, "--format", "whograph").err
    )
    assert "is of --file-type jsonl, and not csv" in command("import", "events", "shop", file, "--file-type", "csv").err
    assert graph.count("Event") == 2


def test_a_last_line_that_is_still_written_is_read_again(
    tenant: TenantKeys, command: Command, tmp_path: Path, graph: Graph
) -> None:
    row = {"type": "track", "eventName": "view", "anonymousId": "a", "timestamp": at()}
    more = json.dumps({**row, "timestamp": at(minutes=1)})
    file = tmp_path / "own.jsonl"
    for text, code, said in (
        (json.dumps(row)[:20], 1, "0 imported, 0 there already, 1 rejected\n"),
        (f"{json.dumps(row)}\n{more[:20]}", 1, "1 imported, 0 there already, 1 rejected\n"),
        (f"{json.dumps(row)}\n{more}\n", 0, "1 imported, 0 there already, 0 rejected\n"),
    ):
        file.write_text(text)
        done = command("import", "events", "shop", str(file))
        assert (done.code, done.out) == (code, said), done.err
    assert graph.count("Event") == 2


def test_a_list_of_rejected_rows_is_never_cut(rival: str, command: Command, tmp_path: Path) -> None:
    rows: list[Any] = ["no JSON", {"what": 1}]
    file = written(tmp_path / "own.jsonl", rows)
    listed = Path(f"{file}.shop.rejected.jsonl")

    def lines() -> list[int]:
        return [json.loads(line)["line"] for line in listed.read_text().splitlines()]

    assert command("import", "events", "shop", file).code == 1
    assert lines() == [1, 2]
    # Rows that were mended are taken out, and those of other imports are added.
    listed.write_text(listed.read_text().splitlines(keepends=True)[1])
    written(tmp_path / "own.jsonl", [*rows, "still none"])
    assert command("import", "events", "shop", file).code == 1
    assert lines() == [2, 3]
    assert command("import", "events", "shop", file, "--anew").code == 1
    assert lines() == [2, 3, 1, 2, 3]
    assert command("import", "events", rival, file, "--anew").code == 1
    assert lines() == [2, 3, 1, 2, 3]
    good = written(tmp_path / "good.jsonl", [])
    assert command("import", "events", "shop", good, "--rejected", str(listed)).code == 0
    row = {"type": "track", "eventName": "view", "anonymousId": "a", "timestamp": at()}
    written(tmp_path / "good.jsonl", [row])
    assert command("import", "events", "shop", good, "--rejected", str(listed)).code == 0
    assert lines() == [2, 3, 1, 2, 3]


def test_rejected_rows_that_are_mended_go_back_as_lines_of_json(
    tenant: TenantKeys, command: Command, tmp_path: Path, graph: Graph
) -> None:
    file = tmp_path / "table.csv"
    with file.open("w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["type", "event", "anonymousId", "timestamp", "properties", "context.ip"])
        table.writerow(["track", "view", "a", at(), '{"price": 3', "203.0.113.7"])
    assert command("import", "events", "shop", str(file)).code == 1
    # As `jq -c .row` takes the rows out.
    [row] = [json.loads(line)["row"] for line in Path(f"{file}.shop.rejected.jsonl").read_text().splitlines()]
    mended = written(tmp_path / "mended.jsonl", [{**row, "properties": row["properties"] + "}"}])
    done = command("import", "events", "shop", mended)
    assert (done.code, done.out) == (0, "1 imported, 0 there already, 0 rejected\n")
    [event] = events(graph)
    assert (event["properties"], event["address"]) == ('{"price":3}', "203.0.113.7")


def test_a_cell_with_half_a_character_stops_no_import(
    tenant: TenantKeys, command: Command, tmp_path: Path, graph: Graph
) -> None:
    file = tmp_path / "table.csv"
    with file.open("w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["type", "event", "anonymousId", "timestamp", "properties"])
        for number, text in enumerate(('{"a":"\\ud83d"}', "[" * 100_000, '{"a":NaN}', '{"a":1}')):
            table.writerow(["track", "view", "a", at(minutes=number), text])
    done = command("import", "events", "shop", str(file))
    assert done.out == "2 imported, 0 there already, 2 rejected\n", done.err
    assert [event["properties"] for event in events(graph)] == ['{"a":"\ufffd"}', '{"a":1}']


def town(count: int) -> Iterable[Json]:
    """Made-up messages of Segment's: many browsers at a few addresses, whose users log in on several of them."""
    for number in range(count):
        browser, visit = number % 41, number // 41 % 6
        user = f"user-{browser % 17}"
        at_once = {
            "timestamp": at(days=number // 246, hours=browser / 3, minutes=visit),
            "anonymousId": f"browser-{browser}",
        }
        client = {"ip": f"203.0.113.{browser % 12}", "agent": (CHROME, IPHONE)[browser % 2]}
        if visit == 3 and browser % 3:
            yield segment(f"m-{number}", "identify", userId=user, traits={}, **at_once, **client)
        else:
            yield segment(f"m-{number}", "track", event=f"click {visit}", properties={"n": number}, **at_once, **client)


def picture(graph: Graph, tenant: str) -> Json:
    """What a tenant's graph says, without ids that are made up."""
    return {
        "events": graph.rows(
            """MATCH (e:Event {tenant: $tenant})<-[:RECORDED]-(s:Session)-[:DURING]->(t:Tenure)-[:ON]->(j:Jar)
            OPTIONAL MATCH (t)-[claim:RESOLVES_TO]->(u:User)
            RETURN e.message_id AS id, e.name AS name, e.at AS at, e.properties AS said, e.address AS address, e.browser AS browser,
              e.confidence AS confidence, s.started_at AS started, s.last_seen AS last_seen, j.jar_id AS jar, t.since AS since,
              claim.confidence AS sure, u.user_id AS user
            ORDER BY id""",
            tenant=tenant,
        ),
        "nodes": graph.rows(
            "MATCH (n {tenant: $tenant}) WHERE NOT n:Tenant AND NOT n:ApiKey RETURN labels(n) AS labels, count(*) AS count ORDER BY labels",
            tenant=tenant,
        ),
        "edges": graph.rows(
            "MATCH ({tenant: $tenant})-[e]->(n) WHERE NOT n:Tenant RETURN type(e) AS type, count(*) AS count ORDER BY type",
            tenant=tenant,
        ),
        "relationships": graph.rows(
            """MATCH (:User {tenant: $tenant})<-[e:IDENTIFIED_AS]-(v:Visitor)<-[:IN]-(j:Jar) WITH e, j.jar_id AS jar
            RETURN jar, e.count AS count, e.rank AS rank, e.source AS source ORDER BY jar, rank, count""",
            tenant=tenant,
        ),
    }


def test_an_import_that_is_killed_in_the_middle_goes_on_without_loss_and_counts_nothing_twice(
    rival: str, command: Command, tmp_path: Path, graph: Graph, settings: Settings
) -> None:
    rows: list[Any] = list(town(3_000))
    rows.insert(700, "no JSON")
    rows.insert(10, "no JSON either")
    file = written(tmp_path / "town.jsonl", rows)
    checkpoint = Path(f"{file}.checkpoint.json")

    def line() -> int:
        return int(json.loads(checkpoint.read_text())["line"]) if checkpoint.exists() else 0

    def has_begun_a_chunk() -> bool:
        return line() >= 1_000 and graph.count("Event") > line() + 20

    words = [sys.executable, "-m", "app", "import", "events", "shop", file]
    with subprocess.Popen(
        words, env=environ_of(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        wait_until(has_begun_a_chunk, "the import does not go on")
        running.kill()
    assert 1_000 <= line() < 3_002
    written_before = graph.count("Event")
    assert written_before > line()

    done = command("import", "events", "shop", file)
    assert done.code == 1
    counts = done.err.partition("with the runs before: ")[2].splitlines()[0]
    new, again, rejected = (int(part.split()[0]) for part in counts.split(", "))
    assert (new + again, rejected) == (3_000, 2)
    assert again >= 20
    assert [json.loads(each)["line"] for each in Path(f"{file}.shop.rejected.jsonl").read_text().splitlines()] == [
        11,
        702,
    ]

    # The same in one go, for another tenant.
    whole = command(
        "import",
        "events",
        "rival",
        file,
        "--checkpoint",
        str(tmp_path / "other"),
        "--rejected",
        str(tmp_path / "rejected"),
    )
    assert whole.out == "3000 imported, 0 there already, 2 rejected\n"
    assert picture(graph, "shop") == picture(graph, rival)
    assert len(picture(graph, "shop")["events"]) == 3_000


def test_the_standard_input_is_imported_and_goes_on_by_its_checkpoint(
    tenant: TenantKeys, tmp_path: Path, graph: Graph, settings: Settings
) -> None:
    rows = [json.dumps(row) for row in town(12)]
    environ = {**os.environ, "NEO4J_URI": settings.neo4j_uri or "", "NEO4J_USER": settings.neo4j_user}
    environ |= {
        "NEO4J_PASSWORD": settings.neo4j_password,
        "SECRET_KEY": settings.secret_key or "",
        "DATA_DIR": str(tmp_path),
    }
    for count, said in ((5, "5 imported, 0 there already"), (12, "7 imported, 0 there already")):
        piped = subprocess.run(
            [sys.executable, "-m", "app", "import", "events", "shop", "-", "--checkpoint", str(tmp_path / "place"), "--rejected", str(tmp_path / "bad")],
            env=environ,
            input="\n".join(rows[:count]),
            capture_output=True,
            text=True,
            check=True,
        )  # fmt: skip
        assert piped.stdout == f"{said}, 0 rejected\n"
    assert graph.count("Event") == 12


def random_town(seed: int, count: int) -> Iterable[Json]:
    """Messages in no exact order, on shared browsers, with users who are stated, log in, and take over from each other."""
    random = Random(seed)  # noqa: S311 - nothing secret
    minutes = 0.0
    for number in range(count):
        minutes += random.choice((0.1, 0.1, 1.0, 4.0, 40.0))
        browser, user = random.randrange(7), f"user-{random.randrange(4)}"
        said: Json = {
            "timestamp": at(minutes=max(0.0, minutes - random.choice((0.0, 0.0, 0.0, 3.0, 50.0)))),
            "anonymousId": f"browser-{browser}",
            "ip": f"203.0.113.{browser % 3}",
            "agent": (CHROME, IPHONE)[browser % 2],
        }
        match random.randrange(10):
            case 0 | 1:
                yield segment(f"m-{number}", "identify", userId=user, **said)
            case 2 | 3:
                yield segment(f"m-{number}", "track", event="paid", userId=user, **said)
            case 4:
                yield segment(f"m-{number}", "track", event="mailed", userId=user, **said | {"anonymousId": None})
            case _:
                yield segment(f"m-{number}", "track", event="view", **said)


@pytest.fixture
def import_in_chunks(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Checkpoint]:
    """Import a file in this process, with a checkpoint after so many rows, and so many transactions at a time."""

    def import_it(file: Path, tenant: str, chunk: int, threads: int) -> Checkpoint:
        monkeypatch.setattr(run, "CHUNK", chunk)
        monkeypatch.setattr(open_sessions, "THREADS", threads)
        # So that also a few rows are made by several threads.
        monkeypatch.setattr(open_sessions, "SHARE_MIN", 1)
        source = Source(file, "jsonl", Limits(1_000_000, 16, 255))
        asked = run.Import(source, tenant, None, None, file.with_suffix(".rejected"))
        return asked.run(Calls(settings, database, tenant, lambda: datetime.now(UTC)), None, lambda _: None)

    return import_it


def scattered_town(seed: int, count: int) -> Iterable[Json]:
    """Messages of many browsers at home, whose calls have nothing to do with each other; a few are at a neighbour's."""
    random = Random(seed)  # noqa: S311 - nothing secret
    for number in range(count):
        browser = random.randrange(40)
        home = browser // 2 if random.random() < 0.95 else random.randrange(20)
        said: Json = {
            "timestamp": at(minutes=number * random.choice((0.5, 0.5, 3.0))),
            "anonymousId": f"browser-{browser}",
            "ip": f"198.51.100.{home}",
            "agent": (CHROME, IPHONE)[browser % 2],
        }
        user = f"user-{browser // 4}"
        match random.randrange(8):
            case 0:
                yield segment(f"m-{number}", "identify", userId=user, **said)
            case 1 | 2:
                yield segment(f"m-{number}", "track", event="paid", userId=user, **said)
            case 3:
                yield segment(f"m-{number}", "track", event="mailed", userId=user, **said | {"anonymousId": None})
            case _:
                yield segment(f"m-{number}", "track", event="view", **said)


@pytest.fixture
def three_tenants(rival: str, database: Database, settings: Settings) -> tuple[str, str, str]:
    """The tests' own tenant, and two others."""
    now = datetime.now(UTC)
    return "shop", rival, create_tenant(database, "third", secret_key=settings.secret_key or "", now=now).tenant_id


@pytest.mark.parametrize("town_of", [random_town, scattered_town])
def test_rows_that_share_transactions_make_the_same_graph_as_rows_alone(
    three_tenants: tuple[str, str, str],
    import_in_chunks: Callable[..., Checkpoint],
    tmp_path: Path,
    graph: Graph,
    town_of: Callable[[int, int], Iterable[Json]],
) -> None:
    rows = [
        {
            **row,
            "anonymousId": row["anonymousId"] and f"{seed} {row['anonymousId']}",
            "messageId": f"{seed} {row['messageId']}",
        }
        for seed in range(3)
        for row in town_of(seed, 150)
    ]
    file = Path(written(tmp_path / "town.jsonl", rows))
    for tenant, (chunk, threads) in zip(three_tenants, ((1, 1), (1_000, 1), (1_000, 4)), strict=True):
        ended = import_in_chunks(file, tenant, chunk, threads)
        assert (ended.imported, ended.rejected) == (450, 0)
    alone, one_at_a_time, four_at_a_time = (picture(graph, tenant) for tenant in three_tenants)
    assert one_at_a_time == alone
    assert four_at_a_time == alone


def test_a_row_that_is_refused_takes_none_of_its_group_with_it(
    tenant: TenantKeys, command: Command, tmp_path: Path, graph: Graph
) -> None:
    rows = [
        segment(f"m-{n}", "track", event="view", anonymousId=f"b-{n}", timestamp=at(minutes=n), ip=f"198.51.100.{n}")
        for n in range(8)
    ]
    assert command("import", "events", "shop", written(tmp_path / "one.jsonl", rows[:1])).code == 0
    # The first message id comes back with another request, from a browser that nobody knows.
    rows[3] = {**rows[3], "messageId": "m-0"}
    file = written(tmp_path / "all.jsonl", rows)
    assert command("import", "events", "shop", file).out == "6 imported, 1 there already, 1 rejected\n"
    [rejected] = map(json.loads, Path(f"{file}.shop.rejected.jsonl").read_text().splitlines())
    assert (rejected["line"], rejected["code"]) == (4, "message_id_conflict")
    assert {event["jar"] for event in events(graph)} == {f"caller:b-{n}" for n in range(8) if n != 3}
    assert (graph.count("Event"), graph.count("Session")) == (7, 7)


def test_calls_that_wait_for_a_session_that_has_ended_find_the_next_one(
    tenant: TenantKeys, command: Command, tmp_path: Path, graph: Graph
) -> None:
    """The second file does not tell that the session began an hour ago."""
    assert command("policy", "set", "shop", "session_max_hours=1").code == 0
    rows = [
        segment(f"m-{minute}", kind, anonymousId="b", timestamp=at(minutes=minute), **said)
        for minute, kind, said in (
            *((minute, "track", {"event": "view"}) for minute in (0, 20, 40, 65)),
            (66, "identify", {"userId": "anna"}),
            (67, "track", {"event": "view"}),
        )
    ]
    for name, part in (("first", rows[:2]), ("second", rows[2:])):
        assert command("import", "events", "shop", written(tmp_path / f"{name}.jsonl", part)).code == 0
    assert (graph.count("Event"), graph.count("Session")) == (6, 2)


def test_a_graph_that_was_imported_agrees_with_itself_and_with_its_facts(
    tenant: TenantKeys, command: Command, tmp_path: Path
) -> None:
    file = written(tmp_path / "town.jsonl", random_town(9, 200))
    assert command("import", "events", "shop", file).out == "200 imported, 0 there already, 0 rejected\n"
    checked = command("consistency", "check", "shop")
    assert (checked.code, checked.out.startswith("0 found, 0 left;")) == (0, True), checked.out
    rebuilt = command("rebuild", "shop")
    assert (rebuilt.code, rebuilt.out.startswith("0 found, 0 left;")) == (0, True), rebuilt.out
