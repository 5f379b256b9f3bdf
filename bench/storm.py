"""Make mixed calls at the same few visitors, users and addresses with 16 threads, and check the graph: `python -m bench.storm`.

Each thread calls as fast as it is answered, for five minutes: visits, events, logins, statements, removals, merges,
splits, hiding, erasures and reads. The command fails if an answer is a failure of the service, or if the consistency check
finds anything. It tells how many tries of transactions failed and were run again, and why. With `--keep FOLDER` the graph and
the service's log stay there, to look at what the check found.
"""

import argparse
import http.client
import json
import random
import sys
import threading
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from prometheus_client.parser import text_string_to_metric_families

from bench.service import Service, serve, setting

THREADS, SECONDS, SAY_SECONDS = 16, 300.0, 30.0
VISITORS, USERS, ADDRESSES, FINGERPRINTS = 24, 8, 6, 6
FAILED_TRIES = "whograph_graph_failed_tries"

#: A call as a page makes it, or with a secret key as a server does: method, path, body, address; gives status and JSON.
Call = Callable[[str, str, dict[str, Any] | None, str | None], tuple[int, Any]]


@dataclass(frozen=True)
class Visit:
    """What a page has after `init`."""

    visitor: str
    session: str
    token: str


@dataclass
class Storm:
    """Mixed calls, which several threads may make at once.

    Args:
        call: Makes one call. An address means that a page makes it; without one, it has the secret key.
        ids: Something that no other storm in the same graph has, for the names of users.
    """

    call: Call
    ids: str = "storm"
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._visits: deque[Visit] = deque(maxlen=VISITORS)
        self._lock = threading.Lock()

    def blow(self, threads: int, goes_on: Callable[[], bool], seed: int = 0) -> None:
        """Call with so many threads while it goes on."""

        def calls(number: int) -> None:
            chance = random.Random(f"{seed} {number}")  # noqa: S311 - it keeps no secret
            try:
                while goes_on():
                    self.one(chance)
            except Exception as error:  # noqa: BLE001 - a call that hangs is a failure of the storm
                self.failures.append(repr(error))

        running = [threading.Thread(target=calls, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    def one(self, chance: random.Random) -> None:
        """Make one call, of a kind that chance picks."""
        if not self._visits:
            self.init(chance)
            return
        kinds = list(WEIGHTS)
        [kind] = chance.choices(kinds, [WEIGHTS[kind] for kind in kinds])
        getattr(self, kind)(chance)

    def init(self, chance: random.Random) -> None:
        """A visit, of somebody new or known, by one of a few fingerprints at one of a few addresses."""
        sent: dict[str, Any] = {}
        if chance.random() < 0.8:
            sent["fingerprint"] = {"visitorId": f"{self.ids}-{chance.randrange(FINGERPRINTS)}"}
        if self._visits and chance.random() < 0.7:
            sent["visitorToken"] = self._visit(chance).token
        if chance.random() < 0.2:
            sent["userId"] = self._user(chance)
        answer = self._post("init", sent, chance)
        if answer:
            self._visits.append(Visit(answer["visitorId"], answer["sessionId"], answer["visitorToken"]))

    def track(self, chance: random.Random) -> None:
        self._post("track", {"sessionId": self._visit(chance).session, "eventName": "click"}, chance)

    def identify(self, chance: random.Random) -> None:
        sent = {"sessionId": self._visit(chance).session, "userProperties": {"userId": self._user(chance)}}
        self._post("identify", sent, chance)

    def batch(self, chance: random.Random) -> None:
        items = [
            {"type": "track", "eventName": "view"}
            if chance.random() < 0.6
            else {"type": "identify", "userProperties": {"userId": self._user(chance)}}
            for _ in range(6)
        ]
        self._post("batch", {"events": [{**item, "sessionId": self._visit(chance).session} for item in items]}, chance)

    def collect(self, chance: random.Random) -> None:
        fingerprint = {"visitorId": f"{self.ids}-{chance.randrange(FINGERPRINTS)}"}
        self._post("collect", {"fingerprint": fingerprint, "userId": self._user(chance)}, chance)

    def put(self, chance: random.Random) -> None:
        sent = {"confidence": chance.choice((20, 60, 95)), "claim": chance.random() < 0.3}
        self._change("put", "PUT", self._pair(chance), sent)

    def delete(self, chance: random.Random) -> None:
        self._change("delete", "DELETE", self._pair(chance), None)

    def items(self, chance: random.Random) -> None:
        """A batch of statements and removals."""
        items = [
            {
                "do": chance.choice(("put", "put", "delete")),
                "userId": self._user(chance),
                "visitorId": self._visit(chance).visitor,
                "confidence": 70,
            }
            for _ in range(6)
        ]
        self._change("relationships/batch", "POST", "relationships/batch", {"relationships": items})

    def merge(self, chance: random.Random) -> None:
        sent = {"into": self._visit(chance).visitor}
        self._change("merge", "POST", f"visitors/{self._visit(chance).visitor}/merge", sent)

    def split(self, chance: random.Random) -> None:
        self._change("split", "POST", f"visitors/{self._visit(chance).visitor}/split", {})

    def release(self, chance: random.Random) -> None:
        self._change("release", "POST", f"users/{self._user(chance)}/release", {})

    def hide(self, chance: random.Random) -> None:
        self._change("visibility", "PUT", f"{self._pair(chance)}/visibility", {"visible": chance.random() < 0.7})

    def erase(self, chance: random.Random) -> None:
        subject = f"users/{self._user(chance)}" if chance.random() < 0.5 else f"visitors/{self._visit(chance).visitor}"
        self._change("erase", "DELETE", subject, None)

    def read(self, chance: random.Random) -> None:
        user, visitor = self._user(chance), self._visit(chance)
        path = chance.choice(
            (
                f"users/{user}",
                f"users/{user}/visitors",
                f"users/{user}/journey",
                f"visitors/{visitor.visitor}",
                f"visitors/{visitor.visitor}/users",
                f"visitors/{visitor.visitor}/journey",
                f"sessions/{visitor.session}",
                f"audit?about=user%3A{user}",
                "warnings",
                "stats",
            )
        )
        self._change("read", "GET", path, None)

    def _visit(self, chance: random.Random) -> Visit:
        return chance.choice(tuple(self._visits))

    def _user(self, chance: random.Random) -> str:
        return f"{self.ids}-user-{chance.randrange(USERS)}"

    def _pair(self, chance: random.Random) -> str:
        return f"users/{quote(self._user(chance))}/visitors/{self._visit(chance).visitor}"

    def _post(self, kind: str, sent: dict[str, Any], chance: random.Random) -> Any:
        address = f"203.0.113.{chance.randrange(ADDRESSES)}"
        return self._answered(kind, *self.call("POST", f"/eventTracking/{kind}", sent, address))

    def _change(self, kind: str, method: str, path: str, sent: dict[str, Any] | None) -> None:
        self._answered(kind, *self.call(method, f"/api/v1/{path}", sent, None))

    def _answered(self, kind: str, status: int, answer: Any) -> Any:
        """Count an answer, its items included, and return it if the call was accepted."""
        results = answer.get("results", []) if isinstance(answer, dict) else []
        with self._lock:
            self.statuses[kind, status] += 1
            if (kind, status) == ("erase", http.client.SERVICE_UNAVAILABLE):
                # An erasure is given up where others use the person's jars between all its tries. It is to be repeated.
                return None
            for number in (status, *(result.get("status", 0) for result in results)):
                # At that moment there may be nothing to change, or a bound refuses it.
                if number >= http.client.INTERNAL_SERVER_ERROR or number in _OUR_MISTAKES:
                    self.failures.append(f"{kind}: {number} {str(answer)[:300]}")
        return answer if status == http.client.OK else None


#: How often each kind of call is made, beside the others.
WEIGHTS: Mapping[str, int] = {
    "init": 20,
    "track": 15,
    "identify": 12,
    "batch": 5,
    "collect": 4,
    "put": 10,
    "delete": 4,
    "items": 3,
    "merge": 4,
    "split": 4,
    "release": 2,
    "hide": 3,
    "erase": 1,
    "read": 20,
}
#: A storm sends valid calls with known keys.
_OUR_MISTAKES = frozenset({400, 401, 403, 413, 415, 422, 429})


@contextmanager
def called(service: Service) -> Iterator[Call]:
    """Calls of a service; each thread has a connection of its own."""
    own = threading.local()

    def call(method: str, path: str, sent: dict[str, Any] | None, address: str | None) -> tuple[int, Any]:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        headers = {"Authorization": f"Bearer {service.keys['secretKey']}"}
        if address is not None:
            headers = {"X-Write-Key": service.keys["writeKey"], "X-Forwarded-For": address}
        if sent is not None:
            headers["Content-Type"] = "application/json"
        body = None if sent is None else json.dumps(sent)
        try:
            own.connection.request(method, path, body, headers)
            response = own.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The service closes a connection that was idle for two seconds, which a call may meet.
            own.connection.close()
            own.connection.request(method, path, body, headers)
            response = own.connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None

    yield call


def failed_tries(port: int) -> dict[str, int]:
    """Return how many tries of writing transactions failed, by reason."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {
            sample.labels["reason"]: int(sample.value)
            for family in families
            if family.name == FAILED_TRIES
            for sample in family.samples
            if sample.name.endswith("_total")
        }


def subjects(ids: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the visitor and the user of a finding, as the audit trail asks for them."""
    for name in ("visitorId", "userId"):
        if name in ids:
            yield name.removesuffix("Id"), ids[name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="an empty folder for the graph and the log")
    arguments = parser.parse_args()
    print(setting(), flush=True)
    with serve(arguments.keep, TRUSTED_PROXIES="1") as service, called(service) as call:
        storm, began = Storm(call), time.monotonic()
        said, ends = [began], began + float(arguments.seconds)

        def goes_on() -> bool:
            now = time.monotonic()
            if now - said[0] > SAY_SECONDS:
                said[0] = now
                print(f"{now - began:4.0f} s: {storm.statuses.total()} calls, {failed_tries(service.port)}", flush=True)
            return now < ends

        storm.blow(arguments.threads, goes_on, arguments.seed)
        seconds = time.monotonic() - began
        kinds = sorted({kind for kind, _ in storm.statuses})
        for kind in kinds:
            counted = {status: number for (of, status), number in sorted(storm.statuses.items()) if of == kind}
            print(f"{kind:20} {counted}")
        print(f"{storm.statuses.total()} calls in {seconds:.0f} s; failed tries: {failed_tries(service.port)}")
        status, checked = call("POST", "/api/v1/consistency/check", {}, None)
        if status != http.client.OK:
            raise RuntimeError(f"the check failed: {status} {checked}")
        print(f"the check found: {json.dumps(checked)[:2000]}")
        for kind, node_id in sorted({subject for found in checked["findings"] for subject in subjects(found["ids"])}):
            _, audit = call("GET", f"/api/v1/audit?about={kind}%3A{node_id}&limit=200", None, None)
            print(f"what happened to {kind} {node_id}: {json.dumps(audit)}")
        for failure in storm.failures[:20]:
            print(failure)
    if storm.failures or checked["findings"]:
        sys.exit(f"{len(storm.failures)} answers that should not be, {len(checked['findings'])} findings")


if __name__ == "__main__":
    main()
