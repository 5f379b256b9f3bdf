"""Erasure: what a person leaves is gone, it does not come back, and others keep what is theirs."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import neo4j
import pytest
import uuid6

from app import jobs, key_ring
from graph.acts import consistency, erase, tenants
from graph.acts.rebuild import Rebuild
from graph.database import Database
from graph.errors import GraphTimeout
from graph.rules.policy import Policy
from graph.store import identify as identify_store
from graph.store import users, visitors
from graph.transaction import Transaction
from tests import given
from tests.conftest import SECRET_KEY
from tests.given import TENANT
from tests.world import IPHONE, Answer, Api, Clock, Done, Graph

#: Every value that a test gives a person holds it.
MARK = "canary"


def marked(graph: Graph, mark: str = MARK) -> list[dict[str, Any]]:
    """Return the nodes and relationships with a property that holds the mark."""
    return graph.rows(
        """
        MATCH (n) WITH n, [k IN keys(n) WHERE toLower(toString(n[k])) CONTAINS $mark | k + ' ' + toString(n[k])] AS found
        WHERE found <> [] RETURN labels(n) AS what, found
        UNION
        MATCH ()-[n]->() WITH n, [k IN keys(n) WHERE toLower(toString(n[k])) CONTAINS $mark | k + ' ' + toString(n[k])] AS found
        WHERE found <> [] RETURN [type(n)] AS what, found
        """.replace(
            "toString(n[k])",
            "reduce(t = '', v IN CASE WHEN n[k] IS :: LIST<ANY> THEN n[k] ELSE [n[k]] END | t + ' ' + toString(v))",
        ),
        mark=mark,
    )


def findings(database: Database, clock: Clock) -> list[Any]:
    check = consistency.Check(Policy(), is_repairing=False, at=clock(), actor="job:test", new_id=new_id)
    return consistency.act(database, check).findings


def disagrees(database: Database, clock: Clock) -> list[Any]:
    """Return where the graph is not what its facts make it."""
    return (
        Rebuild(Policy(), clock(), "job:test", new_id, is_applying=False, change_id="chg_test").act(database).findings
    )


def new_id() -> str:
    return str(uuid6.uuid7())


def components(mark: str) -> dict[str, Any]:
    return {"platform": {"value": f"{mark} platform"}}


def test_nothing_of_an_erased_person_is_left(
    api: Api, graph: Graph, database: Database, clock: Clock, capfd: pytest.CaptureFixture[str]
) -> None:
    keeper = api.init("f-keeper", address="198.51.100.7")
    api.identify(keeper, "keeper", properties={"email": "keeper@shop.example"})
    leave_marks(api, clock, keeper)
    clock.forward(minutes=1)
    assert marked(graph) != []
    capfd.readouterr()
    receipt = api.remove("users", f"{MARK}-user", expect=200)
    assert receipt["finishedAt"] is not None
    assert marked(graph) == []
    assert findings(database, clock) == []
    assert MARK not in "".join(capfd.readouterr())
    assert MARK not in api.app.test_client().get("/metrics").get_data(as_text=True)
    assert api.get("users", f"{MARK}-user", expect=404)["code"] == "user_not_found"
    assert api.pages("audit", about=f"user:{MARK}-user") == []
    assert api.journey("users", "keeper") == ["identify", "identify", "identify", "identify", "kept"]


def leave_marks(api: Api, clock: Clock, keeper: Answer) -> None:
    """Make every kind of call with marks of one person in every field, on browsers of the person and on another's."""
    page = {"url": f"https://{MARK}.example/", "referrer": f"https://{MARK}.example/r", "title": f"{MARK} title"}
    user = f"{MARK}-user"
    first = api.init(
        {"visitorId": f"{MARK}-f1", "components": components(MARK)},
        anonymousId=f"{MARK}-anonymous",
        userId=user,
        page=page,
        messageId=f"{MARK}-m1",
        address="198.51.100.66",
    )
    api.track(first, f"{MARK} event", properties={MARK: MARK}, page=page, messageId=f"{MARK}-m2")
    api.identify(first, user, properties={"email": f"{MARK}@shop.example"}, page=page, messageId=f"{MARK}-m3")
    clock.forward(minutes=1)
    # Without a session: by the caller's id, by a server, and on somebody's behalf.
    api.track(None, f"{MARK} late", anonymousId=f"{MARK}-anonymous", messageId=f"{MARK}-m4", properties={MARK: 1})
    api.track(None, f"{MARK} server", userId=user, secret=True, messageId=f"{MARK}-m5", properties={MARK: 1})
    api.identify(keeper, user, onBehalfOf=True, secret=True, messageId=f"{MARK}-m6", properties={"note": MARK})
    api.post(
        "/eventTracking/collect",
        {
            "fingerprint": {"visitorId": f"{MARK}-f2", "components": components(MARK), "metadata": {"userId": user}},
            "messageId": f"{MARK}-m7",
            "anonymousId": f"{MARK}-anonymous",
            "page": page,
        },
    )
    api.post(
        "/eventTracking/batch",
        {
            "events": [
                {
                    "type": "track",
                    "anonymousId": f"{MARK}-anonymous",
                    "eventName": f"{MARK} b",
                    "messageId": f"{MARK}-m8",
                }
            ]
        },
    )
    # A page names the user with an event of somebody else, and the user logged in there and was taken from it.
    other = api.init("f-other", address="198.51.100.9")
    api.track(other, "click", userId=user)
    api.identify(other, user, properties={"email": f"{MARK}@shop.example"})
    api.track(other, "click")
    clock.forward(minutes=1)
    api.remove("users", user, "visitors", other["visitorId"], key=f"{MARK}-k1", reason=f"{MARK} was not here")
    clock.forward(minutes=1)
    api.identify(other, "keeper")
    api.init("f-other", visitorToken=other["visitorToken"], userId=user, address="198.51.100.9")
    # Two users one after the other in one session, both ways.
    shared = api.init("f-shared", address="198.51.100.10")
    api.identify(shared, "keeper")
    clock.forward(minutes=1)
    theirs = api.identify(shared, user, properties={"email": f"{MARK}@shop.example"})
    api.track(theirs, f"{MARK} shared")
    clock.forward(minutes=1)
    api.track(api.identify(theirs, "keeper"), "kept")
    # Changes by servers.
    second = api.init(f"{MARK}-f3", agent=IPHONE)
    api.identify(second, user)
    api.put("users", user, "visitors", second["visitorId"], confidence=90, reason=f"{MARK} said so", key=f"{MARK}-k2")
    api.change(
        "visitors", second["visitorId"], "merge", into=first["visitorId"], reason=f"{MARK} again", key=f"{MARK}-k3"
    )
    api.put("users", user, "visibility", visible=False, key=f"{MARK}-k4")
    api.put("users", user, "visibility", visible=True)
    api.put("users", user, "visitors", keeper["visitorId"], confidence=50)
    # Odd input that is warned of.
    api.identify(first, user, userHash="00", expect=403)
    clock.forward(minutes=1)


def test_a_replay_and_a_late_delivery_of_the_erased_create_nothing(api: Api, graph: Graph, clock: Clock) -> None:
    before = clock()
    sent = {"fingerprint": {"visitorId": f"{MARK}-f"}, "anonymousId": f"{MARK}-a", "messageId": f"{MARK}-1"}
    visit = api.post("/eventTracking/init", sent)
    api.identify(visit, f"{MARK}-user", messageId=f"{MARK}-2")
    api.track(None, anonymousId=f"{MARK}-a", messageId=f"{MARK}-3")
    api.track(None, userId=f"{MARK}-user", secret=True, messageId=f"{MARK}-4")
    api.put("users", f"{MARK}-user", "visitors", visit["visitorId"], confidence=90, key=f"{MARK}-5")
    clock.forward(minutes=1)
    assert api.remove("users", f"{MARK}-user", expect=200)["finishedAt"]
    clock.forward(minutes=1)
    then = {"timestamp": before.isoformat(), "sentAt": clock().isoformat()}
    left = graph.rows("MATCH (n) RETURN count(n) AS n")
    refused = [
        api.post("/eventTracking/init", sent),
        api.track(visit, expect=410, **then),
        api.track(None, anonymousId=f"{MARK}-a", messageId=f"{MARK}-3", expect=410),
        api.track(None, userId=f"{MARK}-user", secret=True, messageId=f"{MARK}-4", expect=410),
        api.put("users", f"{MARK}-user", "visitors", visit["visitorId"], confidence=90, key=f"{MARK}-5", expect=410),
        api.track(None, anonymousId=f"{MARK}-a", expect=410, **then),
        api.track(None, userId=f"{MARK}-user", secret=True, expect=410, **then),
        api.init(f"{MARK}-f", anonymousId=f"{MARK}-a", expect=410, **then),
    ]
    assert [(answer.status, answer["code"]) for answer in refused] == [(410, "erased")] * len(refused)
    # A page that is still open begins anew.
    assert api.identify(visit, f"{MARK}-user", messageId=f"{MARK}-2", expect=404)["code"] == "session_not_found"
    assert api.track(visit, expect=404)["code"] == "session_not_found"
    assert graph.rows("MATCH (n) RETURN count(n) AS n") == left
    assert marked(graph) == []


def test_a_visit_and_a_login_after_the_erasure_begin_anew(api: Api, graph: Graph, clock: Clock) -> None:
    visit = api.init("f-1", anonymousId="a-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    receipt = api.remove("users", "anna", expect=200)
    clock.forward(minutes=1)
    again = api.init("f-1", anonymousId="a-1")
    assert (again["isNewVisitor"], again["userId"]) == (True, None)
    assert again["visitorId"] != visit["visitorId"]
    login = api.identify(again, "anna")
    assert login["updated"]["sessions"] == 1
    assert api.journey("users", "anna") == ["identify"]
    assert api.get("erasures", receipt["erasureId"]).json == receipt.json
    # The new user can be erased, too, and so can the one that is not there.
    clock.forward(minutes=1)
    second = api.remove("users", "anna", expect=200)
    assert second["erasureId"] != receipt["erasureId"]
    assert api.remove("users", "anna", expect=200)["erasureId"] == second["erasureId"]


def test_of_two_users_of_a_browser_the_other_keeps_everything(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    visit = api.init("f-1", anonymousId="a-1")
    api.track(visit, "hers")
    api.identify(visit, "anna")
    clock.forward(minutes=5)
    his = api.identify(visit, "ben")
    api.track(his, "his")
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=200)
    assert api.journey("users", "ben") == ["identify", "his"]
    assert api.get("visitors", visit["visitorId"])["userId"] == "ben"
    assert [item["userId"] for item in api.pages("visitors", visit["visitorId"], "users")] == ["ben"]
    assert graph.count("Fingerprint") == 1
    assert findings(database, clock) == []
    # Ben's visits go on, in the same visitor.
    assert api.init("f-1", anonymousId="a-1")["visitorId"] == visit["visitorId"]


def test_a_user_who_only_came_with_an_erased_visit_goes_with_it(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    """`ben` and `dora` came as the user id of a visit before `anna` logged in there; `dora` came with `carl`'s too."""
    visit = api.init("f-1", anonymousId="a-1", userId="ben")
    dora = api.init("f-1", anonymousId="a-1", userId="dora")
    api.identify(dora, "anna")
    clock.forward(minutes=5)
    carl = api.identify(dora, "carl")
    clock.forward(hours=1)
    api.init("f-1", anonymousId="a-1", userId="dora")
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=200)
    assert findings(database, clock) == []
    listed = {item["userId"]: item["count"] for item in api.pages("visitors", visit["visitorId"], "users")}
    assert listed == {"carl": 1, "dora": 1}
    assert carl["visitorId"] == visit["visitorId"]
    api.get("users", "ben", expect=404)
    assert graph.count("User") == 2


def test_the_earlier_user_keeps_everything_if_the_later_one_is_erased(
    api: Api, database: Database, clock: Clock
) -> None:
    visit = api.init("f-1", anonymousId="a-1")
    api.identify(visit, "anna")
    clock.forward(minutes=5)
    his = api.identify(visit, "ben")
    api.track(his, "his")
    late = clock()
    clock.forward(minutes=1)
    api.remove("users", "ben", expect=200)
    assert api.journey("users", "anna") == ["identify"]
    assert findings(database, clock) == []
    # What was the erased user's does not become the other's by a late delivery.
    then = {"timestamp": late.isoformat(), "sentAt": clock().isoformat()}
    assert api.track(visit, "his", expect=410, **then)["code"] == "erased"
    clock.forward(minutes=1)
    assert api.track(visit, "his", expect=410)["code"] == "session_expired"
    assert api.journey("users", "anna") == ["identify"]
    assert findings(database, clock) == []


def test_a_visitor_goes_with_all_that_were_merged_with_it(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    first, second, phone = api.init("f-1"), api.init("f-2"), api.init("f-3", agent=IPHONE)
    for visit in (first, second, phone):
        api.identify(visit, "anna")
    api.change("visitors", first["visitorId"], "merge", into=second["visitorId"])
    clock.forward(minutes=1)
    receipt = api.remove("visitors", first["visitorId"], expect=200)
    assert (receipt["kind"], receipt["removed"]["visitors"], receipt["removed"]["jars"]) == ("visitor", 2, 2)
    for visit in (first, second):
        assert api.get("visitors", visit["visitorId"], expect=404)["code"] == "visitor_not_found"
    assert [item["visitorId"] for item in api.pages("users", "anna", "visitors")] == [phone["visitorId"]]
    assert api.journey("users", "anna") == ["identify"]
    assert graph.count("Fingerprint") == 1
    assert findings(database, clock) == []


def test_what_only_a_merge_held_goes_when_the_merge_is_undone(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    laptop, phone = api.init("f-1"), api.init("f-2", agent=IPHONE)
    api.identify(laptop, "anna")
    api.identify(phone, "ben")
    api.change("visitors", phone["visitorId"], "merge", into=laptop["visitorId"], force=True, reason="a mistake")
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=200)
    assert findings(database, clock) == []
    assert disagrees(database, clock) == []
    assert api.get("visitors", phone["visitorId"])["visitorId"] == laptop["visitorId"]
    api.change("visitors", phone["visitorId"], "split")
    for rest in ((), ("journey",), ("users",)):
        assert api.get("visitors", laptop["visitorId"], *rest, expect=404)["code"] == "visitor_not_found"
    assert api.journey("visitors", phone["visitorId"]) == ["identify"]
    assert findings(database, clock) == []
    assert disagrees(database, clock) == []
    assert graph.count("Visitor") == 1


def test_whoever_was_seen_nowhere_else_goes_with_the_visitor(api: Api, graph: Graph, clock: Clock) -> None:
    visit = api.init("f-1", userId="anna")
    clock.forward(minutes=1)
    api.remove("visitors", visit["visitorId"], expect=200)
    assert graph.count("User") == 0


def test_an_account_that_was_only_linked_besides_goes_with_the_visitor(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    laptop, phone = api.init("f-1"), api.init("f-2", agent=IPHONE)
    for number, (visit, user_id) in enumerate(
        [(laptop, "anna"), (laptop, "anna@old"), (phone, "anna@work"), (phone, "anna@home")]
    ):
        clock.forward(minutes=number)
        api.identify(visit, user_id)
    own = {user_id: api.get("users", user_id)["identityId"] for user_id in ("anna@work", "anna@home")}
    for to in ("anna@old", "anna@work"):
        api.change("users", "anna", "link", to=to, reason="she told us")
    api.change("users", "anna@old", "link", to="anna@home")
    clock.forward(minutes=1)
    api.remove("visitors", laptop["visitorId"], expect=200)

    assert {row["id"] for row in graph.rows("MATCH (u:User) RETURN u.user_id AS id")} == {"anna@work", "anna@home"}
    assert {user_id: api.get("users", user_id)["identityId"] for user_id in own} == own
    for user_id in ("anna", "anna@old"):
        assert api.get("users", user_id, expect=404)["code"] == "user_not_found"
        assert graph.rows("MATCH (n) WHERE any(k IN keys(n) WHERE n[k] = $id) RETURN n", id=user_id) == []
    assert "she told us" not in str(api.pages("audit", about="user:anna@work"))
    assert findings(database, clock) == []


def test_an_inference_goes_with_the_login_that_it_rests_on(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    first, second = (api.init(name, address="198.51.100.9") for name in ("f-1", "f-2"))
    graph.rows("MATCH ()-[r:PROBABLY]->() DELETE r")
    assert api.identify(first, "anna")["propagated"] == 1
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=200)
    assert graph.edges("PROBABLY") == set()
    assert api.get("visitors", second["visitorId"])["userId"] is None
    assert graph.count("IpAddress") == 1
    assert findings(database, clock) == []


@pytest.mark.parametrize("comes_again", [False, True])
@pytest.mark.parametrize("call", ["init", "collect", "identify", "put"])
def test_a_call_that_an_erasure_overtakes_does_not_bring_the_user_back(  # noqa: PLR0917 - fixtures
    api: Api,
    graph: Graph,
    database: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    *,
    comes_again: bool,
) -> None:
    """The erasure begins and ends after the call looked for tombstones, and before it locks its user.

    Then nobody has the user's name, or somebody who has come again since.

    A `track` locks the places of tombstones that it looks for, so an erasure waits for it.
    """
    user_id = f"{MARK}-user"
    api.identify(api.init("f-1"), user_id)
    visit = api.init("f-2", address="198.51.100.9")
    elsewhere = api.init("f-3", address="198.51.100.10")
    module, lock = (identify_store, "lock_users") if call == "identify" else (users, "lock_each")
    as_it_is = getattr(module, lock)

    def come_again(tx: Transaction) -> None:
        visitors.lock_group(tx, [elsewhere["visitorId"]])
        users.lock(tx, [(user_id, "usr_again")], clock())

    def after_an_erasure(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(module, lock, as_it_is)
        api.remove("users", user_id, expect=200)
        if comes_again:
            clock.forward(minutes=1)
            database.write(come_again)
        return as_it_is(*args, **kwargs)

    monkeypatch.setattr(module, lock, after_an_erasure)
    if call == "identify":
        refused = api.identify(visit, user_id, expect=410)
    elif call == "put":
        refused = api.put("users", user_id, "visitors", visit["visitorId"], confidence=90, expect=410)
    else:
        refused = api.post(f"/eventTracking/{call}", {"fingerprint": {"visitorId": "f-2"}, "userId": user_id})
    assert (refused.status, refused["code"]) == (410, "erased")
    assert (graph.count("User"), graph.edges("IDENTIFIED_AS")) == (int(comes_again), set())
    assert comes_again or marked(graph) == []
    assert findings(database, clock) == []


def test_a_statement_at_a_terminal_that_an_erasure_overtakes_does_not_bring_the_user_back(
    api: Api, graph: Graph, clock: Clock, command: Callable[..., Done]
) -> None:
    """The command took its time before the erasure, and waited."""
    clock.time = datetime.now(UTC)
    api.identify(api.init("f-1"), f"{MARK}-user")
    visit = api.init("f-2")
    clock.forward(hours=1)
    api.remove("users", f"{MARK}-user", expect=200)
    refused = command("relationships", "put", TENANT, f"{MARK}-user", visit["visitorId"], "90")
    assert (refused.code, "the user that it names was erased" in refused.err) == (1, True)
    assert marked(graph) == []


@pytest.mark.parametrize("batches", range(8))
def test_an_erasure_that_was_cut_off_goes_on(  # noqa: PLR0917 - fixtures
    api: Api, graph: Graph, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    monkeypatch.setattr(erase, "BATCH", 2)
    visit = api.init(f"{MARK}-f", messageId=f"{MARK}-0")
    for number in range(5):
        api.track(visit, MARK, messageId=f"{MARK}-{number + 1}")
    api.identify(visit, f"{MARK}-user")
    clock.forward(minutes=1)
    command = given.erasure(f"{MARK}-user", at=clock(), keys=[SECRET_KEY])
    erasure_id = database.write(erase.begin, command)
    # The person is gone at once.
    assert api.get("users", f"{MARK}-user", expect=404)["code"] == "user_not_found"
    assert api.get("visitors", visit["visitorId"], expect=404)["code"] == "visitor_not_found"
    assert api.get("sessions", visit["sessionId"], expect=404)["code"] == "session_not_found"
    assert api.post("/eventTracking/track", {"sessionId": visit["sessionId"], "eventName": "x"}).status in {404, 410}
    for _ in range(batches):
        database.write(erase.batch, erasure_id, given.rest(command))
    receipt = api.remove("users", f"{MARK}-user", expect=200)
    assert (receipt["erasureId"], receipt["finishedAt"] is not None) == (erasure_id, True)
    assert receipt["removed"]["events"] == 6
    assert marked(graph) == []
    assert findings(database, clock) == []


def test_only_a_secret_key_may_erase(api: Api) -> None:
    visit = api.init("f-1")
    for path in ("users/anna", f"visitors/{visit['visitorId']}"):
        answer = api.app.test_client().delete(f"/api/v1/{path}", headers={"X-Write-Key": api.keys.write_key})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong_kind_of_key")
    assert api.get("visitors", visit["visitorId"])["visitorId"] == visit["visitorId"]


def test_another_tenants_people_and_receipts_are_not_found(api: Api, other_api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    assert other_api.remove("users", "anna", expect=404)["code"] == "user_not_found"
    assert other_api.remove("visitors", visit["visitorId"], expect=404)["code"] == "visitor_not_found"
    receipt = api.remove("users", "anna", expect=200)
    assert other_api.get("erasures", receipt["erasureId"], expect=404)["code"] == "erasure_not_found"


def test_commands_export_and_erase_a_person(api: Api, graph: Graph, clock: Clock, command: Callable[..., Done]) -> None:
    clock.time = datetime.now(UTC) - timedelta(minutes=1)
    visit = api.init(f"{MARK}-f")
    api.identify(visit, f"{MARK}-user")
    exported = command("export", TENANT, f"user:{MARK}-user")
    assert [json.loads(line)["what"] for line in exported.out.splitlines()][:1] == ["user"]
    erased = command("erase", TENANT, f"user:{MARK}-user", "--json")
    assert (erased.code, erased.json["removed"]["events"]) == (0, 1), erased.err
    assert "removed so far" in erased.err
    assert marked(graph) == []
    assert command("erase", TENANT, "nobody").code == 2
    assert command("erase", TENANT, "user:stranger").code == 1


def test_a_job_finishes_an_erasure(api: Api, graph: Graph, database: Database, clock: Clock) -> None:
    visit = api.init(f"{MARK}-f")
    api.identify(visit, f"{MARK}-user")
    clock.forward(minutes=1)
    erasure_id = database.write(erase.begin, given.erasure(f"{MARK}-user", at=clock(), keys=[SECRET_KEY]))
    assert api.get("erasures", erasure_id)["finishedAt"] is None
    assert jobs.run(database, TENANT, "erase", clock=clock, new_id=new_id, keys=[SECRET_KEY]) == 1
    assert api.get("erasures", erasure_id)["finishedAt"] is not None
    assert marked(graph) == []
    assert api.track(visit, expect=410)["code"] == "erased"
    clock.forward(minutes=1)
    assert api.track(visit, expect=404)["code"] == "session_not_found"


def test_a_user_is_erased_whom_only_logins_name_that_claimed_nothing(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    visit = api.init("f-1")
    assert api.identify(visit, f"{MARK}-user", onBehalfOf=True)["userId"] is None
    clock.forward(minutes=1)
    assert api.remove("users", f"{MARK}-user", expect=200)["finishedAt"] is not None
    assert marked(graph) == []
    assert api.get("visitors", visit["visitorId"])["events"] == 0
    assert findings(database, clock) == []


def test_a_user_is_erased_whom_only_warnings_name(
    api: Api, graph: Graph, database: Database, clock: Clock, command: Callable[..., Done]
) -> None:
    """A login with a wrong signature is refused, and leaves its user id in a warning and nowhere else."""
    clock.time = datetime.now(UTC) - timedelta(minutes=1)
    user_id, others = f"{MARK}-user", "keeper"
    visit = api.init("f-1", userId=user_id, userHash="f" * 64)
    for refused in (user_id, others):
        api.identify(visit, refused, userHash="f" * 64, expect=403)
    clock.forward(hours=1)
    api.identify(visit, user_id, userToken="e30.e30.e30", expect=403)
    assert (graph.count("User"), graph.count("Warning") > 0) == (0, True)
    exported = command("export", TENANT, f"user:{user_id}")
    assert [json.loads(line)["what"] for line in exported.out.splitlines()] == ["warning"] * 2
    receipt = api.remove("users", user_id, expect=200)
    assert (receipt["finishedAt"] is not None, receipt["removed"]["warnings"]) == (True, 2)
    assert marked(graph) == []
    assert api.remove("users", user_id, expect=200)["erasureId"] == receipt["erasureId"]
    assert {warning["subject"] for warning in api.pages("warnings")} == {others}
    assert findings(database, clock) == []
    # What is refused later is another matter.
    clock.forward(hours=1)
    api.identify(visit, user_id, userHash="f" * 64, expect=403)
    assert api.remove("users", user_id, expect=200)["erasureId"] != receipt["erasureId"]
    assert marked(graph) == []


def test_a_user_is_erased_whose_refused_login_is_kept_no_more(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    """The login was one too many for its address: it made a user without edges, which stays when its event goes."""
    tenants.configure(database, TENANT, {}, {"address_claims_per_hour": 1, "event_retention_days": 1})
    for user_id in ("keeper", f"{MARK}-user"):
        api.identify(api.init(), user_id, address="198.51.100.7")
    clock.forward(days=40)
    jobs.run(database, TENANT, "retain", clock=clock, new_id=new_id, keys=[SECRET_KEY])
    graph.rows("MATCH (warning:Warning) DELETE warning")
    assert {tuple(row["what"]) for row in marked(graph)} == {("Identity", "User")}
    receipt = api.remove("users", f"{MARK}-user", expect=200)
    assert marked(graph) == []
    assert api.remove("users", f"{MARK}-user", expect=200)["erasureId"] == receipt["erasureId"]
    assert findings(database, clock) == []


@pytest.mark.parametrize("placeholder", ["null", "undefined", "{{user.id}}", "Kiosk 1"])
def test_a_placeholder_is_no_user_to_erase(  # noqa: PLR0917 - fixtures
    api: Api, graph: Graph, database: Database, clock: Clock, command: Callable[..., Done], placeholder: str
) -> None:
    """Strangers send it, and what they did stays theirs."""
    clock.time = datetime.now(UTC) - timedelta(minutes=1)
    tenants.configure(database, TENANT, {}, {"placeholder_user_ids": ["kiosk 1"]})
    strangers = [api.init(f"f-{number}") for number in range(2)]
    for stranger in strangers:
        api.identify(stranger, placeholder)
    clock.forward(minutes=1)
    for refused in (
        api.remove("users", placeholder, expect=422),
        api.get("users", placeholder, "export", expect=422),
    ):
        assert (refused["code"], list(refused["errors"])) == ("invalid_request", ["userId"])
    for name in ("erase", "export"):
        done = command(name, TENANT, f"user:{placeholder}")
        assert (done.code, "names nobody in particular" in done.err) == (2, True)
    assert (graph.count("Event"), graph.count("Erasure"), graph.count("Tombstone")) == (2, 0, 0)
    assert [warning["count"] for warning in api.pages("warnings")] == [2]


@pytest.mark.parametrize("at_terminal", [False, True])
def test_a_user_from_before_the_id_was_a_placeholder_is_erased_once(  # noqa: PLR0917 - fixtures
    api: Api,
    graph: Graph,
    database: Database,
    clock: Clock,
    command: Callable[..., Done],
    monkeypatch: pytest.MonkeyPatch,
    *,
    at_terminal: bool,
) -> None:
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)
    clock.time = datetime.now(UTC) - timedelta(hours=1)
    api.identify(api.init(f"{MARK}-f"), f"{MARK}-user")
    tenants.configure(database, TENANT, {}, {"placeholder_user_ids": [f"{MARK}-user"]})
    assert api.get("users", f"{MARK}-user", "export").status == 200
    clock.forward(minutes=1)
    if at_terminal:
        receipt = command("erase", TENANT, f"user:{MARK}-user", "--json").json
    else:
        receipt = api.remove("users", f"{MARK}-user", expect=200).json
    assert receipt["removed"]["visitors"] == 1
    assert [row["what"] for row in marked(graph)] == [["Tenant"]]
    # Strangers who send it later are nobody to erase.
    clock.time = datetime.now(UTC) + timedelta(minutes=1)
    api.identify(api.init("f-1"), f"{MARK}-user")
    clock.forward(minutes=1)
    assert api.remove("users", f"{MARK}-user", expect=200)["erasureId"] == receipt["erasureId"]
    assert graph.count("Event") == 1


def test_a_warning_about_anything_but_a_user_makes_no_user(api: Api, clock: Clock) -> None:
    nonsense = "a" * 32
    api.init(nonsense)
    assert [(warning["code"], warning["subject"]) for warning in api.pages("warnings")] == [
        ("implausible_fingerprint", nonsense)
    ]
    assert api.remove("users", nonsense, expect=404)["code"] == "user_not_found"


def test_an_erasure_that_fails_keeps_no_other_waiting(
    api: Api, graph: Graph, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("anna", "ben"):
        api.identify(api.init(f"f-{name}"), name)
    clock.forward(minutes=1)
    begun = [
        database.write(erase.begin, given.erasure(name, at=clock(), keys=[SECRET_KEY])) for name in ("anna", "ben")
    ]
    finish = erase.finish

    def too_slow(database: Database, erasure_id: str, *args: Any, **named: Any) -> Any:
        if erasure_id == begun[0]:
            database.read_within(0.0, lambda _: None)
        return finish(database, erasure_id, *args, **named)

    monkeypatch.setattr(erase, "finish", too_slow)
    with pytest.raises(GraphTimeout):
        jobs.run(database, TENANT, "erase", clock=clock, new_id=new_id, keys=[SECRET_KEY])
    monkeypatch.undo()
    assert [api.get("erasures", id_)["finishedAt"] is None for id_ in begun] == [True, False]
    assert jobs.run(database, TENANT, "erase", clock=clock, new_id=new_id, keys=[SECRET_KEY]) == 1


def test_an_erasure_among_calls_of_the_same_person_leaves_nothing_torn(
    api: Api, graph: Graph, database: Database, clock: Clock
) -> None:
    visit = api.init("f-1", anonymousId="a-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)

    def call(number: int) -> int:
        match number % 4:
            case 0:
                return api.post("/eventTracking/track", {"sessionId": visit["sessionId"], "eventName": "x"}).status
            case 1:
                sent = {"fingerprint": {"visitorId": "f-1"}, "anonymousId": "a-1"}
                return api.post("/eventTracking/init", sent).status
            case 2:
                sent = {"anonymousId": "a-1", "userProperties": {"userId": "anna"}}
                return api.post("/eventTracking/identify", sent).status
            case _:
                return api.remove("users", "anna", expect=None).status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(call, range(48)))
    assert set(statuses) <= {200, 404, 410}
    assert findings(database, clock) == []
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=None)
    for row in graph.rows("MATCH (v:Visitor) RETURN v.visitor_id AS id"):
        api.remove("visitors", row["id"], expect=None)
    assert findings(database, clock) == []
    left = {"Tenant", "ApiKey", "Migration", "Tombstone", "Erasure", "AuditEntry"}
    assert {row["label"] for row in graph.rows("MATCH (n) RETURN DISTINCT labels(n)[0] AS label")} <= left


def test_whoever_comes_back_with_a_backup_is_erased_again(  # noqa: PLR0917 - fixtures
    api: Api, graph: Graph, driver: neo4j.Driver, clock: Clock, command: Callable[..., Done], tmp_path: Path
) -> None:
    clock.time = datetime.now(UTC) - timedelta(minutes=1)
    visit = api.init(f"{MARK}-f", messageId=f"{MARK}-1")
    api.identify(visit, f"{MARK}-user")
    assert command("erase", TENANT, f"user:{MARK}-user").code == 0
    kept = tmp_path / "tombstones.jsonl"
    kept.write_text(command("tombstones", "list", TENANT).out, encoding="utf-8")
    assert MARK not in kept.read_text(encoding="utf-8")
    driver.execute_query("MATCH (n:Tombstone|Erasure) DETACH DELETE n")
    # The backup has the person again, and others.
    visit = api.init(f"{MARK}-f", messageId=f"{MARK}-1")
    api.identify(visit, f"{MARK}-user")
    api.identify(api.init("f-2"), "ben")
    done = command("tombstones", "restore", TENANT, str(kept))
    assert (done.code, done.out.split(", ")[1].strip()) == (0, "1 erased again"), done.err
    assert marked(graph) == []
    assert api.journey("users", "ben") == ["identify"]
    assert api.init(f"{MARK}-f", messageId=f"{MARK}-1", expect=410)["code"] == "erased"
    assert command("tombstones", "restore", TENANT, __file__).code == 1


def test_a_user_called_like_a_word_of_the_answers_takes_no_other_answer_along(api: Api, clock: Clock) -> None:
    visit = api.init("f-1")
    stated = api.put("users", "anna", "visitors", visit["visitorId"], confidence=90, key="k-1")
    for name in ("visitor_id", "visitorId", "stated"):
        api.identify(api.init(f"f-{name}"), name)
        clock.forward(minutes=1)
        api.remove("users", name, expect=200)
    assert api.put("users", "anna", "visitors", visit["visitorId"], confidence=90, key="k-1")["duplicate"]
    [entry] = api.pages("audit", about="user:anna")
    assert (entry["after"]["userId"], entry["after"]["confidence"]) == ("anna", stated["confidence"])


def test_a_user_who_comes_back_before_the_erasure_is_finished_can_be_erased_again(
    api: Api, database: Database, clock: Clock
) -> None:
    api.identify(api.init("f-1"), "anna")
    api.track(None, "buy", userId="anna", secret=True)
    clock.forward(minutes=1)
    command = given.erasure("anna", at=clock(), keys=[SECRET_KEY])
    first = database.write(erase.begin, command)
    clock.forward(minutes=1)
    api.track(None, "come back", userId="anna", secret=True)
    erase.finish(database, first, given.rest(command))
    assert api.journey("users", "anna") == ["come back"]
    clock.forward(minutes=1)
    assert api.remove("users", "anna", expect=200)["erasureId"] != first
    assert api.get("users", "anna", expect=404)["code"] == "user_not_found"
    assert findings(database, clock) == []


def test_of_a_batch_of_statements_only_that_of_an_erased_call_is_refused(api: Api, clock: Clock) -> None:
    visits = [api.init(f"f-{number}") for number in range(2)]
    api.put("users", "anna", "visitors", visits[0]["visitorId"], confidence=90, key="k-1")
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=200)
    clock.forward(minutes=1)
    items = [
        {"userId": user, "visitorId": visits[1]["visitorId"], "confidence": 90, "idempotencyKey": key}
        for user, key in (("anna", "k-1"), ("ben", "k-2"))
    ]
    results = api.change("relationships", "batch", relationships=items)["results"]
    assert [result.get("code") for result in results] == ["erased", None]


def test_a_login_from_before_the_erasure_does_not_count_from_a_later_session(api: Api, clock: Clock) -> None:
    before = clock()
    api.identify(api.init("f-1"), "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", expect=200)
    clock.forward(minutes=1)
    later = api.init("f-2")
    then = {"timestamp": before.isoformat(), "sentAt": clock().isoformat()}
    assert api.identify(later, "anna", expect=410, **then)["code"] == "erased"


def test_users_who_go_with_a_visitor_do_not_come_back_with_late_calls(api: Api, clock: Clock) -> None:
    before = clock()
    visit = api.init("f-1")
    api.identify(visit, "anna")
    clock.forward(minutes=1)
    api.remove("visitors", visit["visitorId"], expect=200)
    assert api.pages("audit", about="user:anna") == []
    then = {"timestamp": before.isoformat(), "sentAt": clock().isoformat()}
    assert api.track(None, "late", userId="anna", secret=True, expect=410, **then)["code"] == "erased"


def test_nothing_disagrees_between_the_batches_of_an_erasure(
    api: Api, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase, "BATCH", 2)
    released, came = api.init("f-1"), api.init("f-2", userId="anna", secret=True)
    api.identify(released, "anna")
    clock.forward(minutes=1)
    api.remove("users", "anna", "visitors", released["visitorId"])
    api.identify(came, "ben")
    clock.forward(minutes=1)
    command = given.erasure("anna", at=clock(), keys=[SECRET_KEY])
    erasure_id = database.write(erase.begin, command)
    assert findings(database, clock) == []
    while database.write(erase.batch, erasure_id, given.rest(command)) is not None:
        assert findings(database, clock) == []


@pytest.mark.parametrize("meanwhile", ["nothing", "the user comes back", "the rest is erased"])
def test_what_is_split_off_while_a_user_is_erased_keeps_nothing_of_the_user(
    api: Api, graph: Graph, database: Database, clock: Clock, meanwhile: str
) -> None:
    anna = f"{MARK}-user"
    first = api.init("f-1")
    api.identify(first, anna)
    second = api.init("f-1")
    assert second["visitorId"] == first["visitorId"]
    clock.forward(minutes=1)
    api.remove("users", anna, "visitors", first["visitorId"])
    clock.forward(minutes=1)
    command = given.erasure(anna, at=clock(), keys=[SECRET_KEY])
    erasure_id = database.write(erase.begin, command)
    clock.forward(minutes=1)
    if meanwhile == "the user comes back":
        api.identify(api.init("f-2"), anna)
    [jar] = graph.rows(
        "MATCH (jar:Jar)<-[:ON]-()<-[:DURING]-(session:Session) WHERE session.session_id = $id RETURN jar.jar_id AS id",
        id=first["sessionId"],
    )
    api.change("visitors", first["visitorId"], "split", jar=jar["id"])
    if meanwhile == "the rest is erased":
        api.remove("visitors", first["visitorId"], expect=200)
    erase.finish(database, erasure_id, given.rest(command))
    assert findings(database, clock) == []
    if meanwhile == "the user comes back":
        assert len(api.get("users", anna, "visitors")["items"]) == 1
    else:
        assert marked(graph) == []
