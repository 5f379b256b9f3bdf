"""One person with several browsers, several users on one browser, and lists of relationships by their confidence."""

from tests.world import Answer, Api, Clock


def confidences(api: Api, *path: str, **asked: float) -> dict[str, int]:
    """Return the confidences in a list, by the id of the other end, strongest first."""
    [other] = {"visitors": ["userId"], "users": ["visitorId"]}[path[0]]
    return {item[other]: item["confidence"] for item in api.pages(*path, **asked)}


def browsers(api: Api, count: int) -> list[str]:
    """Return the visitor ids of new browsers that have nothing in common."""
    return [api.init(f"f-{number}")["visitorId"] for number in range(count)]


def test_one_person_with_several_browsers(api: Api) -> None:
    laptop, phone, office = browsers(api, 3)
    for visitor, confidence in ((laptop, 95), (phone, 87), (office, 92)):
        api.put("users", "User123", "visitors", visitor, confidence=confidence)

    assert list(confidences(api, "users", "User123", "visitors").items()) == [(laptop, 95), (office, 92), (phone, 87)]
    assert api.get("users", "User123", "visitors", phone)["confidence"] == 87
    [stranger] = [api.init("f-other")["visitorId"]]
    assert api.get("users", "User123", "visitors", stranger, expect=404)["code"] == "relationship_not_found"


def test_several_users_on_one_browser(api: Api) -> None:
    [family] = browsers(api, 1)
    for user, confidence in (("User123", 95), ("User124", 88), ("User125", 91)):
        api.put("users", user, "visitors", family, confidence=confidence)

    assert list(confidences(api, "visitors", family, "users").items()) == [
        ("User123", 95),
        ("User125", 91),
        ("User124", 88),
    ]
    for user in ("User123", "User124", "User125"):
        assert confidences(api, "users", user, "visitors").keys() == {family}


def test_a_list_has_only_relationships_of_the_least_confidence_asked_for(api: Api, clock: Clock) -> None:
    laptop, phone, office = browsers(api, 3)
    for visitor, confidence in ((laptop, 95), (phone, 87), (office, 92)):
        api.put("users", "User123", "visitors", visitor, confidence=confidence)

    assert confidences(api, "users", "User123", "visitors", minConfidence=90).keys() == {laptop, office}
    clock.forward(days=180)
    api.put("users", "User123", "visitors", office, confidence=92)
    # The confidence halves after one half-life without being seen.
    assert confidences(api, "users", "User123", "visitors") == {office: 92, laptop: 48, phone: 44}
    assert confidences(api, "users", "User123", "visitors", minConfidence=90).keys() == {office}


def test_logins_collected_ids_and_merges_make_the_same_lists(api: Api, clock: Clock) -> None:
    """There are no statements here."""
    laptop, family = api.init("f-laptop"), api.init("f-family")
    api.identify(laptop, "anna", secret=True)
    for user in ("anna", "ben", "anna"):
        clock.forward(hours=1)
        _login(api, family, user)
    phone = api.post("/eventTracking/collect", {"fingerprint": {"visitorId": "f-phone"}, "userId": "anna"})

    anna = confidences(api, "users", "anna", "visitors")
    assert list(anna) == [laptop["visitorId"], family["visitorId"], phone["visitorId"]]
    assert confidences(api, "visitors", family["visitorId"], "users").keys() == {"anna", "ben"}
    assert confidences(api, "users", "anna", "visitors", minConfidence=90).keys() == set(list(anna)[:2])

    api.change("visitors", phone["visitorId"], "merge", into=laptop["visitorId"])

    relationship = api.get("users", "anna", "visitors", phone["visitorId"])
    assert (relationship["visitorId"], relationship["count"]) == (laptop["visitorId"], 2)
    assert list(confidences(api, "users", "anna", "visitors")) == [laptop["visitorId"], family["visitorId"]]
    assert api.change("consistency", "check")["findings"] == []


def _login(api: Api, visit: Answer, user: str) -> None:
    """Log out on the browser, and log in as `user`."""
    again = api.init("f-family", visitorToken=visit["visitorToken"], reset=True)
    api.identify(again, user)
