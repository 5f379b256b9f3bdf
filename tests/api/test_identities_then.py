"""An identity as of a time is what the id belonged to then, with the tenures and visitors that it consisted of."""

from datetime import timedelta

from app.schemas.wire import wire_time
from tests.api.conftest import note
from tests.api.test_journeys_then import HOME
from tests.api.test_visibility import hide
from tests.world import Answer, Api, Clock


def of(api: Api, identity_id: str, at: str) -> tuple[str | None, list[str], int]:
    """Return whose an identity was, its visitors, and how many tenures it had."""
    found = api.get("identities", identity_id, at=at)
    assert found["counts"]["tenures"] == len(found["tenures"])
    return found["userId"], found["visitors"], len(found["tenures"])


def test_before_a_login_a_visit_is_nobodys(api: Api, laptop: Answer, moments: dict[str, str]) -> None:
    own, visitors = laptop["identityId"], [laptop["visitorId"]]
    user = api.get("users", "anna")["identityId"]
    assert of(api, own, moments["anonymous"]) == (None, visitors, 1)
    assert api.get("identities", own, at=moments["anonymous"])["identityId"] == own
    assert of(api, own, moments["logged in"]) == ("anna", visitors, 1)
    assert api.get("identities", own, at=moments["logged in"])["identityId"] == user
    assert of(api, user, moments["anonymous"]) == ("anna", [], 0)
    assert of(api, user, moments["logged in"]) == ("anna", visitors, 1)


def test_it_was_last_seen_before_that_time(api: Api, laptop: Answer, clock: Clock, moments: dict[str, str]) -> None:
    look, login, buy = (event["timestamp"] for event in api.pages("visitors", laptop["visitorId"], "journey"))
    clock.forward(hours=2)
    api.init(None, visitorToken=laptop["visitorToken"])
    note(clock, moments, "back")
    last = {name: api.get("identities", laptop["identityId"], at=at)["lastSeen"] for name, at in moments.items()}
    now = api.get("identities", laptop["identityId"])
    assert last == {"anonymous": look, "logged in": login, "bought": buy, "back": now["lastSeen"]}
    assert now["lastSeen"] > buy
    firsts = {api.get("identities", laptop["identityId"], at=at)["firstSeen"] for at in moments.values()}
    assert firsts == {now["firstSeen"]}


def test_the_present_and_a_time_to_come_say_what_now_says(
    api: Api, laptop: Answer, clock: Clock, moments: dict[str, str]
) -> None:
    other = api.init("phone")
    api.identify(other, "anna")
    note(clock, moments, "now")
    later = wire_time(clock() + timedelta(days=9))
    for identity_id in (laptop["identityId"], other["identityId"], api.get("users", "anna")["identityId"]):
        now = api.get("identities", identity_id).json
        assert len(now["tenures"]) == 2
        assert api.get("identities", identity_id, at=moments["now"]).json == now
        assert api.get("identities", identity_id, at=later).json == now


def test_merges_links_and_inferences_count_from_when_they_were_made(
    api: Api, clock: Clock, moments: dict[str, str]
) -> None:
    laptop = api.init("laptop", address=HOME)
    tablet = api.init("tablet", address=HOME)
    work = api.init("work")
    tenure_id = api.get("sessions", tablet["sessionId"])["tenureId"]
    note(clock, moments, "anonymous")
    api.identify(laptop, "anna")
    api.identify(work, "anna@work")
    note(clock, moments, "probably")
    api.change("users", "anna", "link", to="anna@work")
    api.change("visitors", tablet["visitorId"], "merge", into=laptop["visitorId"])
    note(clock, moments, "linked")

    def whose(name: str) -> tuple[str, float]:
        found = api.get("identities", tenure_id, at=moments[name])
        return found["identityId"], found["confidence"]

    anna = api.get("users", "anna")["identityId"]
    # The two may be one person's, since they are alike and at one address.
    assert whose("anonymous") == (laptop["identityId"], 0.6)
    assert whose("probably") == (anna, 0.6)
    assert set(of(api, anna, moments["probably"])[1]) == {laptop["visitorId"]}
    assert set(of(api, anna, moments["linked"])[1]) >= {laptop["visitorId"], work["visitorId"]}
    assert tablet["visitorId"] not in of(api, anna, moments["linked"])[1], "it counts for its survivor"


def test_who_is_hidden_now_was_never_there(api: Api, laptop: Answer, moments: dict[str, str]) -> None:
    user = api.get("users", "anna")["identityId"]
    hide(api, "anna")
    for at in moments.values():
        for identity_id in (user, laptop["identityId"]):
            assert api.get("identities", identity_id, at=at, expect=404)["code"] == "identity_not_found"
    api.get("identities", "ten_nobody", at=moments["bought"], expect=404)


def test_it_has_pages_and_a_cursor_is_for_one_time(api: Api, clock: Clock, moments: dict[str, str]) -> None:
    for number in range(3):
        api.identify(api.init(f"device {number}"), "anna")
        clock.forward(minutes=1)
    note(clock, moments, "then")
    api.identify(api.init("a later device"), "anna")
    anna, at = api.get("users", "anna")["identityId"], moments["then"]
    whole = api.get("identities", anna, at=at)
    assert (len(whole["tenures"]), whole["nextCursor"]) == (3, None)
    page = api.get("identities", anna, at=at, limit=2)
    rest = api.get("identities", anna, at=at, limit=2, cursor=page["nextCursor"])
    assert page["tenures"] + rest["tenures"] == whole["tenures"]
    assert page["counts"] == rest["counts"] == whole["counts"]
    assert api.get("identities", anna, cursor=page["nextCursor"], expect=400)["code"] == "malformed_query"


def test_a_browser_whose_first_visit_arrives_late_was_there_from_that_visit_on(
    api: Api, clock: Clock, moments: dict[str, str]
) -> None:
    morning = clock()
    note(clock, moments, "looked")
    clock.forward(hours=3)
    later = api.init(anonymousId="laptop")
    api.track(later, "buy")
    note(clock, moments, "bought")
    early = api.init(anonymousId="laptop", timestamp=wire_time(morning), secret=True)
    api.track(early, "look", timestamp=wire_time(morning), secret=True)
    assert early["visitorId"] == later["visitorId"]
    own = later["identityId"]
    expected = {"looked": ["look"], "bought": ["look", "buy"]}
    for path in (("visitors", later["visitorId"]), ("identities", own)):
        assert {name: api.journey(*path, at=at) for name, at in moments.items()} == expected
    for at in moments.values():
        assert of(api, own, at) == (None, [later["visitorId"]], 1)
        graph = api.get("identities", own, "graph", at=at)
        seen = {node["id"] for node in graph["nodes"] if node["kind"] == "visitor"}
        assert seen == {f"visitor:{later['visitorId']}"}
    before = wire_time(morning - timedelta(seconds=1))
    assert of(api, own, before) == (None, [], 0)
