"""What the service writes has the labels, types and properties of graph/vocabulary.py, each where it belongs."""

import hmac

from app import jobs
from graph.acts import erase, signing_keys, tenants
from graph.database import Database
from graph.vocabulary import PROPERTIES
from tests import given
from tests.conftest import SECRET_KEY
from tests.world import CHROME, IPHONE, Api, Clock, Graph

#: The keys of this are there and written by no call yet.
#: Other sources of a relationship have the same four; `is_new` lives within one statement, and `place` until a job is done.
UNSEEN = {"is_new", "revoked_at", "place"}


def four_laptops_come_back(api: Api) -> None:
    for laptop in [api.init("laptops") for _ in range(4)]:
        api.init("laptops", visitorToken=laptop["visitorToken"])


def a_profile_is_cloned(api: Api) -> None:
    for agent in (CHROME, IPHONE):
        api.init("cloned", anonymousId="a profile", agent=agent)


def a_build_number_is_sent_as_a_name(api: Api) -> None:
    for number in range(6):
        api.init(f"build {number}", anonymousId="build 4711")


def leave_and_begin_to_erase(api: Api, clock: Clock, database: Database) -> None:
    """Erase a user who took over another's session, and begin to erase a second one."""
    shared = api.init("cafe")
    for user_id in ("otto", "gone", "otto"):
        api.identify(shared, user_id)
        clock.forward(minutes=1)
    api.identify(api.init("leaving", messageId="m-leaving"), "leaving")
    clock.forward(minutes=1)
    # In a bucket with another's fingerprint, which stays.
    api.identify(api.init({"visitorId": "left", "components": {"canvas": "drawn"}}), "gone")
    clock.forward(minutes=1)
    api.remove("users", "gone", expect=200)
    command = given.erasure("leaving", at=clock())
    database.write(erase.batch, database.write(erase.begin, command), given.rest(command))


def somebody_comes_in_passing(api: Api, clock: Clock) -> None:
    api.init("of yesterday")
    clock.forward(hours=25)
    api.init("of yesterday", anonymousId="in passing", address="192.0.2.66")


def two_are_at_home(api: Api) -> None:
    for agent in (CHROME, IPHONE):
        api.init(f"sofa {agent}", address="203.0.113.60", agent=agent)


def strip_what_is_old(api: Api, clock: Clock, database: Database) -> None:
    """Leave a session, an event and a collection with user ids so long ago that nothing else is kept of them."""
    clock.forward(days=-60)
    api.track(api.init("old", userId="olga"), userId="oscar")
    api.post("/eventTracking/collect", {"fingerprint": {"visitorId": "old"}, "userId": "olga"})
    clock.forward(days=60)
    for days in (30.0, 0.0):
        policy = {"event_retention_days": days, "session_retention_days": days}
        tenants.configure(database, api.keys.tenant_id, {}, policy)
        jobs.run(database, api.keys.tenant_id, "retain", clock=clock, new_id=lambda: "1")


def two_accounts_are_linked(api: Api, clock: Clock) -> None:
    """A link, its undoing, and the same link again."""
    api.change("users", "anna", "link", to="ben", reason="she told us")
    clock.forward(minutes=1)
    api.remove("users", "anna", "link", "ben", reason="a mistake")
    api.change("users", "anna", "link", to="ben", reason="she insists")


def test_a_story_with_every_act_writes_the_vocabulary_and_nothing_else(
    api: Api, clock: Clock, graph: Graph, database: Database
) -> None:
    strip_what_is_old(api, clock, database)
    page = {"url": "https://shop.example/", "referrer": "https://search.example/", "title": "Shop"}
    collected = {"visitorId": "f-1", "confidence": 0.7, "components": {"screen": [1920, 1080], "canvas": "drawn"}}
    for _ in range(2):
        visit = api.init(collected, page=page, messageId=f"m-{clock():%H%M%S}", userId="maybe")
        api.track(visit, page=page, userId="perhaps")
        clock.forward(minutes=1)
    signature = hmac.digest(api.keys.signing_secret.encode(), b"anna", "sha256").hex()
    api.identify(visit, "anna", userHash=signature, page=page)
    clock.forward(minutes=1)
    api.identify(visit, "ben", page=page)
    api.identify(visit, "undefined")
    api.identify(visit, "cleo", timestamp="2026-03-04T12:01:30.000Z")
    api.init("f-1", visitorToken=visit["visitorToken"], reset=True)
    api.init("common", visitorToken=api.init("rare")["visitorToken"])
    api.init("common", visitorToken=api.init("seldom")["visitorToken"])
    api.init("common")
    four_laptops_come_back(api)
    a_profile_is_cloned(api)
    a_build_number_is_sent_as_a_name(api)
    api.track(api.init("travelling", address="89.160.20.112"), address="89.160.20.112")
    tablet = api.init("tablet", address="203.0.113.50")
    api.identify(api.init("laptop", address="203.0.113.50"), "anna")
    api.identify(tablet, "ben")
    api.init("phone", address="203.0.113.51")
    api.identify(api.init("desk", address="203.0.113.51"), "anna")
    api.put("users", "anna", "visitors", tablet["visitorId"], confidence=90)
    api.put("users", "anna", "visitors", tablet["visitorId"], confidence=80, reason="less sure")
    two_accounts_are_linked(api, clock)
    merge = {"into": tablet["visitorId"], "force": True, "reason": "one device"}
    desk = api.init("desk", address="203.0.113.51")
    for said in ("merge", "split", "merge"):
        api.change("visitors", desk["visitorId"], said, **(merge if said == "merge" else {"reason": "two devices"}))
    api.identify(api.init("shared"), "anna")
    clock.forward(minutes=1)
    other = api.init("shared")
    api.change("visitors", other["visitorId"], "split", fingerprint="shared", reason="two laptops")
    for _ in range(2):
        api.identify(tablet, "dora")
        clock.forward(minutes=1)
        api.remove("users", "dora", "visitors", tablet["visitorId"], reason="not hers")
        clock.forward(minutes=1)
    dora = {"visitorToken": tablet["visitorToken"], "userId": "dora"}
    api.init("tablet", **dora)
    api.post("/eventTracking/collect", {"fingerprint": {"visitorId": "tablet"}, **dora})
    api.track(api.init("tablet", visitorToken=tablet["visitorToken"]), userId="dora")
    # It closes what was said of her, and the clock stands still.
    api.identify(tablet, "dora")
    api.init("tablet", **dora)
    api.post("/eventTracking/collect", {"fingerprint": {"visitorId": "tablet"}, **dora})
    for path in (("users", "dora"), ("users", "dora", "visitors", tablet["visitorId"])):
        api.put(*path, "visibility", visible=False, key=f"hide {len(path)}")
    sent = {"fingerprint": collected, "userId": "maybe", "messageId": "m-collect", "page": page}
    api.post("/eventTracking/collect", sent, address="89.160.20.112")
    leave_and_begin_to_erase(api, clock, database)
    somebody_comes_in_passing(api, clock)
    two_are_at_home(api)
    run = {"clock": clock, "new_id": lambda: "1"}
    for name in jobs.JOBS:
        jobs.run(database, api.keys.tenant_id, name, **run)  # type: ignore[arg-type]
    [candidate] = api.pages("candidates")
    api.change("candidates", candidate["candidateId"], "refuse", reason="a guest")
    key_id, _ = tenants.add_key(database, api.keys.tenant_id, "write", now=clock())
    tenants.revoke_key(database, api.keys.tenant_id, key_id, now=clock())
    signing_keys.add_secret(database, api.keys.tenant_id, secret_key=SECRET_KEY, now=clock())

    seen: dict[str, set[str]] = {}
    for row in graph.rows("MATCH (n) RETURN DISTINCT labels(n) AS labels, keys(n) AS names"):
        may = {"tenant"}.union(*(PROPERTIES[label] for label in row["labels"]))
        if "Migration" not in row["labels"]:
            assert "tenant" in row["names"], row
        assert set(row["names"]) <= may, row
        for label in row["labels"]:
            seen.setdefault(label, set()).update(row["names"])
    for row in graph.rows("MATCH ()-[r]->() RETURN DISTINCT type(r) AS type, keys(r) AS names"):
        assert set(row["names"]) <= PROPERTIES[row["type"]], row
        seen.setdefault(row["type"], set()).update(row["names"])

    assert seen.keys() == PROPERTIES.keys()
    # A closed relationship holds what the open one did.
    seen["WAS_IDENTIFIED_AS"] |= seen["IDENTIFIED_AS"]
    missing = {owner: PROPERTIES[owner] - names for owner, names in seen.items()}
    assert {owner: names - UNSEEN for owner, names in missing.items() if names - UNSEEN} == {}
