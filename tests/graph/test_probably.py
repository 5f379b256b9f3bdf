"""Whom a tenure probably belongs to: the same wherever it is asked."""

from tests.world import Api, Clock


def test_of_equally_probable_users_the_latest_is_answered_and_read_and_has_the_journey(api: Api, clock: Clock) -> None:
    visits = {"anna": api.init("rare"), "ben": api.init("common"), "cleo": api.init("seldom")}
    for user, visit in visits.items():
        api.identify(visit, user)
    # Each comes back with the common fingerprint; the last is neither the oldest nor the newest user.
    for user in ("cleo", "anna", "ben"):
        clock.forward(seconds=1)
        api.init("common", visitorToken=visits[user]["visitorToken"])
    clock.forward(seconds=1)
    stranger = api.init("common", address="198.51.100.7")
    api.track(stranger, "whose?")

    assert stranger["isNewVisitor"]
    assert [(one["kind"], one["sharedBy"]) for one in stranger["match"]["evidence"]] == [("fingerprint", 3)]
    ben = api.get("users", "ben")["identityId"]
    assert stranger["identityId"] == api.get("visitors", stranger["visitorId"])["identityId"] == ben
    assert {user: api.journey("users", user) for user in visits} == {
        "anna": ["identify"],
        "ben": ["identify", "whose?"],
        "cleo": ["identify"],
    }
    surer = stranger["match"]["confidence"] + 0.01
    assert api.journey("users", "ben", minConfidence=surer) == ["identify"]
    assert api.get("visitors", stranger["visitorId"], minConfidence=surer)["identityId"] != ben
