"""The token of a link to the explorer reads one tenant's data until it ends, and changes nothing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import read_tokens, visitor_tokens
from app.read_tokens import ReadToken
from tests.conftest import SECRET_KEY
from tests.world import Answer, Api, Clock, Done, Graph, Json

Command = Callable[..., Done]
ENDED = {"detail": "the link has ended: ask for another one", "code": "link_ended"}


@pytest.fixture
def token(clock: Clock) -> str:
    """The token of a link to the data of `shop` that holds for 15 minutes."""
    return issue("shop", clock() + timedelta(minutes=15))


def issue(tenant: str, ends: datetime, secret_key: str = SECRET_KEY) -> str:
    return read_tokens.issue(ReadToken(tenant, "lnk_1", ends, ends - timedelta(minutes=15)), [secret_key])


def by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def code(response: TestResponse) -> tuple[int, str | None]:
    return response.status_code, (response.get_json(silent=True) or {}).get("code")


@pytest.fixture
def anna(api: Api) -> Answer:
    visit = api.init("laptop")
    api.identify(visit, "anna")
    return visit


def test_a_link_reads_its_tenant_until_it_ends(api: Api, app: Flask, clock: Clock, anna: Answer, token: str) -> None:
    client = app.test_client()
    for path in ("users/anna", "users/anna/journey", f"visitors/{anna['visitorId']}", "stats", "policy", "warnings"):
        answer = client.get(f"/api/v1/{path}", headers=by(token))
        assert (answer.status_code, answer.get_json()) == (200, api.get(*path.split("/")).json)
        assert answer.headers["Cache-Control"] == "no-store"
    previewed = client.post("/api/v1/policy/preview", json={"set": {"confidence_min": 0.9}}, headers=by(token))
    assert previewed.status_code == 200

    clock.forward(minutes=15)
    answer = client.get("/api/v1/users/anna", headers=by(token))
    assert answer.status_code == 401
    assert {name: answer.get_json()[name] for name in ENDED} == ENDED


def test_a_link_changes_nothing(api: Api, app: Flask, anna: Answer, token: str, graph: Graph) -> None:
    client, seen = app.test_client(), 0
    before = graph.rows("MATCH (n) RETURN properties(n) AS node ORDER BY elementId(n)")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(("/api/v1/", "/eventTracking/")) or rule.rule.endswith("/preview"):
            continue
        path = re.sub(r"<(?:\w+:)?\w+>", "anna", rule.rule)
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            answer = client.open(path, method=method, json={}, headers=by(token))
            assert code(answer) == (403, "read_only"), (method, path)
            seen += 1
    assert seen > 20
    assert graph.rows("MATCH (n) RETURN properties(n) AS node ORDER BY elementId(n)") == before


def test_a_link_reaches_no_other_tenant(app: Flask, other_api: Api, api: Api, token: str) -> None:
    client = app.test_client()
    theirs = other_api.init("laptop")
    other_api.identify(theirs, "olga")
    for path in ("users/olga", f"visitors/{theirs['visitorId']}", f"sessions/{theirs['sessionId']}"):
        assert client.get(f"/api/v1/{path}", headers=by(token)).status_code == 404
    assert client.get("/api/v1/stats", headers=by(token)).get_json()["users"] == 0
    named = client.get("/api/v1/stats", headers={**by(token), "X-Tenant-ID": "rival"})
    assert code(named) == (403, "wrong_tenant")


def test_what_is_no_token_of_ours_opens_nothing(api: Api, app: Flask, clock: Clock, token: str) -> None:
    client, later = app.test_client(), clock() + timedelta(minutes=15)
    with app.app_context():
        visitor_token = visitor_tokens.issue("shop", "jar")
    middle = len(token) // 2
    forged = [
        issue("shop", later, "another-secret-key-0123456789-0123456789"),
        issue("nobody", later),
        token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :],
        token[:-5],
        f"rt_{visitor_token}",
        "rt_",
        "rt_" + "x" * 600,
        "rt_é",
    ]
    for shown in forged:
        answer = client.get("/api/v1/stats", headers={"Authorization": f"Bearer {shown}".encode().decode("latin-1")})
        assert code(answer) == (401, "unauthenticated"), shown
    # It is taken as a bearer only, and is no write key.
    for sent in ({"headers": {"X-Write-Key": token}, "json": {}}, {"json": {"writeKey": token}}):
        assert code(client.post("/eventTracking/init", **sent)) == (401, "unauthenticated")
    assert code(client.get("/api/v1/stats", headers={"X-Write-Key": token})) == (401, "unauthenticated")


def test_tokens_under_the_secret_key_before_still_hold(clock: Clock) -> None:
    ends = clock() + timedelta(minutes=1)
    old = issue("shop", ends, "an-old-secret-key-of-the-tests-0123456789")
    assert read_tokens.read(old, [SECRET_KEY]) is None
    assert read_tokens.read(old, [SECRET_KEY, "an-old-secret-key-of-the-tests-0123456789"]) == ReadToken(
        "shop", "lnk_1", ends, ends - timedelta(minutes=15)
    )


def test_the_command_gives_out_a_link_and_the_audit_trail_has_it(
    api: Api, app: Flask, clock: Clock, command: Command
) -> None:
    clock.time = datetime.now(UTC)
    done = command("explore", "shop", "--minutes", "60", "--url", "https://w.example/", "--reason", "4711", "--json")
    made: Json = done.json
    base, _, token = made["url"].partition("#token=")
    assert base == "https://w.example/explore/"
    assert app.test_client().get("/api/v1/stats", headers=by(token)).status_code == 200
    [entry] = api.pages("audit", about=f"link:{made['linkId']}")
    assert (entry["act"], entry["actor"], entry["reason"]) == ("explore", "job:explore", "4711")
    assert entry["after"] == {"ends": made["endsAt"]}
    left = datetime.fromisoformat(made["endsAt"]) - clock()
    assert timedelta(minutes=58) < left <= timedelta(minutes=60) + timedelta(seconds=60)

    plain = command("explore", "shop")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/explore/#token=rt_\S+\n", plain.out)
    assert re.search(r"reads shop until \S+Z; the audit trail of link:lnk_\w+ has it", plain.err)


def test_all_links_of_a_tenant_are_ended_at_once_and_later_ones_hold(
    api: Api, other_api: Api, app: Flask, clock: Clock, command: Command
) -> None:
    clock.time = datetime.now(UTC)
    [first, second, theirs] = (
        command("explore", tenant, "--json").json["url"].partition("#token=")[2] for tenant in ("shop", "shop", "rival")
    )
    done = command("explore", "shop", "--revoke", "--reason", "sent to the wrong person", "--json").json
    client = app.test_client()
    for token in (first, second):
        assert code(client.get("/api/v1/stats", headers=by(token))) == (401, "link_ended")
    assert client.get("/api/v1/stats", headers=by(theirs)).status_code == 200
    [entry] = api.pages("audit", about="link:all")
    assert (entry["act"], entry["actor"], entry["reason"]) == (
        "explore_revoke",
        "job:explore",
        "sent to the wrong person",
    )
    assert entry["after"] == {"ended": done["endedAt"]}
    # It is no change of the policy, which could be taken back.
    assert api.pages("audit", about="tenant:shop") == []

    again = command("explore", "shop", "--json").json["url"].partition("#token=")[2]
    assert client.get("/api/v1/stats", headers=by(again)).status_code == 200
    assert "end within ten seconds; the audit trail of link:all has it" in command("explore", "shop", "--revoke").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody",), "there is no tenant nobody"),
        (("shop", "--minutes", "0"), "1<=x<=1440"),
        (("shop", "--minutes", "1441"), "1<=x<=1440"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_link_that_cannot_be_is_said_in_a_line(command: Command, api: Api, words: tuple[str, ...], says: str) -> None:
    done = command("explore", *words)
    assert done.code != 0
    assert says in done.err
    assert done.out == ""
