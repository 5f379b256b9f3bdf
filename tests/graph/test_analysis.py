"""What analysts ask by name, on a story told through the API: the answers whole, for people and for programs."""

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app import jobs
from app.__main__ import main
from graph.acts.tenants import create_tenant
from graph.database import Database
from graph.store import analysis
from tests.conftest import SECRET_KEY
from tests.neo4j_server import Server
from tests.world import IPHONE, Answer, Api, Clock, Graph, Json

SHORT_ID = re.compile(r"\b([a-z]{3})_…[0-9a-f]{6}")
CROWD = 30
Story = dict[str, Answer]


@pytest.fixture
def shop(app: Flask, database: Database, clock: Clock) -> Api:
    """Tenant `demo`; another has what is not in its story, so that Neo4j knows every name."""
    elsewhere = Api(app, create_tenant(database, "elsewhere", secret_key=SECRET_KEY, now=clock()))
    [_, visit] = (elsewhere.init(name, address="203.0.113.7") for name in "ab")
    elsewhere.identify(visit, "anna")
    elsewhere.remove("users", "anna", "visitors", visit["visitorId"])
    return Api(app, create_tenant(database, "demo", secret_key=SECRET_KEY, now=clock()))


@pytest.fixture
def story(shop: Api, clock: Clock, database: Database) -> Story:
    """Anna's laptop without cookies and her phone, a family's tablet, a common phone, and a café."""
    api = shop
    page = {"url": "https://shop.example/", "referrer": "https://search.example/"}
    first = api.init("laptop", page=page, address="203.0.113.7")
    clock.forward(minutes=2)
    api.track(first, "search", page={"url": "https://shop.example/search"}, address="203.0.113.7")
    clock.forward(days=10)
    again = api.init("laptop", address="203.0.113.8")
    api.track(again, "view", address="203.0.113.8")
    clock.forward(minutes=1)
    api.identify(again, "anna", address="203.0.113.8")
    clock.forward(hours=5)
    phone = api.init("phone", agent=IPHONE, address="198.51.100.9")
    clock.forward(minutes=3)
    api.identify(phone, "anna", agent=IPHONE, address="198.51.100.9")
    clock.forward(minutes=1)
    api.track(phone, "buy", agent=IPHONE, address="198.51.100.9")
    clock.forward(minutes=1)
    api.track(phone, "thanks", agent=IPHONE, address="198.51.100.9")

    clock.forward(days=3)
    third = api.init("laptop", address="203.0.113.9")
    api.track(third, "view", address="203.0.113.9")

    # A private address proves nothing, so that these meet nobody by theirs.
    home: Json = {"address": "192.168.0.7"}
    # What is hidden is in no example: anna at work, and dora, who was the tablet's first.
    work, before = api.init("work", **home), api.init("work before", **home)
    api.identify(work, "anna", **home)
    api.init("work", **home)
    api.change("visitors", before["visitorId"], "merge", into=work["visitorId"])
    api.put("users", "anna", "visitors", work["visitorId"], "visibility", visible=False)
    tablet = api.init("tablet", **home)
    api.identify(tablet, "dora", **home)
    api.put("users", "dora", "visibility", visible=False)
    for user in ("mum", "kid"):
        clock.forward(minutes=5)
        api.identify(tablet, user, **home)
    common = {}
    for user in ("ben", "cleo"):
        clock.forward(minutes=1)
        visit = api.init(f"{user}'s", agent=IPHONE, **home)
        api.identify(visit, user, agent=IPHONE, **home)
        common[user] = api.init("common", agent=IPHONE, visitorToken=visit["visitorToken"], **home)
    clock.forward(minutes=1)
    stranger = api.init("common", agent=IPHONE, **home)
    api.track(stranger, "view", agent=IPHONE, **home)

    for number in range(CROWD):
        clock.forward(seconds=1)
        guest = api.init(f"guest {number}", address="192.0.2.44")
        api.identify(guest, f"guest-{number}", address="192.0.2.44")
    for user in ("dee", "dee@work"):
        api.track(None, "order", userId=user, secret=True)
    api.change("users", "dee@work", "link", to="dee")
    for job in ("clusters", "analytics"):
        jobs.run(database, "demo", job, clock=clock, new_id=lambda: "1")
    return {
        "laptop": first,
        "phone": phone,
        "tablet": tablet,
        "stranger": stranger,
        "work": work,
        "before": before,
        **common,
    }


@pytest.fixture(autouse=True)
def found(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The commands find the tests' Neo4j."""
    monkeypatch.setenv("NEO4J_URI", server.uri)
    monkeypatch.setenv("NEO4J_USER", server.user)
    monkeypatch.setenv("NEO4J_PASSWORD", server.password)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def run(*args: str) -> Result:
    """`python -m app query …`."""
    return CliRunner().invoke(main, ["query", *args])


def ask(name: str, **params: Any) -> list[dict[str, Any]]:
    """The rows of an analysis, by the command."""
    result = run(name, *(f"--param={key}={value}" for key, value in params.items()), "--json")
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def pasted(name: str) -> dict[str, Any]:
    """The parameters that the header has an analyst paste, as Neo4j Browser reads them: JavaScript's."""
    braces = analysis.find(name).paste.removeprefix(":params ")
    read: dict[str, Any] = json.loads(re.sub(r"(\w+):", r'"\1":', braces).replace("'", '"'))
    return read


def given(name: str) -> list[str]:
    """The same as the command takes them."""
    return [
        f"--param={key}={json.dumps(value) if isinstance(value, list) else value}"
        for key, value in pasted(name).items()
    ]


@pytest.mark.usefixtures("story")
def test_the_example_in_each_file_is_what_its_command_prints() -> None:
    printed = {name: run(name, *given(name)).output.splitlines() for name in analysis.names()}
    examples = {name: list(analysis.find(name).example) for name in analysis.names()}
    assert masked(printed) == masked(examples)


@pytest.mark.usefixtures("story")
def test_each_file_runs_as_it_is_with_the_parameters_it_has_one_paste_and_changes_nothing(graph: Graph) -> None:
    for name in analysis.names():
        # Neo4j Browser makes floats of numbers set by `:params {…}`.
        params = {key: float(value) if isinstance(value, int) else value for key, value in pasted(name).items()}
        found = graph.driver.execute_query(analysis.find(name).text, params)
        assert tuple(found.keys) == analysis.find(name).columns
        assert found.records
        assert not found.summary.counters.contains_updates
        assert [one.gql_status for one in found.summary.gql_status_objects if one.is_notification] == []


@pytest.mark.usefixtures("story")
def test_csv_and_json_say_the_same() -> None:
    for name in analysis.names():
        from_json = json.loads(run(name, *given(name), "--json").stdout)
        from_csv = list(csv.DictReader(run(name, *given(name), "--csv").stdout.splitlines()))
        assert tuple(from_csv[0]) == analysis.find(name).columns
        assert from_csv == [{key: in_csv(value) for key, value in row.items()} for row in from_json]


def masked(tables: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without what differs from run to run: the ends of ids."""
    return {name: [SHORT_ID.sub(r"\1_…", line) for line in lines] for name, lines in tables.items()}


def in_csv(value: Any) -> str:
    """A value as its cell has it."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, list | bool) else str(value)


def test_an_identity_is_found_by_each_of_its_ids(story: Story) -> None:
    laptop, identity = story["laptop"], story["phone"]
    by_user = ask("journey", who="anna")
    assert [row["event"] for row in by_user] == ["search", "view", "identify", "identify", "buy", "thanks", "view"]
    assert by_user[0]["visitor_id"] == laptop["visitorId"]
    for who in (laptop["visitorId"], laptop["identityId"], identity["visitorId"], identity["identityId"]):
        assert ask("journey", who=who) == by_user
        assert ask("cluster", who=who) == ask("cluster", who="anna")
    assert ask("journey", who="nobody") == []


def test_no_answer_leads_to_who_is_hidden(story: Story) -> None:
    for name in ("journey", "cluster", "cluster_picture", "first_touch"):
        more = {"event": "identify"} if name == "first_touch" else {}
        for who in ("dora", *(story[one][kind] for one in ("work", "before") for kind in ("visitorId", "identityId"))):
            assert ask(name, who=who, **more) == []
        told = json.dumps(ask(name, who="anna", confidence_min=0, **more))
        assert [one for one in ("work", "before") if story[one]["visitorId"] in told] == []


def test_linked_users_are_one_identity(story: Story, shop: Api) -> None:
    by_one = ask("cluster", who="dee")
    assert ask("cluster", who="dee@work") == by_one
    assert len(by_one) == 2
    assert [row["event"] for row in ask("journey", who="dee@work")] == ["order", "order"]
    assert "(User dee@work)-[LINKED_TO]->(User dee)" in str(ask("cluster_picture", who="dee"))
    shop.put("users", "dee", "visibility", visible=False)
    assert len(ask("cluster", who="dee@work")) == 1
    assert "LINKED_TO" not in str(ask("cluster_picture", who="dee@work"))


def test_an_explanation_is_drawn_from_each_of_the_two_to_where_they_meet(story: Story, shop: Api) -> None:
    laptop, phone = story["laptop"], story["phone"]
    for one, other in ((laptop["visitorId"], phone["visitorId"]), (laptop["sessionId"], phone["identityId"])):
        ways = [row["way"] for row in ask("explanation_picture", a=one, b=other)]
        assert sum("RESOLVES_TO adopted" in way and "(User anna)" in way for way in ways) == (
            one == laptop["sessionId"]
        )
        assert sum("RESOLVES_TO claim" in way and "(User anna)" in way for way in ways) >= 1
        assert any("IN new" in way for way in ways)
    [drawn, *rest] = ask("explanation_picture", a="dee", b="dee@work")
    assert (drawn["way"], rest) == ("(User dee@work)-[LINKED_TO]->(User dee)", [])

    stranger = ask("explanation_picture", a=story["stranger"]["visitorId"], b="cleo")
    assert sum("PROBABLY fingerprint" in row["way"] and "(User cleo)" in row["way"] for row in stranger) == 1
    assert "PROBABLY" not in str(
        ask("explanation_picture", a=story["stranger"]["visitorId"], b="cleo", confidence_min=0.9)
    )
    shop.put("users", "cleo", "visibility", visible=False)
    assert "cleo" not in str(ask("explanation_picture", a=story["stranger"]["visitorId"], b="cleo"))
    assert ask("explanation_picture", a="dora", b=story["work"]["visitorId"]) == []


@pytest.mark.usefixtures("story")
def test_what_is_hidden_takes_no_place_of_what_is_not(shop: Api) -> None:
    weakest, *_ = ask("weakest_links", type="TIED_TO")
    for user in ("ben", "cleo"):
        shop.put("users", user, "visibility", visible=False)
    assert ask("weakest_links", limit=1) == [weakest]


@pytest.mark.usefixtures("story")
def test_who_was_only_collected_is_answered(shop: Api) -> None:
    sent = [
        shop.post("/eventTracking/collect", {"fingerprint": {"visitorId": name}, "userId": user}, address="192.168.0.7")
        for name, user in (("common", "ben"), ("kiosk", "ida"), ("kiosk", "ole"), ("kiosk", "pia"))
    ]
    stranger, *kiosk = (answer["visitorId"] for answer in sent)
    [own] = ask("cluster", who=stranger, limit=1)
    assert own["visitor_id"] == stranger
    assert [row["visitor_id"] for row in ask("weakest_links", confidence_min=0, limit=1)] == [stranger]
    assert {row["visitor_id"] for row in ask("shared_browsers", limit=1)} == set(kiosk)


def test_confidence_and_limit_bound_what_is_answered(story: Story) -> None:
    assert [row["event"] for row in ask("journey", who="anna", confidence_min=0.95)] == [
        *("view", "identify", "identify", "buy", "thanks"),
    ]
    assert [row["event"] for row in ask("journey", who="anna", limit=2)] == ["search", "view"]
    assert len(ask("first_touch", who="anna", event="thanks", limit=2)) == 2
    assert ask("first_touch", who="anna", event="never") == []
    assert [row["type"] for row in ask("weakest_links", type="TIED_TO")] == ["TIED_TO", "TIED_TO"]
    assert ask("weakest_links", look_at=0) == []
    assert ask("crowded_addresses", since_week="2026-W13") == []
    assert [row["is_crowd"] for row in ask("crowded_addresses", crowd=CROWD + 1, limit=1)] == [False]
    assert [row["visitor_id"] for row in ask("shared_browsers")] == [story["tablet"]["visitorId"]]


def test_who_is_probably_somebody_is_in_their_cluster_with_the_evidence(story: Story) -> None:
    visitor = story["stranger"]["visitorId"]
    [own] = ask("cluster", who=visitor)
    # Of equally probable ones the latest: Cleo's phone was seen a minute after Ben's.
    assert [row["how"] for row in ask("cluster", who="ben")] == ["claim"]
    claimed, probable = ask("cluster", who="cleo")
    assert (claimed["how"], claimed["evidence"]) == ("claim", [])
    [[reason]] = probable.pop("evidence")
    assert (reason["kind"], reason["shared_by"], round(reason["strength"], 2)) == ("fingerprint", 2, 0.6)
    assert probable == {
        "how": "probably, by fingerprint",
        "confidence": 0.6,
        "device": "Mobile Safari on iOS, mobile",
        "login": None,
        "events": 1,
        "first_seen": "2026-03-17T17:21:00.000Z",
        "last_seen": "2026-03-17T17:21:00.000Z",
        "visitor_id": visitor,
        "tenure_id": own["tenure_id"],
    }


@pytest.fixture
def shoppers(shop: Api, clock: Clock) -> Json:
    """Who searches and buys: on one device, on two, as two users, as a server, probably, hidden, or as a crawler."""
    api = shop
    home: Json = {"address": "192.168.0.7"}

    def visit(device: str, *events: str, login: str | None = None, **sent: Any) -> Answer:
        clock.forward(minutes=1)
        begun = api.init(device, **home, **sent)
        where = {**home, **{word: sent[word] for word in ("agent",) if word in sent}}
        for event in events:
            clock.forward(seconds=1)
            api.track(begun, event, **where)
        if login is not None:
            clock.forward(seconds=1)
            api.identify(begun, login, **where)
        return begun

    visit("anna's laptop", "search", "view", login="anna")
    phone = visit("anna's phone", login="anna", agent=IPHONE)
    api.track(phone, "buy", agent=IPHONE, **home)
    visit("ben's laptop", "search", "view", "buy")
    visit("dee's laptop", "search", login="dee")
    work = visit("dee's desk", login="dee@work")
    api.track(work, "buy", **home)
    api.change("users", "dee@work", "link", to="dee")
    one, other = visit("merged", "search"), visit("merged into", "buy")
    api.change("visitors", one["visitorId"], "merge", into=other["visitorId"])
    for user, event in (("gus", "look"), ("cleo", "search")):
        own = visit(f"{user}'s phone", event, login=user, agent=IPHONE)
        visit("common", agent=IPHONE, visitorToken=own["visitorToken"])
    visit("common", "buy", agent=IPHONE)
    visit("frank's laptop", "search", login="frank")
    clock.forward(minutes=1)
    api.track(None, "buy", userId="frank", secret=True)
    visit("eve's laptop", "search", "view", "buy", login="eve")
    api.put("users", "eve", "visibility", visible=False)
    visit("a crawler", "search", "view", "buy", agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
    return home


@pytest.mark.usefixtures("shoppers")
def test_paths_and_funnels_follow_each_identity_over_its_devices() -> None:
    def paths(**given: Any) -> list[tuple[str, int, int, int]]:
        rows = ask("paths", event="buy", steps=2, **given)
        return [(", ".join(row["path"]), *[row[key] for key in list(row)[1:]]) for row in rows]

    def funnel(events: str, **given: Any) -> list[tuple[Any, ...]]:
        return [tuple(row.values())[1:] for row in ask("funnel", events=events, **given)]

    assert paths() == [
        ("identify, identify", 2, 2, 2),
        ("search, identify", 2, 2, 1),
        ("search", 1, 1, 0),
        ("search, view", 1, 1, 0),
    ]
    # The buyer who is Cleo at 0.6 is somebody else at 0.9, who did nothing before.
    assert paths(confidence_min=0.9) == [
        ("identify, identify", 2, 2, 2),
        ("", 1, 1, 0),
        ("search", 1, 1, 0),
        ("search, identify", 1, 1, 0),
        ("search, view", 1, 1, 0),
    ]
    assert paths(limit=1) == [("identify, identify", 2, 2, 2)]
    assert paths(until="2026-03-04") == paths(since="2026-03-05") == paths(look_at=0) == []
    assert funnel("search, view, buy") == [("search", 6, 1.0, 6, 0), ("view", 2, 0.33, 2, 0), ("buy", 2, 0.33, 2, 1)]
    # A server is no device: Frank bought on none.
    assert funnel("search,buy") == [("search", 6, 1.0, 6, 0), ("buy", 6, 1.0, 5, 3)]
    assert funnel("search,buy", confidence_min=0.9) == [("search", 6, 1.0, 6, 0), ("buy", 5, 0.83, 4, 2)]
    assert funnel("buy,buy") == [("buy", 6, 1.0, 5, 0), ("buy", 0, 0.0, 0, 0)]
    assert funnel("search,buy", look_at=0) == [("search", 0, 0.0, 0, 0), ("buy", 0, 0.0, 0, 0)]


def test_a_funnel_takes_names_with_commas_as_a_json_list(shop: Api, clock: Clock) -> None:
    visit = shop.init("laptop")
    for name in ("view", "buy, now", "thanks"):
        clock.forward(minutes=1)
        shop.track(visit, name)

    def reached(events: str) -> list[tuple[str, int]]:
        return [(row["event"], row["identities"]) for row in ask("funnel", events=events)]

    assert reached('["view", "buy, now", "thanks"]') == [("view", 1), ("buy, now", 1), ("thanks", 1)]
    assert reached(" view , thanks,") == reached('["view", "thanks"]') == [("view", 1), ("thanks", 1)]
    assert reached("[]") == reached("") == []
    rows = shop.get("queries", "funnel", events='["view", "buy, now"]')["rows"]
    assert [(row["event"], row["identities"]) for row in rows] == [("view", 1), ("buy, now", 1)]
    for wrong in ("[view]", '["view", 1]', '["view"', r'["\ud800"]', "[" * 5000):
        assert "events is of type LIST<STRING>" in str(
            shop.get("queries", "funnel", events=wrong, expect=400)["errors"]
        )


def test_a_first_login_comes_after_the_sessions_of_the_browser_and_those_merged_into_it(
    shop: Api, clock: Clock
) -> None:
    api = shop
    began = api.init("regular")
    for _ in range(2):
        clock.forward(days=1)
        again = api.init("regular", visitorToken=began["visitorToken"])
    clock.forward(minutes=10)
    api.identify(again, "anna")
    for user in ("ben", "cleo"):
        clock.forward(minutes=5)
        api.identify(again, user)
    one = api.init("merged")
    clock.forward(hours=1)
    other = api.init("merged into")
    clock.forward(minutes=2)
    api.identify(other, "dee")
    api.change("visitors", one["visitorId"], "merge", into=other["visitorId"])
    hidden = api.init("eve's")
    api.identify(hidden, "eve")
    api.put("users", "eve", "visibility", visible=False)
    api.track(None, "order", userId="frank", secret=True)
    since = clock.forward(days=1).isoformat()
    api.init("never logs in")
    # Cleo's next login is not the browser's first.
    api.identify(api.init("regular", visitorToken=began["visitorToken"]), "gus")

    two, one_before = ask("first_logins")[::-1]
    assert list(two.values()) == [2, 1, 0.5, "2d 0h 10min", "2d 0h 10min", "2d 0h 10min"]
    assert list(one_before.values()) == [1, 1, 0.5, "0d 1h 2min", "0d 1h 2min", "0d 1h 2min"]
    assert ask("first_logins", since=since) == []
    assert [row["sessions_before"] for row in ask("first_logins", until=since, limit=1)] == [1]


def test_what_goes_on_or_was_handed_over_is_no_drop_off_and_no_return(shop: Api, clock: Clock) -> None:
    began = shop.init("tablet")
    shop.track(began, "search")
    clock.forward(hours=1)
    again = shop.init("tablet", visitorToken=began["visitorToken"])
    for user in ("mum", "kid"):
        clock.forward(minutes=1)
        shop.identify(again, user)
    [returned] = ask("recognitions")
    assert list(returned.values()) == ["token", 1, 1.0, 1, 1.0, 1.0, 1.0]
    [kid, first] = ask("drop_offs", event="buy")
    assert (list(kid.values()), list(first.values())) == (["identify", 1, 0.5, 1], ["search", 1, 0.5, 1])
    assert [row["last_event"] for row in ask("drop_offs", event="search")] == ["identify"]
    # A session ends by the clock of the database.
    clock.time = datetime.now(UTC)
    shop.track(shop.init("laptop"), "view")
    assert ask("drop_offs", event="buy") == [kid, first]
    assert [row["last_event"] for row in ask("drop_offs", event="buy", idle_minutes=0)] == [
        "identify",
        "search",
        "view",
    ]
    assert ask("drop_offs", event="buy", until="2026-01-01") == ask("recognitions", until="2026-01-01") == []


def test_a_session_and_its_successors_are_one_visit(shop: Api, clock: Clock) -> None:
    visit = shop.init("tablet")
    shop.identify(visit, "mum")
    for name in ("view", "search"):
        clock.forward(minutes=1)
        shop.track(visit, name)
    for user in ("kid", "dad"):
        clock.forward(minutes=1)
        visit = shop.identify(visit, user)

    def dropped(event: str) -> list[list[Any]]:
        return [list(row.values()) for row in ask("drop_offs", event=event)]

    assert dropped("buy") == [["identify", 1, 1.0, 1]]
    # Mum did it before the others took over.
    assert dropped("view") == []
    for user in ("kid", "dad"):
        shop.put("users", user, "visibility", visible=False)
    assert dropped("buy") == [["search", 1, 1.0, 1]]
    shop.put("users", "kid", "visibility", visible=True)
    shop.put("users", "mum", "visibility", visible=False)
    assert dropped("view") == [["identify", 1, 1.0, 1]]


def test_an_identifier_joins_merged_visitors_once_and_nobody_who_is_hidden(story: Story, shop: Api) -> None:
    def joined(**given: Any) -> list[tuple[Any, ...]]:
        return [
            tuple(row[key] for key in ("joins", "kind", "visitors", "users"))
            for row in ask("crowded_identifiers", **given)
        ]

    assert joined() == [(30, "address", 30, 30), (3, "fingerprint", 3, 2), (2, "jar", 1, 2), (2, "user", 2, 1)]
    for kind, joins in (("address", 30), ("fingerprint", 3), ("jar", 2), ("user", 2)):
        assert [row[:2] for row in joined(kind=kind)] == [(joins, kind)]
    assert joined(look_at=0) == []
    # Those with the most edges are examined first.
    assert joined(look_at=1) == [(30, "address", 30, 30), (3, "fingerprint", 3, 2), (2, "jar", 1, 2), (2, "user", 2, 1)]
    shop.change("visitors", story["stranger"]["visitorId"], "merge", into=story["cleo"]["visitorId"])
    for user in ("kid", "cleo", "guest-1"):
        shop.put("users", user, "visibility", visible=False)
    shop.put("users", "anna", "visitors", story["phone"]["visitorId"], "visibility", visible=False)
    assert joined() == [(30, "address", 30, 29), (2, "fingerprint", 2, 1)]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("joruney",), "there is no query 'joruney': there are at_address, by_day, cluster, cluster_picture, "),
        (("journey",), "say who: A user id, an identity id or a visitor id"),
        (("journey", "--param=whose=anna"), "there is no parameter whose: journey takes tenant, who, confidence_min"),
        (("journey", "--param=who=anna", "--param=limit=ten"), "limit is of type INTEGER, which 'ten' is not"),
        (("journey", "--param=who=anna", "--param=limit=-1"), "limit is between 0 and 1000000, which -1 is not"),
        (("journey", "--param=who=anna", "--param=confidence_min=nan"), "confidence_min is between 0 and 1000000"),
        (
            ("paths", "--param=event=buy", "--param=since=soon"),
            "since is a time such as 2026-03-01T12:00:00Z, which 'soon'",
        ),
        (("journey", "--param=who"), "--param takes NAME=VALUE, not 'who'"),
        (("journey", "--param=who=anna", "--json", "--csv"), "one of --json and --csv"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(args: tuple[str, ...], said: str) -> None:
    refused = run(*args)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert refused.stdout == ""


def test_without_a_name_the_queries_are_listed_with_their_purposes() -> None:
    listed = run()
    assert listed.exit_code == 0
    for name in analysis.names():
        assert f"{name} " in listed.stdout
        assert analysis.find(name).purpose in listed.stdout
        told = run(name, "--help").stdout
        for line in (*analysis.find(name).example, *(f"{each.name}" for each in analysis.find(name).parameters)):
            assert line in told


def test_nothing_found_is_an_empty_list_and_a_word_to_a_person(database: Database) -> None:
    assert run("shared-browsers", "--tenant=no such", "--json").stdout == "[]\n"
    assert run("shared-browsers", "--csv").stdout.count("\n") == 1
    assert run("shared-browsers", "--tenant=no such").stderr == "nothing found in tenant no such\n"


def test_a_table_commands_no_terminal(app: Flask, database: Database, clock: Clock) -> None:
    api = Api(app, create_tenant(database, "demo", secret_key=SECRET_KEY, now=clock()))
    visit = api.init("a")
    api.track(visit, "\x1b[2Jgone\n[red]markup[/red]")
    printed = run("journey", f"--param=who={visit['visitorId']}").stdout
    assert "\x1b" not in printed
    assert "[red]markup[/red]" in printed
    assert len(printed.splitlines()) == 3
