"""While all threads are busy, the service still says how it is, and has room for others."""

import json
from contextlib import ExitStack

import neo4j
import requests

from tests.faults.gunicorn import Start, is_open
from tests.patience import PATIENCE_SECONDS, wait_until

INIT = b'{"writeKey": "%s", "fingerprint": {"visitorId": "f-1"}}'


HEAD = b"POST /eventTracking/init HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
LOCK = "MATCH (n) WHERE n:Visitor OR n:Jar OR n:Fingerprint OR n:BrowserAtIp SET n._lock = true"


def test_health_and_metrics_answer_while_all_threads_wait_for_the_database(start: Start, driver: neo4j.Driver) -> None:
    running = start()
    assert running.init() == 200
    body = INIT % running.keys.write_key.encode()
    with ExitStack() as opened, driver.session() as session, session.begin_transaction() as holding:
        holding.run(LOCK).consume()
        clients = [opened.enter_context(running.connect()) for _ in range(8)]
        for client in clients:
            client.sendall(HEAD % (b"", len(body)) + body)
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert requests.get(f"{running.url}{path}", timeout=PATIENCE_SECONDS).status_code == 200, path
        assert all(is_open(client) for client in clients), "the answers came because a call had ended"


def test_calls_of_one_address_that_wait_for_the_database_leave_threads_to_another(
    start: Start, driver: neo4j.Driver
) -> None:
    running = start(THREADS="4", TRUSTED_PROXIES="1")
    busy, other = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
    assert running.init(headers=busy) == 200
    body = INIT % running.keys.write_key.encode()
    with ExitStack() as opened, driver.session() as session, session.begin_transaction() as holding:
        holding.run(LOCK).consume()
        clients = [opened.enter_context(running.connect()) for _ in range(8)]
        for client in clients:
            client.sendall(HEAD % (b"X-Forwarded-For: 203.0.113.7\r\n", len(body)) + body)
        assert running.track(headers=other) == 404
        assert all(is_open(client) for client in clients), "the answer came because a call had ended"


def test_a_flood_of_logins_from_one_address_leaves_another_its_answers(start: Start, driver: neo4j.Driver) -> None:
    """The limits of rates are out of the way: the share that an address has of the threads is what stands against it."""
    unlimited = dict.fromkeys(("RATE_LIMIT_PER_ADDRESS", "RATE_LIMIT_PER_KEY"), "1000000/second")
    running = start(
        **unlimited,
        THREADS="16",
        TRUSTED_PROXIES="1",
        CALL_SECONDS=str(int(PATIENCE_SECONDS)),
        # Nobody waits for what is left of the flood.
        GUNICORN_CMD_ARGS="--graceful-timeout 1",
    )

    def batch(number: int) -> bytes:
        logins = [{"type": "identify", "userProperties": {"userId": f"user {login}"}} for login in range(500)]
        body = {"writeKey": running.keys.write_key, "anonymousId": f"flood {number}", "events": logins}
        sent = json.dumps(body).encode()
        head = HEAD.replace(b"/init", b"/batch") % (b"X-Forwarded-For: 203.0.113.7\r\n", len(sent))
        return head + sent

    def has_begun() -> bool:
        found, _, _ = driver.execute_query("MATCH (e:Event {name: 'identify'}) RETURN count(e) AS events")
        return bool(found[0]["events"])

    with ExitStack() as opened:
        clients = [opened.enter_context(running.connect()) for _ in range(32)]
        for number, client in enumerate(clients):
            client.sendall(batch(number))
        wait_until(has_begun, "no login of the flood was recorded")
        for page in range(4):
            visit = {"X-Forwarded-For": "203.0.113.8", "User-Agent": f"page {page}"}
            assert (running.init(headers=visit), running.live()) == (200, 200)
        assert sum(is_open(client) for client in clients) > 16, "the flood had ended"
