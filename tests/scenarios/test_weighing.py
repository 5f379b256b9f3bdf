"""What is inferred from something shared is worth what it is worth now, not what it was when it was inferred."""

from tests.world import Api, Clock

HOME = "203.0.113.80"


def test_a_crowd_that_comes_later_takes_away_what_two_were_to_each_other(api: Api, clock: Clock) -> None:
    tablet = api.init("tablet", address=HOME)
    api.track(tablet, "browse")
    laptop = api.init("laptop", address=HOME)
    anna = api.identify(laptop, "anna")
    asked = ("visitors", tablet["visitorId"])
    assert (api.get(*asked)["identityId"], api.get(*asked)["confidence"]) == (anna["identityId"], 0.6)
    assert api.journey("users", "anna") == ["browse", "identify"]

    clock.forward(hours=1)
    api.init("third", address=HOME)

    assert api.get(*asked)["identityId"] == tablet["identityId"]
    assert api.get(*asked, minConfidence=0.4)["confidence"] == 0.4777
    assert api.journey("users", "anna") == ["identify"]
    assert api.journey("users", "anna", minConfidence=0.4) == ["browse", "identify"]

    for number in range(40):
        api.init(f"passer-by {number}", address=HOME)

    assert api.get(*asked, minConfidence=0)["identityId"] == tablet["identityId"]
    assert api.journey("users", "anna", minConfidence=0) == ["identify"]
    again = api.init("tablet", address=HOME, visitorToken=tablet["visitorToken"])
    assert again["identityId"] == tablet["identityId"]
    assert api.track(again, "more")["identityId"] == tablet["identityId"]


def test_a_crowd_next_door_in_time_does_not_count(api: Api, clock: Clock) -> None:
    tablet = api.init("tablet", address=HOME)
    laptop = api.init("laptop", address=HOME)
    anna = api.identify(laptop, "anna")
    clock.forward(days=40)
    for number in range(3):
        api.init(f"new tenant {number}", address=HOME)
    found = api.get("visitors", tablet["visitorId"], minConfidence=0.2)
    assert (found["identityId"], found["confidence"]) == (anna["identityId"], 0.2381)


def test_a_browser_with_two_users_gives_each_half_and_with_three_nothing(api: Api, clock: Clock) -> None:
    tablet = api.init("tablet", address=HOME)
    desk = api.init("desk", address=HOME)
    anna = api.identify(desk, "anna")
    asked = ("visitors", tablet["visitorId"])
    assert api.get(*asked)["identityId"] == anna["identityId"]

    clock.forward(minutes=5)
    api.identify(desk, "ben")
    assert api.get(*asked)["identityId"] == tablet["identityId"]
    assert api.get(*asked, minConfidence=0.3)["confidence"] == 0.3

    clock.forward(minutes=5)
    assert api.identify(desk, "cleo")["propagated"] == 0
    assert api.get(*asked, minConfidence=0)["identityId"] == tablet["identityId"]
    beside = api.init("another desk", address=HOME)
    assert api.get("visitors", beside["visitorId"], minConfidence=0)["userId"] is None
