"""While all threads are busy, the service still says how it is."""

from contextlib import ExitStack

import neo4j
import requests

from tests.faults.gunicorn import Start, is_open
from tests.patience import PATIENCE_SECONDS

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
