"""The commands about relationships do what the calls do, and the audit trail records them in the same way."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.world import Api, Clock, Done

Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    """Set the tests' clock to the machine's, which commands use."""
    clock.time = datetime.now(UTC).replace(microsecond=0)


def test_what_is_stated_at_a_terminal_is_found_by_both_and_by_the_api(api: Api, command: Command) -> None:
    first, second = (api.init(f"f-{number}")["visitorId"] for number in range(2))
    stated = command("relationships", "put", "shop", "anna", first, "95", "--reason", "seen in the shop", "--json").json
    assert (stated["userId"], stated["confidence"], stated["count"], stated["source"]) == ("anna", 95, 1, "stated")
    command("relationships", "put", "shop", "anna", second, "60")
    command("relationships", "put", "shop", "ben", first, "40.5")

    assert (
        command("relationships", "get", "shop", "anna", first, "--json").json
        == api.get("users", "anna", "visitors", first).json
    )
    listed = command("relationships", "list", "shop", "--user", "anna", "--json").json
    assert listed == api.get("users", "anna", "visitors").json
    theirs = command("relationships", "list", "shop", "--visitor", first, "--json").json
    assert [item["userId"] for item in theirs["items"]] == ["anna", "ben"]
    sure = command("relationships", "list", "shop", "--user", "anna", "--min-confidence", "61", "--json").json
    assert [item["visitorId"] for item in sure["items"]] == [first]
    [entry] = api.pages("audit", about="user:ben")
    assert (entry["act"], entry["actor"]) == ("put_relationship", "job:relationships")
    assert api.pages("audit", about="user:anna")[-1]["reason"] == "seen in the shop"


def test_a_list_goes_on_where_it_ended(api: Api, command: Command) -> None:
    visitors = [api.init(f"f-{number}")["visitorId"] for number in range(3)]
    for number, visitor in enumerate(visitors):
        api.put("users", "anna", "visitors", visitor, confidence=90 - number)
    first = command("relationships", "list", "shop", "--user", "anna", "--limit", "2")
    assert [visitor in first.out for visitor in visitors] == [True, True, False]
    rest = command("relationships", "list", "shop", "--user", "anna", "--cursor", first.err.split()[-1], "--json").json
    assert ([item["visitorId"] for item in rest["items"]], rest["nextCursor"]) == ([visitors[2]], None)
    mixed_up = command("relationships", "list", "shop", "--user", "ben", "--cursor", first.err.split()[-1])
    assert (mixed_up.code, "none that this list printed" in mixed_up.err) == (2, True)


def test_a_user_is_taken_from_a_visitor(api: Api, command: Command) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    removed = command("relationships", "remove", "shop", "anna", visit["visitorId"], "--reason", "not hers")
    assert (removed.code, removed.err) == (0, "")
    assert api.get("visitors", visit["visitorId"])["userId"] is None
    entry = api.pages("audit", about="user:anna")[0]
    assert (entry["act"], entry["actor"], entry["reason"]) == ("release", "job:relationships", "not hers")
    again = command("relationships", "remove", "shop", "anna", visit["visitorId"])
    assert (again.code, again.out, again.err) == (1, "", "Error: this user was not seen on this visitor\n")


def test_a_statement_that_claims_is_a_login(api: Api, command: Command) -> None:
    visit = api.init("f-1")
    assert command("relationships", "put", "shop", "anna", visit["visitorId"], "95", "--claim").code == 0
    assert api.get("visitors", visit["visitorId"])["userId"] == "anna"


def test_visitors_are_merged_and_split(api: Api, command: Command) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.identify(first, "anna")
    api.identify(second, "ben")
    pair = (first["visitorId"], second["visitorId"])
    refused = command("merge", "shop", *pair)
    assert (refused.code, refused.out) == (1, "")
    assert "only by force, with a reason" in refused.err
    merged = command("merge", "shop", *pair, "--force", "--reason", "one kitchen tablet", "--json").json
    assert (merged["visitorId"], merged["mergedId"], merged["changed"]) == (pair[1], pair[0], True)
    assert command("merge", "shop", *pair, "--json").json["changed"] is False
    assert api.get("visitors", pair[0])["visitorId"] == pair[1]

    apart = command("split", "shop", pair[0], "--reason", "two after all", "--json").json
    assert apart == {"visitorId": pair[1], "splitOffId": pair[0]}
    assert api.get("visitors", pair[0])["visitorId"] == pair[0]
    split, merge, *_ = api.pages("audit", about=f"visitor:{pair[0]}")
    assert (split["act"], split["actor"], split["reason"]) == ("split", "job:split", "two after all")
    assert (merge["act"], merge["actor"], merge["reason"]) == ("merge", "job:merge", "one kitchen tablet")
    assert command("split", "shop", pair[0]).code == 1


def test_a_part_is_taken_out(api: Api, command: Command) -> None:
    api.init("f-1")
    again = api.init("f-1")
    jar = api.get("visitors", again["visitorId"])["jars"][0]
    apart = command("split", "shop", again["visitorId"], "--jar", jar, "--json").json
    assert api.get("visitors", apart["splitOffId"])["jars"] == [jar]


def test_who_is_hidden_at_a_terminal_is_in_no_read_until_shown(api: Api, command: Command) -> None:
    one = api.init("f-1")["visitorId"]
    api.put("users", "anna", "visitors", one, confidence=90)
    hidden = command("relationships", "hide", "shop", "anna", one, "--reason", "she asked", "--json").json
    assert hidden == {"userId": "anna", "visitorId": one, "visible": False, "changed": True}
    assert api.pages("users", "anna", "visitors") == []
    assert command("relationships", "hide", "shop", "anna", "--json").json["visitorId"] is None
    api.get("users", "anna", expect=404)
    for pair in (("anna",), ("anna", one)):
        assert command("relationships", "show", "shop", *pair, "--json").json["visible"] is True
    assert [item["visitorId"] for item in api.pages("users", "anna", "visitors")] == [one]
    entry = api.pages("audit", about=f"visitor:{one}")[1]
    assert (entry["act"], entry["actor"], entry["reason"]) == ("visibility", "job:relationships", "she asked")


def test_the_audit_trail_is_read_at_a_terminal_as_by_the_call(api: Api, clock: Clock, command: Command) -> None:
    one = api.init("f-1")["visitorId"]
    for confidence in (70, 80, 90):
        clock.forward(minutes=1)
        api.put("users", "anna", "visitors", one, confidence=confidence, reason=f"{confidence} %")
    assert command("audit", "shop", "--about", "user:anna", "--json").json == api.get("audit", about="user:anna").json
    first = command("audit", "shop", "--about", "user:anna", "--limit", "2")
    assert [f"{each} %" in first.out for each in (70, 80, 90)] == [False, True, True]
    more = ("--cursor", first.err.split()[-1])
    [oldest] = command("audit", "shop", "--about", "user:anna", *more, "--json").json["items"]
    assert oldest["reason"] == "70 %"
    mixed_up = command("audit", "shop", "--about", "user:ben", *more)
    assert (mixed_up.code, "--cursor: The cursor of another list" in mixed_up.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("relationships", "hide", "shop", "nobody"), 1, "there is no such user"),
        (("relationships", "show", "shop", "anna", "vis_none"), 1, "there is no such visitor"),
        (
            ("audit", "shop", "--about", "anna"),
            2,
            "One of user:ID, visitor:ID, identity:ID, erasure:ID, link:ID and tenant:ID.",
        ),
        (("audit", "shop", "--about", "user:anna", "--limit", "0"), 2, "--limit"),
        (("audit", "no-shop", "--about", "user:anna"), 1, "there is no tenant"),
        (("relationships", "list", "shop"), 2, "one of --user and --visitor"),
        (("relationships", "list", "shop", "--user", "a", "--visitor", "b"), 2, "one of --user and --visitor"),
        (("relationships", "list", "shop", "--user", "nobody"), 1, "there is no such user"),
        (("relationships", "list", "shop", "--user", "a", "--limit", "0"), 2, "--limit"),
        (("relationships", "list", "shop", "--user", "a", "--min-confidence", "101"), 2, "--min-confidence"),
        (("relationships", "list", "shop", "--user", "a", "--cursor", "WzFd"), 2, "--cursor"),
        (("relationships", "get", "shop", "nobody", "vis_none"), 1, "this user was not seen on this visitor"),
        (("relationships", "get", "no-shop", "anna", "vis_none"), 1, "there is no tenant"),
        (("relationships", "put", "shop", "anna", "vis_none", "90"), 1, "there is no such visitor"),
        (("relationships", "put", "shop", "anna", "vis_none", "nan"), 2, "CONFIDENCE"),
        (("relationships", "put", "shop", "anna", "vis_none", "sure"), 2, "'sure' is not a number from 1 to 100"),
        (("relationships", "list", "shop", "--user", "a", "--min-confidence", "x"), 2, "not a number from 0 to 100"),
        (("relationships", "put", "shop", "anna", "vis_none", "0"), 2, "CONFIDENCE"),
        (("relationships", "put", "shop", "undefined", "vis_none", "90"), 2, "names nobody"),
        (("relationships", "put", "shop", " ", "vis_none", "90"), 2, "the id is blank"),
        (("merge", "shop", "vis_none", "vis_nowhere"), 1, "there is no visitor vis_none"),
        (("merge", "shop", "vis_none", "vis_nowhere", "--force"), 2, "needs a --reason"),
        (("split", "shop", "vis_none"), 1, "there is no such visitor"),
        (("split", "shop", "vis_none", "--jar", "j", "--tenure", "t"), 2, "one of --jar, --tenure and --fingerprint"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    api: Api, command: Command, words: tuple[str, ...], code: int, says: str
) -> None:
    done = command(*words)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert "Traceback" not in done.err


def test_when_jobs_ran_is_told_to_the_second_and_to_programs_as_calls_do(api: Api, command: Command) -> None:
    assert command("jobs", "run", "shop", "stats").code == 0
    [job] = command("jobs", "status", "shop", "--json").json
    printed = command("jobs", "status", "shop").out
    for time in (job["started"], job["finished"]):
        assert len(time) == len("2026-01-31T12:00:00.000Z")
        assert time[:19].replace("T", " ") + " " in printed
        assert time[:19].replace("T", " ") + "." not in printed
