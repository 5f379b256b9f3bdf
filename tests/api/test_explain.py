"""Why two are one, or why they are not: by which steps, with the arithmetic, who said so, and what stands against it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, LiteralString

import pytest

from app.schemas.wire import wire_time as wire
from tests.world import Answer, Api, Clock, Done, Graph

HOME = "203.0.113.7"


def why(api: Api, a: str, b: str, **query: Any) -> Answer:
    return api.get("explain", a=a, b=b, **query)


def kinds(answer: Answer) -> list[str]:
    return [step["kind"] for step in answer["path"]]


def against(answer: Answer) -> list[str]:
    return [obstacle["kind"] for obstacle in answer["against"]]


def test_two_browsers_of_one_user_are_one_by_two_logins(api: Api) -> None:
    laptop, phone = api.init("laptop"), api.init("phone")
    api.identify(laptop, "anna")
    api.identify(phone, "anna")
    found = why(api, f"visitor:{laptop['visitorId']}", f"visitor:{phone['visitorId']}")

    assert (found["same"], found["confidence"]) == (True, 1.0)
    assert kinds(found) == ["uses", "claim", "claim", "uses"]
    assert found["path"][1]["target"] == found["path"][2]["source"] == "user:anna"
    assert found["path"][1]["sessionId"] == laptop["sessionId"]
    assert [step["target"] for step in found["path"]][-1] == f"visitor:{phone['visitorId']}"
    assert found["against"] == []
    assert found["text"][0] == "They are the same person, at 1."
    assert "User anna logged in on the page at 2026-03-04 12:00 UTC" in " ".join(found["text"])


def test_a_tie_is_told_with_its_evidence_and_its_arithmetic_and_who_made_it(api: Api, clock: Clock) -> None:
    first = api.init("laptop", address=HOME)
    clock.forward(days=2)
    again = api.init("laptop", address=HOME)
    found = why(api, f"session:{again['sessionId']}", f"session:{first['sessionId']}")

    assert (found["same"], found["confidence"]) == (True, again["match"]["confidence"])
    [step] = found["path"]
    assert (step["kind"], step["method"], step["confidence"]) == ("tied", "fingerprint", again["match"]["confidence"])
    assert step["evidence"] == again["match"]["evidence"]
    assert (step["change"]["act"], step["change"]["at"]) == ("init", again["startedAt"])
    assert step["change"]["actor"].startswith("key:")
    assert "0.8 + 0.04 + 0.02 + 0.0191 = 0.8791" in found["text"][1]


def test_a_login_that_others_adopted_is_told_from_both_ends(api: Api, clock: Clock) -> None:
    first = api.init("laptop", address=HOME)
    clock.forward(days=2)
    again = api.init("laptop", address=HOME)
    api.identify(again, "anna")
    found = why(api, f"session:{first['sessionId']}", "user:anna")

    assert kinds(found) == ["adopted"]
    assert found["confidence"] == again["match"]["confidence"]
    assert found["identities"] == [api.get("users", "anna")["identityId"]] * 2


def test_an_inference_is_told_as_it_is_worth_now(api: Api, clock: Clock) -> None:
    known = api.init("laptop", address=HOME)
    api.identify(known, "anna")
    other = api.init("tablet", address=HOME)
    found = why(api, f"visitor:{other['visitorId']}", "user:anna")
    assert (found["same"], found["confidence"]) == (True, 0.6)
    assert kinds(found) == ["uses", "probably", "claim"]
    assert found["path"][1]["evidence"][0]["sharedBy"] == 1

    # A third is there: it is worth less than a read demands.
    third = api.init("phone", address=HOME)
    less = why(api, f"visitor:{other['visitorId']}", "user:anna")
    assert (less["same"], less["confidence"]) == (False, None)
    assert against(less)[0] == "below_bound"
    assert "0.4777" in less["against"][0]["detail"]
    assert less["against"][0]["needed"] == "a minConfidence of 0.4777 or less"
    asked = why(api, f"visitor:{other['visitorId']}", "user:anna", minConfidence=0.4)
    assert (asked["same"], asked["confidence"]) == (True, 0.4777)
    assert "which 2 others share" in " ".join(asked["text"])
    assert third["visitorId"] != other["visitorId"]


def test_different_users_a_cannot_link_and_nothing_in_common_stand_against_it(api: Api, clock: Clock) -> None:
    anna, ben = api.init("laptop", address=HOME), api.init("phone", address="198.51.100.9")
    api.identify(anna, "anna")
    api.identify(ben, "ben")
    found = why(api, "user:anna", f"visitor:{ben['visitorId']}")
    assert found["same"] is False
    assert against(found) == ["different_users", "nothing_in_common"]
    assert found["text"][0] == "Nothing shows that they are the same person."
    assert found["text"][-1].startswith("Needed would be ")

    clock.forward(minutes=1)
    api.remove("users", "ben", "visitors", ben["visitorId"], reason="a mistake")
    released = why(api, f"visitor:{ben['visitorId']}", "user:ben")
    assert "cannot_link" in against(released)
    assert "a mistake" in " ".join(released["text"])


def test_a_mere_statement_is_told_until_somebody_else_logs_in(api: Api, clock: Clock) -> None:
    tablet = api.init("tablet")
    visitor, phone = f"visitor:{tablet['visitorId']}", api.init("phone")
    api.identify(phone, "anna")
    before = wire(clock())
    clock.forward(minutes=1)
    api.put("users", "anna", "visitors", tablet["visitorId"], confidence=95)
    found = why(api, visitor, "user:anna")
    assert (found["same"], against(found)[0]) == (False, "only_stated")
    [stated] = [each for each in found["against"] if each["kind"] == "only_stated"]
    assert f"stated at 95 that user anna used visitor {tablet['visitorId']}" in stated["detail"]
    assert stated["needed"] == 'a login of user anna there, or a statement with "claim": true'
    assert "only_stated" in against(why(api, f"visitor:{phone['visitorId']}", visitor))
    assert "only_stated" not in against(why(api, visitor, "user:anna", at=before))
    api.identify(tablet, "ben")
    assert against(why(api, visitor, "user:anna"))[0] == "different_users"
    assert "only_stated" not in against(why(api, visitor, "user:anna"))


def test_a_crowd_is_named(api: Api) -> None:
    first = api.init("laptop 0", address=HOME)
    others = [api.init(f"laptop {number}", address=HOME) for number in range(1, 32)]
    found = why(api, f"visitor:{first['visitorId']}", f"visitor:{others[-1]['visitorId']}")

    assert "crowd" in against(found)
    assert "30 others" in " ".join(found["text"])


def test_a_merge_is_told_with_who_made_it_and_why_and_until_when(api: Api, clock: Clock) -> None:
    one, other = api.init("laptop"), api.init("phone")
    clock.forward(minutes=1)
    a, b = f"session:{one['sessionId']}", f"session:{other['sessionId']}"
    api.change("visitors", one["visitorId"], "merge", into=other["visitorId"], reason="one desk")
    merged_at = clock()
    clock.forward(minutes=1)
    merged = why(api, a, b)
    assert [(step["kind"], step["method"]) for step in merged["path"]] == [("tied", "merge")]
    assert merged["path"][0]["change"]["reason"] == "one desk"
    api.change("visitors", one["visitorId"], "split", reason="two desks")

    assert why(api, a, b)["same"] is False
    assert "two desks" in " ".join(why(api, a, b)["text"])
    assert why(api, a, b, at=wire(merged_at))["same"] is True
    assert why(api, a, b, at=wire(merged_at - timedelta(seconds=1)))["same"] is False


def test_a_similar_fingerprint_and_its_components_are_told(api: Api, clock: Clock) -> None:
    drawn = {"canvas": {"value": "drawn"}, "fonts": {"value": [f"Font {n}" for n in range(40)]}}
    card = {"webGlBasics": {"value": {"rendererUnmasked": "Intel"}}, "languages": {"value": ["en"]}}
    more = {"hardwareConcurrency": {"value": 8}, "timezone": {"value": "UTC"}, "audio": {"value": 1.5}}
    first = api.init({"visitorId": "f-1", "components": drawn | card | more}, address=HOME)
    clock.forward(days=1)
    again = api.init(
        {"visitorId": "f-2", "components": drawn | card | more | {"timezone": {"value": "Asia/Tokyo"}}},
        address="198.51.100.9",
    )
    found = why(api, f"session:{again['sessionId']}", f"session:{first['sessionId']}")
    assert found["path"][0]["method"] == "fuzzy_fingerprint"
    assert "log-odds" in found["text"][1]

    other = api.init({"visitorId": "f-3", "components": drawn | {"canvas": {"value": "other"}}}, address="192.0.2.1")
    unlike = why(api, f"visitor:{first['visitorId']}", f"visitor:{other['visitorId']}")
    assert "components" in against(unlike)


@pytest.mark.parametrize("name", ["visitor", "user", "session", "identity"])
def test_who_does_not_exist_or_is_hidden_is_not_found(api: Api, name: str) -> None:
    visit = api.init("laptop")
    api.identify(visit, "anna")
    missing = api.get("explain", a=f"{name}:nobody", b="user:anna", expect=404)
    assert missing["code"] == f"{name}_not_found"
    api.put("users", "anna", "visibility", visible=False)
    for subject in ("user:anna", f"visitor:{visit['visitorId']}", f"session:{visit['sessionId']}"):
        assert api.get("explain", a=subject, b=subject, expect=404)["status"] == 404


@pytest.mark.parametrize(
    "query", [{}, {"a": "user:anna"}, {"a": "anna", "b": "user:ben"}, {"a": "user:a", "b": "jar:b"}]
)
def test_what_does_not_name_two_is_refused(api: Api, query: dict[str, str]) -> None:
    refused = api.get("explain", expect=400, **query)
    assert "visitor:ID" in str(refused["errors"])


def test_the_answer_is_the_one_that_reads_give(api: Api, clock: Clock) -> None:
    """Among visits at one address, with logins, a merge and a log-out."""
    visits = [api.init(f"f-{number % 5}", address=HOME) for number in range(9)]
    api.identify(visits[0], "anna")
    api.identify(visits[3], "ben")
    clock.forward(days=2)
    visits += [api.init("f-1", address=HOME, reset=True), api.init("f-7", address=HOME)]
    api.change("visitors", visits[2]["visitorId"], "merge", into=visits[4]["visitorId"])
    for bound in (0.2, 0.5):
        said = {
            visit["sessionId"]: api.get("sessions", visit["sessionId"], minConfidence=bound)["identityId"]
            for visit in visits
        }
        for one in visits[::2]:
            for other in visits:
                found = why(api, f"session:{one['sessionId']}", f"session:{other['sessionId']}", minConfidence=bound)
                assert found["identities"] == [said[one["sessionId"]], said[other["sessionId"]]]
                assert found["same"] is (said[one["sessionId"]] == said[other["sessionId"]])


def test_a_terminal_says_the_same(api: Api, command: Callable[..., Done]) -> None:
    visit = api.init("laptop")
    api.identify(visit, "anna")
    asked = ("explain", api.keys.tenant_id, f"visitor:{visit['visitorId']}", "user:anna")
    found = why(api, f"visitor:{visit['visitorId']}", "user:anna")
    assert command(*asked).out.splitlines() == found["text"]
    assert command(*asked, "--json").json["path"] == found["path"]
    assert command("explain", api.keys.tenant_id, "anna", "user:anna").code == 2


def test_one_with_itself_is_one_for_sure(api: Api) -> None:
    api.identify(api.init("laptop", address=HOME), "anna")
    tablet = api.init("tablet", address=HOME)
    for bound in (0.5, 0.7):
        again = why(api, f"session:{tablet['sessionId']}", f"visitor:{tablet['visitorId']}", minConfidence=bound)
        assert (again["same"], again["confidence"], kinds(again)) == (True, 1.0, ["uses"])
    assert why(api, "user:anna", "user:anna")["confidence"] == 1.0


def test_before_a_merge_each_visitor_is_its_own(api: Api, clock: Clock) -> None:
    one, other = api.init("laptop"), api.init("phone")
    before = clock.forward(minutes=1)
    clock.forward(minutes=1)
    api.change("visitors", one["visitorId"], "merge", into=other["visitorId"])
    a, b = f"visitor:{one['visitorId']}", f"visitor:{other['visitorId']}"
    assert why(api, a, b)["same"] is True
    assert why(api, a, b, at=wire(before))["same"] is False


def test_a_time_that_has_not_come_is_now(api: Api, clock: Clock) -> None:
    visit = api.init("laptop")
    asked = (f"visitor:{visit['visitorId']}", f"session:{visit['sessionId']}")
    assert why(api, *asked, at=wire(clock() + timedelta(days=9))).json == why(api, *asked).json
    assert api.get("explain", a=asked[0], b=asked[1], at="0001-01-02T00:00:00Z", expect=404)["status"] == 404


def test_a_relationship_that_was_hidden_when_it_was_removed_stays_hidden_in_the_past(api: Api, clock: Clock) -> None:
    visit = api.init("laptop")
    api.identify(visit, "anna")
    before = clock.forward(minutes=1)
    api.put("users", "anna", "visitors", visit["visitorId"], "visibility", visible=False)
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", visit["visitorId"])
    asked = {"a": f"visitor:{visit['visitorId']}", "b": "user:anna", "at": wire(before)}
    assert api.get("explain", expect=404, **asked)["code"] == "visitor_not_found"
    graph = api.get("identities", api.get("users", "anna")["identityId"], "graph", at=wire(before))
    assert visit["visitorId"] not in str(graph.json)


def test_no_way_goes_by_a_visitor_where_the_user_is_hidden(api: Api) -> None:
    laptop = api.init("laptop", address=HOME)
    api.identify(laptop, "anna")
    tablet = api.init("tablet", address=HOME)
    api.put("users", "anna", "visitors", laptop["visitorId"], "visibility", visible=False)
    found = why(api, f"visitor:{tablet['visitorId']}", "user:anna")
    assert found["same"] is False
    assert laptop["sessionId"] not in str(found.json)


def test_what_a_user_has_in_common_is_that_of_the_users_visitors(api: Api, clock: Clock) -> None:
    laptop = api.init("laptop", address=HOME)
    api.identify(laptop, "anna")
    for number in range(32):
        api.init(f"phone {number}", address=HOME)
    last = api.init("phone 33", address=HOME)
    assert against(why(api, "user:anna", f"visitor:{last['visitorId']}"))[0] == "crowd"
    clock.forward(minutes=1)
    successor = api.identify(laptop, "ben")
    both = why(api, f"session:{laptop['sessionId']}", f"session:{successor['sessionId']}")
    assert "nothing_in_common" not in against(both)


def test_a_user_id_may_have_another_case_where_the_policy_folds_it(api: Api, command: Callable[..., Done]) -> None:
    assert command("policy", "set", "shop", "user_id_case=folded").code == 0
    visit = api.init("laptop")
    api.identify(visit, "Anna")
    assert why(api, "user:ANNA", f"visitor:{visit['visitorId']}")["same"] is True


@pytest.mark.parametrize("part", ["jar", "tenure"])
@pytest.mark.parametrize("split_off", ["claimed", "unclaimed"])
def test_a_splits_cannot_link_stands_between_every_pair_of_kinds(
    api: Api, clock: Clock, graph: Graph, *, part: str, split_off: str
) -> None:
    first = api.init("laptop", address=HOME)
    if split_off == "unclaimed":
        api.identify(first, "anna")
    clock.forward(days=2)
    # The later visit's tenure is tied to the first one's.
    again = api.init("laptop", address=HOME)
    if split_off == "claimed":
        api.identify(again, "anna")
    known, other = (again, first) if split_off == "claimed" else (first, again)
    clock.forward(minutes=1)
    query: LiteralString = """
      MATCH (session:Session)-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)
      RETURN session.session_id AS session, tenure.identity_id AS tenure, jar.jar_id AS jar
    """
    places = {row["session"]: row for row in graph.rows(query)}
    tenures = {session: row["tenure"] for session, row in places.items()}
    api.change("visitors", first["visitorId"], "split", **{part: places[again["sessionId"]][part]}, reason="mistake")

    others = [f"identity:{tenures[other['sessionId']]}", f"session:{other['sessionId']}"]
    knowns = ["user:anna", f"session:{known['sessionId']}", f"identity:{tenures[known['sessionId']]}"]
    if part == "jar":
        others.append(f"visitor:{api.get('sessions', other['sessionId'])['visitorId']}")
        knowns.append(f"visitor:{api.get('sessions', known['sessionId'])['visitorId']}")
    for one in others:
        for two in knowns:
            for found in (why(api, one, two), why(api, two, one)):
                assert found["same"] is False
                assert against(found).count("cannot_link") == 1, (one, two)
                assert "On 2026-03-06 key:" in found["text"][1]
                assert "said that they are not the same person: mistake." in found["text"][1]


def test_a_cannot_link_over_merge_groups_is_told_once_also_of_a_user_with_many_visitors(api: Api, clock: Clock) -> None:
    laptop, tablet, phone = api.init("laptop"), api.init("tablet"), api.init("phone")
    api.identify(laptop, "anna")
    api.change("visitors", tablet["visitorId"], "merge", into=laptop["visitorId"])
    api.change("visitors", tablet["visitorId"], "split", reason="mistake")
    api.change("visitors", tablet["visitorId"], "merge", into=phone["visitorId"])
    for number in range(11):
        api.identify(api.init(f"surer {number}"), "anna", secret=True)
    clock.forward(minutes=1)

    for visit in (tablet, phone):
        for subject in (f"visitor:{visit['visitorId']}", f"session:{visit['sessionId']}"):
            for found in (why(api, subject, "user:anna"), why(api, "user:anna", subject)):
                assert against(found).count("cannot_link") == 1, subject
    api.put("users", "anna", "visitors", laptop["visitorId"], "visibility", visible=False)
    assert "cannot_link" not in against(why(api, f"visitor:{phone['visitorId']}", "user:anna"))


def test_a_cannot_link_of_a_hidden_relationship_is_not_told(api: Api, clock: Clock, graph: Graph) -> None:
    first = api.init("laptop", address=HOME)
    api.identify(first, "anna")
    clock.forward(days=2)
    again = api.init("laptop", address=HOME)
    [row] = graph.rows(
        "MATCH (:Session {session_id: $id})-[:DURING]->(tenure) RETURN tenure.identity_id AS tenure",
        id=again["sessionId"],
    )
    api.change("visitors", first["visitorId"], "split", tenure=row["tenure"])
    found = why(api, f"session:{again['sessionId']}", "user:anna")
    assert "cannot_link" in against(found)
    api.put("users", "anna", "visitors", first["visitorId"], "visibility", visible=False)
    assert "cannot_link" not in against(why(api, f"session:{again['sessionId']}", "user:anna"))
