"""What a page is told about whose a session is: nothing that it could not know, so that answers can be compared."""

from typing import Any

import pytest

from tests.world import Answer, Api, Clock

HOME = "198.51.100.20"


def told(answer: Answer) -> tuple[str, str | None]:
    return answer["identityId"], answer["userId"]


@pytest.mark.parametrize("by", ["fingerprint", "address"])
def test_a_stranger_s_answers_are_the_same_before_and_after_a_login(api: Api, clock: Clock, by: str) -> None:
    """A stranger imitates the fingerprint of Anna's laptop, or calls from her home."""
    laptop = api.init("anna's laptop", address=HOME)
    strange = "anna's laptop" if by == "fingerprint" else None
    stranger = api.init(strange, address=HOME)
    before = [told(stranger), told(api.track(stranger, "look"))]
    login = api.identify(laptop, "anna")
    clock.forward(minutes=1)
    assert {*before, told(api.track(stranger, "look"))} == {(laptop["identityId"], None)}
    # Who comes now to the address is as much the first stranger's neighbour.
    assert api.init(strange, address=HOME)["identityId"] in {laptop["identityId"], tenure_of(api, stranger)}
    assert login["identityId"] not in {laptop["identityId"], tenure_of(api, stranger)}


def tenure_of(api: Api, visit: Answer) -> str:
    return str(api.get("visitors", visit["visitorId"])["tenures"][-1])


def test_a_server_is_told_the_user_where_a_page_is_not(api: Api) -> None:
    laptop = api.init("anna's laptop")
    login = api.identify(laptop, "anna")
    by_page = api.init("anna's laptop")
    assert told(by_page) == (laptop["identityId"], None)
    assert told(api.track(by_page, "look", secret=True)) == (login["identityId"], "anna")
    seen = api.get("sessions", by_page["sessionId"])
    assert told(seen) == (login["identityId"], "anna")


def test_events_and_reads_keep_the_identity_that_a_page_is_not_told(api: Api) -> None:
    laptop = api.init("anna's laptop")
    login = api.identify(laptop, "anna")
    stranger = api.init("anna's laptop")
    api.track(stranger, "look")
    api.identify(stranger, "anonymous", properties={})
    items = api.get("users", "anna", "journey")["items"]
    recorded = {item["eventName"]: item["asRecorded"]["identityId"] for item in items[1:]}
    assert recorded == {"look": login["identityId"], "identify": login["identityId"]}


def test_a_login_that_claims_nothing_is_not_told_whose_the_browser_is(api: Api) -> None:
    laptop = api.init("anna's laptop")
    api.identify(laptop, "anna")
    stranger = api.init("anna's laptop")
    assert told(api.identify(stranger, "anonymous")) == (laptop["identityId"], None)


@pytest.mark.parametrize("call", ["init", "track"])
def test_who_only_names_a_browser_is_told_no_user(api: Api, call: str) -> None:
    """An anonymousId may be guessed; the session's id, which its page holds, may not."""
    visit = api.init(anonymousId="a-1")
    login = api.identify(visit, "anna")

    def by_name(**key: Any) -> Answer:
        return api.init(anonymousId="a-1", **key) if call == "init" else api.track(None, anonymousId="a-1", **key)

    assert told(by_name()) == (visit["identityId"], None)
    assert told(by_name(secret=True)) == (login["identityId"], "anna")
    assert told(api.track(visit)) == (login["identityId"], "anna")


def test_a_token_that_is_given_for_a_name_proves_no_more_than_the_name(api: Api) -> None:
    visit = api.init(anonymousId="a-1")
    login = api.identify(visit, "anna")
    by_name = api.init(anonymousId="a-1")
    again = api.init(visitorToken=by_name["visitorToken"])
    assert again["match"]["method"] == "token"
    assert again["visitorToken"] == by_name["visitorToken"]
    assert {told(by_name), told(again)} == {(visit["identityId"], None)}
    # Who made the name has the token that was given with it.
    assert told(api.init(visitorToken=visit["visitorToken"])) == (login["identityId"], "anna")


@pytest.mark.parametrize("who", [{"user_id": "anonymous"}, {"user_id": "ben", "onBehalfOf": True}])
def test_a_login_by_name_that_claims_nothing_is_told_no_user_s_identity(api: Api, who: dict[str, Any]) -> None:
    visit = api.init(anonymousId="a-1")
    login = api.identify(visit, "anna")
    assert api.identify(None, anonymousId="a-1", **who)["identityId"] == visit["identityId"] != login["identityId"]


def test_a_user_s_identity_id_tells_no_time(api: Api, clock: Clock) -> None:
    """Ids of other things are in the order of their time."""
    made = []
    for number in range(12):
        visit = api.init(f"f-{number}")
        made.append(api.identify(visit, f"user-{number}")["identityId"])
        clock.forward(minutes=1)
    assert sorted(made) not in (made, made[::-1])
