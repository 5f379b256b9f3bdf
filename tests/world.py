"""What all tests share: a clock, the API as pages and servers call it, and the graph as sets to compare."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, LiteralString
from urllib.parse import quote

import neo4j
from flask import Flask
from werkzeug.datastructures import Headers

from graph.acts.tenants import TenantKeys

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)

Json = dict[str, Any]


def address_of(name: str) -> str:
    """Return an address of its own for each name, since visitors at one address may match each other."""
    return str(ip_address("198.18.0.0") + zlib.crc32(name.encode()) % 2**17)


@dataclass
class Clock:
    """The server's clock. It stands still until a test moves it."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> datetime:
        """Move the clock on; takes the arguments of `timedelta`."""
        self.time += timedelta(**by)
        return self.time


@dataclass
class Answer:
    """An HTTP answer: status, body and headers."""

    status: int
    json: Any
    headers: Headers

    def __getitem__(self, name: str) -> Any:
        return self.json[name]


@dataclass(frozen=True)
class Done:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        [line] = self.out.splitlines()
        return json.loads(line)


@dataclass
class Api:
    """The service as one tenant uses it. Its pages call `init`, `track` and `identify`; its servers call `get`."""

    app: Flask
    keys: TenantKeys

    def post(
        self,
        path: str,
        body: Any,
        *,
        address: str = "203.0.113.7",
        agent: str = CHROME,
        secret: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Post as a page or, with `secret`, as a server, from an address behind one proxy."""
        key = {"Authorization": f"Bearer {self.keys.secret_key}"} if secret else {"X-Write-Key": self.keys.write_key}
        sent = {"X-Forwarded-For": address, "User-Agent": agent, **key, **(headers or {})}
        response = self.app.test_client().post(path, json=body, headers=sent)
        return Answer(response.status_code, response.get_json(silent=True), response.headers)

    def init(self, fingerprint: str | Json | None = None, *, expect: int = 200, **sent: Any) -> Answer:
        """Begin a session. `address`, `agent` and `secret` describe the client; other arguments are the body.

        Without `address`, each fingerprint gets an address of its own, since visitors at one address may match each
        other.
        """
        where = {name: sent.pop(name) for name in ("address", "agent", "secret") if name in sent}
        if isinstance(fingerprint, str):
            where.setdefault("address", address_of(fingerprint))
        collected = {"visitorId": fingerprint} if isinstance(fingerprint, str) else fingerprint
        body = {**({"fingerprint": collected} if collected else {}), **sent}
        return self._expect(expect, self.post("/eventTracking/init", body, **where))

    def track(self, session: Answer | str | None, name: str = "click", *, expect: int = 200, **sent: Any) -> Answer:
        """Record an event on a session."""
        where = {word: sent.pop(word) for word in ("address", "agent", "secret") if word in sent}
        body = {**self._session(session), "eventName": name, **sent}
        return self._expect(expect, self.post("/eventTracking/track", body, **where))

    def identify(self, session: Answer | str | None, user_id: Any, *, expect: int = 200, **sent: Any) -> Answer:
        """Log a user in on a session."""
        where = {word: sent.pop(word) for word in ("address", "agent", "secret") if word in sent}
        properties = {"userId": user_id, **sent.pop("properties", {})}
        body = {**self._session(session), "userProperties": properties, **sent}
        return self._expect(expect, self.post("/eventTracking/identify", body, **where))

    def get(self, *path: str, expect: int = 200, **query: Any) -> Answer:
        """Get as a server; takes the segments of a path under /api/v1, and a query."""
        response = self.app.test_client().get(
            "/api/v1/" + _path(path),
            query_string=query,
            headers={"Authorization": f"Bearer {self.keys.secret_key}"},
        )
        return self._expect(expect, Answer(response.status_code, response.get_json(silent=True), response.headers))

    def change(self, *path: str, expect: int = 200, key: str | None = None, **sent: Any) -> Answer:
        """Post as a server; takes the segments of a path under /api/v1, and the body. `key` is the Idempotency-Key."""
        return self._expect(expect, self.post("/api/v1/" + _path(path), sent, secret=True, headers=_once(key)))

    def remove(self, *path: str, expect: int | None = 204, key: str | None = None, **query: Any) -> Answer:
        """Delete as a server; takes the segments of a path under /api/v1, and a query.

        `key` is the Idempotency-Key. `expect=None` accepts any status.
        """
        response = self.app.test_client().delete(
            "/api/v1/" + _path(path),
            query_string=query,
            headers={"Authorization": f"Bearer {self.keys.secret_key}", **_once(key)},
        )
        return self._expect(expect, Answer(response.status_code, response.get_json(silent=True), response.headers))

    def put(self, *path: str, expect: int = 200, key: str | None = None, **sent: Any) -> Answer:
        """Put as a server; takes the segments of a path under /api/v1, and the body. `key` is the Idempotency-Key."""
        response = self.app.test_client().put(
            "/api/v1/" + _path(path),
            json=sent,
            headers={"Authorization": f"Bearer {self.keys.secret_key}", **_once(key)},
        )
        return self._expect(expect, Answer(response.status_code, response.get_json(silent=True), response.headers))

    def journey(self, *path: str, **query: Any) -> list[str]:
        """Return the event names of a whole journey, in order."""
        return [event["eventName"] for event in self.pages(*path, "journey", **query)]

    def pages(self, *path: str, **query: Any) -> list[Json]:
        """Return all items of a list, read page by page."""
        items: list[Json] = []
        cursor: Json = {}
        while True:
            page = self.get(*path, **query, **cursor)
            items += page["items"]
            if page["nextCursor"] is None:
                return items
            cursor = {"cursor": page["nextCursor"]}

    @staticmethod
    def _session(session: Answer | str | None) -> Json:
        if session is None:
            return {}
        return {"sessionId": session if isinstance(session, str) else session["sessionId"]}

    @staticmethod
    def _expect(status: int | None, answer: Answer) -> Answer:
        assert status in (None, answer.status), f"expected {status}, was answered {answer.status}: {answer.json}"
        return answer


def _once(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Idempotency-Key": key}


def _path(segments: tuple[str, ...]) -> str:
    return "/".join(quote(segment, safe="") for segment in segments)


@dataclass
class Graph:
    """The graph, read through Bolt without any of our own code."""

    driver: neo4j.Driver

    def empty(self) -> None:
        """Remove everything but the record of migrations."""
        self.driver.execute_query("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")

    def rows(self, query: LiteralString, **params: Any) -> list[Json]:
        """Run a query and return its rows."""
        return [record.data() for record in self.driver.execute_query(query, params).records]

    def count(self, label: str) -> int:
        """Count the nodes with a label."""
        [row] = self.rows("MATCH (n) WHERE $label IN labels(n) RETURN count(n) AS n", label=label)
        return int(row["n"])

    def edges(self, kind: str) -> set[tuple[str, str]]:
        """Return the relationships of a type, each as the keys of its ends."""
        found = self.rows("MATCH (a)-[r]->(b) WHERE type(r) = $kind RETURN a, b", kind=kind)
        return {(key(row["a"]), key(row["b"])) for row in found}


#: The properties that can name a node, the most specific first.
KEYS = ("user_id", "visitor_id", "jar_id", "event_id", "session_id", "hash", "band", "week", "address", "identity_id")


def key(node: Mapping[str, Any]) -> str:
    """Return the property that names a node."""
    return str(next(node[name] for name in KEYS if name in node))


def utc(text: str) -> datetime:
    """Parse a time on the wire."""
    return datetime.fromisoformat(text).astimezone(UTC)
