"""After POST /visitors/{id}/merge, a visitor counts for its survivor and nothing is lost. /split undoes a merge exactly."""

import itertools
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.faults.test_races import at_once, statuses
from tests.world import Answer, Api, Clock, Done, Graph, Json

#: Edge types that record the past or a cannot-link, and the properties that name a change.
CLOSED = (
    *("UNMERGED_FROM", "CANNOT_LINK", "COULD_NOT_LINK", "RESOLVED_TO", "WAS_TIED_TO", "WAS_IN"),
    *("HAD_FINGERPRINT", "WAS_PROBABLY"),
)
NAMES_OF_CHANGES = ("since", "change_id", "counted_at", "last_received_at", "last_closed_at", "_lock")
NOTHING: Mapping[str, Collection[str]] = MappingProxyType({})


def snapshot(graph: Graph, but: Mapping[str, Collection[str]] = NOTHING) -> set[str]:
    """Return every node and every open edge with all properties, without audit entries, keys and the ids of changes.

    `but` has the properties that are left out, by label or type.
    """

    def as_text(kinds: Collection[str], properties: Json) -> str:
        left_out = {*NAMES_OF_CHANGES, *(name for kind in kinds for name in but.get(kind, ()))}
        return str(sorted((name, str(value)) for name, value in properties.items() if name not in left_out))

    nodes = graph.rows(
        "MATCH (n) WHERE NOT n:AuditEntry AND NOT n:Migration AND NOT n:ApiKey RETURN labels(n) AS kind, properties(n) AS p"
    )
    edges = graph.rows(
        """
        MATCH (a)-[r]->(b)
        WHERE NOT type(r) IN $closed
        RETURN type(r) AS kind, properties(r) AS p, properties(a) AS a, properties(b) AS b, labels(a) AS of, labels(b) AS to
        """,
        closed=list(CLOSED),
    )
    return {f"{sorted(row['kind'])} {as_text(row['kind'], row['p'])}" for row in nodes} | {
        f"{as_text(row['of'], row['a'])} {row['kind']} {as_text([row['kind']], row['p'])} {as_text(row['to'], row['b'])}"
        for row in edges
    }


def merge(api: Api, one: Answer, into: Answer, *, expect: int = 200, **sent: Any) -> Answer:
    return api.change("visitors", one["visitorId"], "merge", expect=expect, into=into["visitorId"], **sent)


def split(api: Api, visitor_id: str, *, expect: int = 200, **part: Any) -> Answer:
    return api.change("visitors", visitor_id, "split", expect=expect, **part)


def test_what_is_known_of_both_counts_for_the_survivor(api: Api, clock: Clock) -> None:
    one, other = api.init("f-1"), api.init("f-2")
    api.identify(one, "anna")
    clock.forward(minutes=1)
    api.identify(other, "anna")
    api.put("users", "ben", "visitors", one["visitorId"], confidence=80)
    api.track(one, "look")
    api.track(other, "buy")
    first = api.get("users", "anna", "visitors", one["visitorId"])
    second = api.get("users", "anna", "visitors", other["visitorId"])

    merged = merge(api, one, other)
    assert merged.json == {
        "visitorId": other["visitorId"],
        "mergedId": one["visitorId"],
        "identityId": api.get("users", "anna")["identityId"],
        "userId": "anna",
        "relationships": 1,
        "changed": True,
        "duplicate": False,
    }
    both = api.get("users", "anna", "visitors", other["visitorId"])
    assert (both["count"], both["firstSeen"], both["lastSeen"]) == (2, first["firstSeen"], second["lastSeen"])
    assert both["confidence"] >= second["confidence"]
    assert api.get("users", "anna", "visitors", one["visitorId"]).json == both.json
    assert [item["visitorId"] for item in api.pages("users", "anna", "visitors")] == [other["visitorId"]]
    assert {item["userId"] for item in api.pages("visitors", one["visitorId"], "users")} == {"anna", "ben"}
    assert api.get("users", "anna")["visitors"] == 1

    visitor = api.get("visitors", one["visitorId"])
    assert (visitor["visitorId"], visitor["mergedIds"]) == (other["visitorId"], [one["visitorId"]])
    assert set(visitor["fingerprints"]) == {"f-1", "f-2"}
    assert (visitor["sessions"], visitor["events"], len(visitor["jars"])) == (2, 4, 2)
    assert sorted(api.journey("visitors", other["visitorId"])) == ["buy", "identify", "identify", "look"]
    again = api.init("f-1", visitorToken=one["visitorToken"])
    assert (again["visitorId"], api.track(again)["visitorId"]) == (other["visitorId"],) * 2
    assert api.get("sessions", again["sessionId"])["visitorId"] == other["visitorId"]


def test_an_association_with_a_merged_visitor_counts_for_the_survivor(api: Api, clock: Clock) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.identify(second, "anna")
    merge(api, first, second)
    clock.forward(minutes=1)
    assert api.identify(first, "anna")["visitorId"] == second["visitorId"]
    api.init("f-1", visitorToken=first["visitorToken"], userId="anna")
    assert api.put("users", "anna", "visitors", first["visitorId"], confidence=50)["count"] == 4
    assert api.get("users", "anna", "visitors", second["visitorId"])["confidence"] == 50
    split(api, first["visitorId"])
    assert api.get("users", "anna", "visitors", second["visitorId"])["count"] == 1
    theirs = api.get("users", "anna", "visitors", first["visitorId"])
    assert (theirs["count"], theirs["confidence"]) == (3, 50)


def test_a_statement_about_a_merged_visitor_answers_the_survivor_as_a_read_does(api: Api) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    merge(api, first, second)
    path = ("users", "anna", "visitors", first["visitorId"])
    stated = api.put(*path, confidence=50, key="k-1")
    item = {"userId": "anna", "visitorId": first["visitorId"], "confidence": 50, "idempotencyKey": "k-1"}
    [repeated] = api.change("relationships", "batch", relationships=[item])["results"]
    assert stated["visitorId"] == api.get(*path)["visitorId"] == second["visitorId"]
    assert repeated == {**stated.json, "duplicate": True}


def test_merging_what_is_one_writes_nothing(api: Api, graph: Graph) -> None:
    first, second, third = api.init("f-1"), api.init("f-2"), api.init("f-3")
    merge(api, first, second)
    merge(api, second, third)
    before = snapshot(graph)
    for pair in ((first, second), (second, first), (first, third), (third, first), (first, first)):
        assert merge(api, *pair)["changed"] is False
    assert snapshot(graph) == before
    assert graph.count("AuditEntry") == 4
    assert api.get("visitors", first["visitorId"])["visitorId"] == third["visitorId"]


def test_a_merge_ties_the_ones_identity_to_the_others(api: Api, clock: Clock) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.track(first, "look")
    clock.forward(minutes=1)
    api.identify(second, "anna")
    merge(api, first, second)
    assert api.journey("users", "anna") == ["look", "identify"]
    split(api, first["visitorId"])
    assert api.journey("users", "anna") == ["identify"]

    later, claimed = api.init("f-3"), api.init("f-4")
    api.identify(claimed, "ben")
    merge(api, claimed, later)
    assert api.get("visitors", later["visitorId"])["userId"] == "ben"


def test_two_users_visitors_are_merged_only_by_force_and_with_a_reason(api: Api) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.identify(first, "anna")
    api.identify(second, "ben")
    refused = merge(api, first, second, expect=409)
    assert (refused["code"], refused["reason"]) == ("merge_refused", "different_users")
    assert any(one_["code"] == "merge_refused" for one_ in api.pages("warnings"))
    assert "reason" in merge(api, first, second, force=True, expect=422)["errors"]
    assert "reason" in merge(api, first, second, force=True, reason=" ", expect=422)["errors"]

    merge(api, first, second, force=True, reason="one device, they share it")
    assert {item["userId"] for item in api.pages("visitors", second["visitorId"], "users")} == {"anna", "ben"}
    assert api.journey("users", "anna") == ["identify"]
    assert api.journey("users", "ben") == ["identify"]


@pytest.mark.parametrize("logins", [[], ["one"], ["other"], ["one", "other"]])
def test_merge_and_split_leave_what_was_before(api: Api, graph: Graph, clock: Clock, logins: list[str]) -> None:
    sessions = {"one": api.init("f-1"), "other": api.init("f-2")}
    clock.forward(minutes=1)
    sessions["again"] = api.init("f-1")
    for name in logins:
        api.identify(sessions[name], "anna")
    api.put("users", "carl", "visitors", sessions["one"]["visitorId"], confidence=42)
    before = snapshot(graph)
    clock.forward(minutes=1)
    merge(api, sessions["one"], sessions["other"], reason="a mistake")
    assert snapshot(graph) != before
    clock.forward(minutes=1)
    assert split(api, sessions["one"]["visitorId"]).json == {
        "visitorId": sessions["other"]["visitorId"],
        "splitOffId": sessions["one"]["visitorId"],
        "duplicate": False,
    }
    assert snapshot(graph) == before


def test_what_arrived_between_merge_and_split_is_whose_its_own_evidence_says(api: Api, clock: Clock) -> None:
    """The same calls with a merge that is undone, and without it, give the same graph."""

    def told(name: str, *, merged: bool) -> list[Any]:
        first, second = api.init(f"{name}-1"), api.init(f"{name}-2")
        api.track(first, "before")
        clock.forward(minutes=1)
        if merged:
            merge(api, first, second)
        api.identify(second, f"{name} anna")
        api.track(first, "between")
        without_cookies = api.init(f"{name}-1")
        api.track(without_cookies, "without cookies")
        again = api.init(f"{name}-1", visitorToken=first["visitorToken"])
        api.identify(again, f"{name} ben")
        clock.forward(minutes=1)
        if merged:
            split(api, first["visitorId"])
        answers: list[Any] = [api.journey("users", f"{name} {user}") for user in ("anna", "ben")]
        answers += [api.journey("visitors", visit["visitorId"]) for visit in (first, second)]
        for visit in (first, second):
            items = api.pages("visitors", visit["visitorId"], "users")
            answers.append([(item["userId"].split()[1], item["count"], item["source"]) for item in items])
        return answers

    assert told("a", merged=True) == told("b", merged=False)


def test_what_was_split_is_not_taken_for_one_again(api: Api, graph: Graph) -> None:
    first, second = (api.init(name, address="198.51.100.9") for name in ("f-1", "f-2"))
    merge(api, first, second)
    split(api, first["visitorId"])
    assert graph.edges("PROBABLY") != set()
    assert api.identify(first, "anna")["propagated"] == 0
    assert api.get("visitors", second["visitorId"], minConfidence=0)["identityId"].startswith("ten_")
    assert len(graph.edges("CANNOT_LINK")) == 1
    merge(api, second, first)
    assert (len(graph.edges("CANNOT_LINK")), len(graph.edges("COULD_NOT_LINK"))) == (0, 1)


def test_a_jar_taken_out_is_a_visitor_of_its_own(api: Api, clock: Clock) -> None:
    """The second laptop has the same fingerprint, so the service took it for the first laptop's private window."""
    first = api.init("f-1")
    api.identify(first, "anna")
    clock.forward(minutes=1)
    second = api.init("f-1")
    assert second["visitorId"] == first["visitorId"]
    api.track(second, "look")
    api.identify(second, "ben")
    visitor = api.get("visitors", first["visitorId"])
    jar = next(one_ for one_ in visitor["jars"] if one_ == api.get("sessions", second["sessionId"])["jarId"])

    apart = split(api, first["visitorId"], jar=jar, reason="two laptops")
    new_id = apart["splitOffId"]
    assert new_id not in {None, first["visitorId"]}
    assert [item["userId"] for item in api.pages("visitors", first["visitorId"], "users")] == ["anna"]
    theirs = api.pages("visitors", new_id, "users")
    assert [(item["userId"], item["count"], item["source"]) for item in theirs] == [("ben", 1, "claimed")]
    assert api.journey("visitors", new_id) == ["look", "identify"]
    assert api.journey("users", "ben") == ["look", "identify"]
    assert api.get("visitors", new_id)["fingerprints"] == ["f-1"]
    assert api.init("f-1", visitorToken=second["visitorToken"])["visitorId"] == new_id
    # A visitor that shares a fingerprint with another does not own it.
    assert api.init("f-1")["isNewVisitor"] is True
    for_one = split(api, new_id, jar=jar, expect=409)
    assert for_one["code"] == "nothing_to_split"


def test_a_jar_taken_out_takes_what_was_observed_in_it(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init("f-1", address="198.51.100.1")
    clock.forward(days=14)
    second = api.init("f-1", address="198.51.100.1")
    api.init("f-2", visitorToken=second["visitorToken"], address="198.51.100.2")
    api.identify(second, "anna")
    api.identify(second, "ben")
    jar = api.get("sessions", second["sessionId"])["jarId"]
    new_id = split(api, first["visitorId"], jar=jar)["splitOffId"]

    fingerprints = graph.rows(
        "MATCH (v:Visitor)-[r:HAS_FINGERPRINT]->(f) "
        "RETURN v.visitor_id AS visitor, f.hash AS hash, r.count AS count, r.weight AS weight"
    )
    assert sorted(fingerprints, key=str) == sorted(
        [
            {"visitor": first["visitorId"], "hash": "f-1", "count": 1, "weight": 1.0},
            {"visitor": new_id, "hash": "f-1", "count": 1, "weight": second["match"]["confidence"]},
            {"visitor": new_id, "hash": "f-2", "count": 1, "weight": 1.0},
        ],
        key=str,
    )
    places = graph.rows(
        "MATCH (v:Visitor)-[r:SEEN_WITH]->(b) RETURN v.visitor_id AS visitor, b.address AS address, b.week AS week, r.count AS n"
    )
    assert {(row["visitor"], row["address"], row["week"], row["n"]) for row in places} == {
        (first["visitorId"], "198.51.100.1", "2026-W10", 1),
        (new_id, "198.51.100.1", "2026-W12", 1),
        (new_id, "198.51.100.2", "2026-W12", 1),
    }


def test_a_fingerprint_taken_out_takes_the_jars_that_came_by_it(api: Api, clock: Clock, graph: Graph) -> None:
    visit = api.init("f-1")
    clock.forward(minutes=1)
    by_it = api.init("f-1")
    api.track(by_it, "look")
    apart = split(api, visit["visitorId"], fingerprint="f-1")
    assert apart["splitOffId"] is not None
    assert api.journey("visitors", apart["splitOffId"]) == ["look"]
    assert api.get("visitors", visit["visitorId"])["fingerprints"] == []
    # The token still identifies the visitor, and the cannot-link against the fingerprint holds.
    api.init("f-1", visitorToken=visit["visitorToken"])
    assert api.get("visitors", visit["visitorId"])["fingerprints"] == []
    assert api.init("f-1")["visitorId"] == apart["splitOffId"]
    assert split(api, visit["visitorId"], fingerprint="f-1", expect=404)["code"] == "part_not_found"


def test_a_fingerprint_with_very_many_jars_is_taken_out_by_the_command(
    api: Api, command: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, *_ = [api.init("f-1") for _ in range(4)]
    monkeypatch.setattr("graph.acts.split.JARS_MAX", 2)
    refused = split(api, visit["visitorId"], fingerprint="f-1", expect=409)
    assert (refused["code"], "3 jars" in refused["detail"]) == ("too_many_jars", True)
    assert api.get("visitors", visit["visitorId"])["counts"]["jars"] == 4
    done = command("split", "shop", visit["visitorId"], "--fingerprint", "f-1", "--json")
    assert api.get("visitors", done.json["splitOffId"])["counts"]["jars"] == 3


def test_a_tenure_taken_out_follows_nobody(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    tied = api.init("f-1")
    api.track(tied, "look")
    assert api.journey("users", "anna") == ["identify", "look"]
    tenure = api.get("sessions", tied["sessionId"])["tenureId"]
    assert split(api, visit["visitorId"], tenure=tenure)["splitOffId"] is None
    assert api.journey("users", "anna") == ["identify"]
    assert split(api, visit["visitorId"], tenure=tenure, expect=409)["code"] == "nothing_to_split"


@pytest.mark.parametrize(
    ("part", "status", "code"),
    [
        ({}, 409, "nothing_to_split"),
        ({"jar": "jar_none"}, 404, "part_not_found"),
        ({"tenure": "ten_none"}, 404, "part_not_found"),
        ({"fingerprint": "none"}, 404, "part_not_found"),
        ({"jar": "a", "tenure": "b"}, 422, "invalid_request"),
        ({"jar": 7}, 422, "invalid_request"),
    ],
)
def test_there_must_be_something_to_split(api: Api, graph: Graph, part: Json, status: int, code: str) -> None:
    visit = api.init("f-1")
    before = snapshot(graph)
    assert split(api, visit["visitorId"], expect=status, **part)["code"] == code
    assert snapshot(graph) == before
    assert graph.count("AuditEntry") == 0


def test_visitors_there_are_not_are_404(api: Api) -> None:
    visit = api.init("f-1")
    assert split(api, "vis_none", expect=404)["code"] == "visitor_not_found"
    assert (
        api.change("visitors", "vis_none", "merge", into=visit["visitorId"], expect=404)["code"] == "visitor_not_found"
    )
    assert (
        api.change("visitors", visit["visitorId"], "merge", into="vis_none", expect=404)["code"] == "visitor_not_found"
    )
    assert api.change("visitors", visit["visitorId"], "merge", expect=422)["code"] == "invalid_request"


def test_opposite_merges_at_the_same_moment_make_no_circle(api: Api, graph: Graph) -> None:
    for number in range(8):
        pair = [api.init(f"{number}-{side}") for side in "ab"]
        answers = at_once(4, lambda i, pair=pair: merge(api, pair[i % 2], pair[1 - i % 2]))  # type: ignore[misc]
        assert statuses(answers) == {200: 4}
        assert [answer["changed"] for answer in answers].count(True) == 1
    assert len(graph.edges("MERGED_INTO")) == 8
    assert graph.rows("MATCH (v)-[:MERGED_INTO*1..9]->(v) RETURN v") == []


def test_jars_that_are_taken_out_of_one_visitor_at_the_same_moment_all_are(api: Api, graph: Graph) -> None:
    visits = [api.init("f-1") for _ in range(13)]
    [visitor_id] = {visit["visitorId"] for visit in visits}
    jars = [api.get("sessions", visit["sessionId"])["jarId"] for visit in visits[1:]]
    answers = at_once(12, lambda number: split(api, visitor_id, jar=jars[number]))
    assert statuses(answers) == {200: 12}
    assert len({answer["splitOffId"] for answer in answers} | {visitor_id}) == 13
    # A cannot-link stands between each two visitors.
    told_apart = {frozenset(pair) for pair in graph.edges("CANNOT_LINK")}
    assert len(told_apart) == 13 * 12 / 2


def test_merges_splits_and_logins_at_once_lose_nothing(api: Api, graph: Graph) -> None:
    visits = [api.init(f"f-{number}") for number in range(4)]
    acts: list[Callable[[], Answer]] = [
        lambda: api.identify(visits[0], "anna"),
        lambda: api.identify(visits[1], "anna"),
        lambda: api.put("users", "anna", "visitors", visits[2]["visitorId"], confidence=90),
        lambda: api.change("visitors", visits[0]["visitorId"], "merge", into=visits[1]["visitorId"]),
    ]
    at_once(16, lambda number: acts[number % 4]())
    found = graph.rows("MATCH ()-[r:IDENTIFIED_AS {user_id: 'anna'}]->() RETURN r.rank AS rank, r.count AS count")
    assert sorted(row["count"] for row in found if row["rank"] is not None) == [4, 8]
    split(api, visits[0]["visitorId"])
    assert [api.get("users", "anna", "visitors", visit["visitorId"])["count"] for visit in visits[:3]] == [4, 4, 4]


def test_a_way_that_would_be_too_long_is_refused(api: Api) -> None:
    visits = [api.init(f"f-{number}") for number in range(10)]
    for one, into in itertools.pairwise(visits[:9]):
        merge(api, one, into)
    assert merge(api, visits[8], visits[9], expect=409)["code"] == "merge_too_deep"
    assert api.get("visitors", visits[0]["visitorId"])["visitorId"] == visits[8]["visitorId"]


def test_who_merged_and_split_and_why_is_in_the_audit_trail(api: Api, clock: Clock) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.identify(first, "anna")
    merge(api, first, second, reason="one laptop")
    clock.forward(minutes=1)
    split(api, first["visitorId"], reason="two laptops")
    for about in (f"visitor:{first['visitorId']}", f"visitor:{second['visitorId']}"):
        entries = api.pages("audit", about=about)[:2]
        assert [(entry["act"], entry["reason"]) for entry in entries] == [
            ("split", "two laptops"),
            ("merge", "one laptop"),
        ]
    assert [entry["act"] for entry in api.pages("audit", about="user:anna")] == ["split", "merge", "identify"]


def test_cannot_links_from_before_a_merge_hold_again_after_its_split(api: Api, graph: Graph) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.identify(first, "anna")
    api.remove("users", "anna", "visitors", first["visitorId"])
    api.identify(second, "anna")
    merge(api, first, second)
    assert graph.edges("CANNOT_LINK") == set()
    split(api, first["visitorId"])
    assert graph.edges("CANNOT_LINK") == {(first["visitorId"], "anna"), (first["visitorId"], second["visitorId"])}


def test_whoever_was_split_is_not_reached_by_way_of_a_third(api: Api, clock: Clock) -> None:
    first = api.init("f-1", address="198.51.100.9")
    clock.forward(seconds=1)
    second, third = (api.init(name, address="198.51.100.9") for name in ("f-2", "f-3"))
    merge(api, first, second)
    split(api, first["visitorId"])
    assert api.identify(second, "anna")["propagated"] == 1
    assert api.get("visitors", third["visitorId"], minConfidence=0)["identityId"].startswith("usr_")
    assert api.get("visitors", first["visitorId"], minConfidence=0)["identityId"].startswith("ten_")


def test_users_whose_relationships_a_split_weighs_again_have_it_in_their_trail(api: Api) -> None:
    first, second = api.init("f-1"), api.init("f-2")
    api.identify(first, "anna")
    merge(api, first, second)
    split(api, first["visitorId"])
    assert [entry["act"] for entry in api.pages("audit", about="user: anna ")] == ["split", "merge", "identify"]
