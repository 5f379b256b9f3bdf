"""Calls with anything: made from our own OpenAPI document, aimed at what earlier answers named, and then checked."""

import contextlib
import gzip
import json
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import hypothesis
import schemathesis
from flask import Flask
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from app.json_body import GZIP_MEMBERS_MAX
from tests.world import CHROME, IPHONE, Clock

Operation = APIOperation[Any, Any, Any, Any]
Made = Case[Any]

#: What a name on the wire or in a path names. Of the rest, each name is a kind of its own.
ALIASES: Mapping[str, str] = {
    "user_id": "userId",
    "visitor_id": "visitorId",
    "into": "visitorId",
    "subject": "visitorId",
    "session_id": "sessionId",
    "identity_id": "identityId",
    "erasure_id": "erasureId",
    "jar": "jarId",
    "tenure": "tenureId",
    "nextCursor": "cursor",
    "visitorToken": "visitorToken",
}
#: The kinds whose values are taken from answers and aimed at.
KINDS = ("userId", "visitorId", "sessionId", "identityId", "erasureId", "jarId", "tenureId", "cursor", "visitorToken")
#: Some values that nothing has answered, but that many calls may share.
SHARED: Mapping[str, Sequence[str]] = {
    "userId": [f"user-{number}" for number in range(8)],
    "anonymousId": [f"anonymous-{number}" for number in range(6)],
    "messageId": [f"message-{number}" for number in range(40)],
    "Idempotency-Key": [f"key-{number}" for number in range(20)],
    "fingerprint": [f"fingerprint-{number}" for number in range(4)],
}
KNOWN_MAX = 60
ADDRESSES = ("198.51.100.1", "198.51.100.2", "198.51.100.3", "2001:db8::1", "junk", "")
CONTENT_TYPES = ("text/plain", "application/xml", "application/json; charset=utf-16", "", "application/merge+json")


@dataclass(frozen=True)
class Wrong:
    """An answer that is not as it should be, and the call that it answered."""

    call: str
    key: str
    status: int
    why: str
    sent: str

    def __str__(self) -> str:
        return f"{self.call} with {self.key}: {self.status}, {self.why}\n    {self.sent}"


@dataclass
class Fuzz:
    """Calls of all operations with all keys, one after the other, on one graph.

    Args:
        app: The service.
        keys: The headers of each kind of key. The kinds `none` and `wrong` open nothing.
        clock: The service's clock. It moves on between calls.
        seed: Two runs with one seed make the same calls up, until an answer differs.
    """

    app: Flask
    keys: Mapping[str, Mapping[str, str]]
    clock: Clock
    seed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[Wrong] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - it keeps no secret
        document: Any = schemathesis.openapi.from_wsgi("/openapi.json", self.app)
        self.operations: list[Operation] = [found.ok() for found in document.get_all_operations()]
        self.known: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=KNOWN_MAX))
        for kind, values in SHARED.items():
            self.known[kind].extend(values)
        self.bodies: dict[str, deque[Any]] = defaultdict(lambda: deque(maxlen=KNOWN_MAX))

    def round(self, examples: int) -> None:
        """Call each operation with so many valid inputs and as many invalid ones, in any order.

        Every second call has a key that may open it, the rest have all kinds in turn.
        """
        calls = [
            (case, self._key(case.operation, place))
            for operation in self.operations
            for place, case in enumerate(self._cases(operation, examples))
        ]
        self.chance.shuffle(calls)
        for case, key in calls:
            self._call(case, key)

    def _key(self, operation: Operation, place: int) -> str:
        if place % 2 == 0:
            return "write" if "/eventTracking/" in operation.path and self.chance.random() < 0.5 else "secret"
        return list(self.keys)[place // 2 % len(self.keys)]

    def _cases(self, operation: Operation, examples: int) -> Iterator[Made]:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            yield from self._made(operation.as_strategy(generation_mode=mode), examples)

    def _made(self, strategy: SearchStrategy[Made], examples: int) -> list[Made]:
        """Only make the calls up: a call that is made twice, as Hypothesis does to explain a failure, is another call."""
        made: list[Made] = []

        @hypothesis.seed(self.chance.getrandbits(32))
        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(strategy)
        def collect(case: Made) -> None:
            made.append(case)

        # An operation that takes nothing has no invalid input.
        with contextlib.suppress(Unsatisfiable):
            collect()
        return made

    def _call(self, case: Made, key: str) -> None:
        operation = case.operation
        self._aim(case)
        headers = {
            "User-Agent": self.chance.choice((CHROME, IPHONE, "curl/8", "")),
            "X-Forwarded-For": self.chance.choice(ADDRESSES),
            **self.keys[key],
        }
        if self.chance.random() < 0.03:
            headers["Content-Type"] = self.chance.choice(CONTENT_TYPES)
        for name in _KEY_HEADERS & case.headers.keys():
            del case.headers[name]
        sent = {"headers": headers, **self._mangled(case)}
        response = case.call(**sent)
        self.statuses[response.status_code] += 1
        why = [*self._wrongs(case, key, response)]
        if why:
            shown = f"{case.formatted_path} {case.query} {case.headers} {_short(case.body)} {_short(sent)}"
            answered = _short(response.text)
            self.wrong.append(
                Wrong(operation.label, key, response.status_code, "; ".join(why), f"{shown}\n    {answered}")
            )
        if response.content and response.headers.get("content-type") == ["application/json"]:
            self._learn(response.json())
        if isinstance(case.body, dict):
            self.bodies[operation.path].append(case.body)
        self.clock.forward(seconds=self.chance.choice((0, 0.001, 1, 60, 2000)))

    def _wrongs(self, case: Made, key: str, response: Response) -> Iterator[str]:
        documented = case.operation.definition.raw["responses"]
        if str(response.status_code) not in documented:
            yield "a status that the document does not have for this call"
        if key in {"none", "wrong"} and response.status_code < 300 and case.operation.definition.raw.get("security"):
            yield "answered without a key"
        checks: list[Any] = [not_a_server_error, content_type_conformance, response_schema_conformance]
        if response.status_code in {413, 500}:
            checks = checks[:2]
        try:
            case.validate_response(response, checks=checks)
        except (FailureGroup, AssertionError) as failures:
            for failure in getattr(failures, "exceptions", [failures]):
                yield " ".join(str(failure).split())[:600]

    def _aim(self, case: Made) -> None:
        """Name what there is, mostly."""
        for name, value in case.path_parameters.items():
            known = self._one(name, None, 0.8)
            case.path_parameters[name] = value if known is None else quote(known, safe="")
        for name in case.query:
            case.query[name] = self._one(name, case.query[name], 0.5)
        for name in case.headers:
            case.headers[name] = self._one(name, case.headers[name], 0.5)
        if "about" in case.query and self.chance.random() < 0.7:
            kind = self.chance.choice(("user", "visitor"))
            case.query["about"] = f"{kind}:{self._one(f'{kind}Id', 'nobody', 1)}"
        if isinstance(case.body, dict):
            case.body = {name: self._aimed(name, value) for name, value in case.body.items()}
            case.body |= self._added(case.operation.path)

    def _added(self, path: str) -> Mapping[str, Any]:
        """Return fields that make a call of this path more likely to do something."""
        names = ("sessionId", "visitorToken", "anonymousId", "userId", "into", "jar", "messageId", "visitorId")
        added: dict[str, Any] = {name: self._one(name, "", 1) for name in names if self.chance.random() < 0.3}
        if path == "/eventTracking/identify" and self.chance.random() < 0.7:
            added["userProperties"] = {"userId": self._one("userId", "", 1)}
        if path.startswith("/eventTracking/") and self.chance.random() < 0.4:
            added["fingerprint"] = {"visitorId": self._one("fingerprint", "", 1)}
        if path == "/eventTracking/batch" and self.chance.random() < 0.8:
            kinds = self.chance.choices(("track", "identify", "collect", "init"), k=self.chance.randrange(8))
            added["events"] = [{**self._body(f"/eventTracking/{kind}"), "type": kind} for kind in kinds]
        if path == "/api/v1/relationships/batch" and self.chance.random() < 0.8:
            added["relationships"] = [self._item() for _ in range(self.chance.randrange(8))]
        return added

    def _item(self) -> Any:
        """Return an item of a batch of relationships."""
        do = self.chance.choice(("put", "delete", "merge", "split", "visibility", "get", "visitors", "users", "other"))
        path = "/api/v1/users/{user_id}/visitors/{visitor_id}"
        of = {"merge": "/api/v1/visitors/{visitor_id}/merge", "split": "/api/v1/visitors/{visitor_id}/split"}
        body = self._body(of.get(do, f"{path}/visibility" if do == "visibility" else path))
        named = {name: self._one(name, "", 1) for name in ("userId", "visitorId") if self.chance.random() < 0.9}
        return {"confidence": self.chance.choice((0, 50, 99.9, 101, "x")), **body, **named, "do": do}

    def _body(self, path: str) -> Any:
        return dict(self.chance.choice(self.bodies[path])) if self.bodies[path] else {}

    def _aimed(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {inner: self._aimed(inner, held) for inner, held in value.items()}
        return self._one(name, value, 0.5)

    def _one(self, name: str, value: Any, likely: float) -> Any:
        values = self.known[ALIASES.get(name, name)]
        return self.chance.choice(values) if values and self.chance.random() < likely else value

    def _learn(self, answered: Any) -> None:
        if isinstance(answered, dict):
            for name, value in answered.items():
                kind = ALIASES.get(name, name)
                # An empty part of a path is lost on the way to the service.
                if kind in KINDS and isinstance(value, str) and value not in {"", *self.known[kind]}:
                    self.known[kind].append(value)
                self._learn(value)
        elif isinstance(answered, list):
            for value in answered:
                self._learn(value)

    def _mangled(self, case: Made) -> Mapping[str, Any]:
        """Return what to send in place of the body, mostly nothing."""
        if not isinstance(case.body, dict | list) or self.chance.random() < 0.9:
            return {}
        body = json.dumps(case.body).encode()
        cut = body[: self.chance.randrange(len(body))]
        packed = gzip.compress(body)
        return self.chance.choice(
            (
                {"data": cut},
                {"data": body + body},
                {"data": bytes(byte ^ (self.chance.random() < 0.05) for byte in body)},
                {"data": b"[" * self.chance.randrange(5000)},
                {"data": packed[: self.chance.randrange(len(packed))]},
                {"data": gzip.compress(b"{}") * (GZIP_MEMBERS_MAX + 1)},
            )
        )


_KEY_HEADERS = frozenset({"Authorization", "X-Write-Key"})


def _short(value: Any) -> str:
    return repr(value)[:1500]
