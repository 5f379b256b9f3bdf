"""What the browsers and the servers of one tenant send, as bytes, with checks of what they are answered.

The bodies are those of the SDK: a fingerprint with its components, the page, a message id and the browser's clock. Each
visitor has an address of its own, as the proxy in front of the service would name it.
"""

import json
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle
from random import Random
from typing import Any

import orjson

from bench.population.people import Device, fingerprint, headers, make_world
from bench.throughput.load import Client, WrongAnswerError

PEOPLE = 400
HOT_ADDRESSES, HOT_USERS = 60, 20
PAGE = {"url": "https://shop.example/shoes/42?colour=red", "referrer": "https://search.example/", "title": "Shoes"}
PRODUCT = {"sku": "S-42-red", "name": "Shoes", "price": 79.9, "currency": "EUR", "quantity": 1, "inStock": True}
PROPERTIES = {"userId": "%(user)b", "email": "%(user)b@shop.example", "plan": "free"}
#: How many first logins lie between two of the same user, who has two devices.
SECOND_DEVICE = 201


@dataclass(frozen=True)
class Browser:
    """The calls of one kind of browser, with places for what differs from visitor to visitor."""

    first: bytes
    again: bytes
    event: bytes
    login: bytes

    @classmethod
    def of(cls, device: Device, keys: Mapping[str, str], now: str) -> "Browser":
        said = {name: keys[name] for name in ("tenantId", "writeKey")}
        sent = {"messageId": "%(message)b", "timestamp": now, "sentAt": now}
        taken = fingerprint(device, seed=1, updates=0)
        components: dict[str, Any] = dict(taken["components"])  # type: ignore[call-overload]
        components["canvas"] = {"value": {"winding": True, "geometry": "%(hash)b", "text": "%(hash)b"}}
        # Else a new visitor would be much like an earlier one with a device of the same model.
        components["fonts"] = {"value": [f"Font {number} of %(hash)b" for number in range(18)]}
        visit = {**said, "fingerprint": {**taken, "visitorId": "%(hash)b", "components": components}, "page": PAGE}
        event = {**said, "sessionId": "%(session)b", "eventName": "product_viewed", "properties": PRODUCT, "page": PAGE}
        login = {**said, "sessionId": "%(session)b", "userProperties": PROPERTIES}
        bodies = (visit, {**visit, "visitorToken": "%(token)b"}, event, login)
        paths = ("init", "init", "track", "identify")
        return cls(*(_posting(path, device, {**body, **sent}) for path, body in zip(paths, bodies, strict=True)))


def _posting(path: str, device: Device, body: Mapping[str, Any]) -> bytes:
    """Return the bytes of a call; `%(address)b` and the others are places, and the body's length is filled in later."""
    lines = [
        f"POST /eventTracking/{path} HTTP/1.1",
        "Host: id.shop.example",
        *(f"{name}: {value}" for name, value in headers(device, 0).items()),
        "Content-Type: application/json",
        "Origin: https://shop.example",
        "X-Forwarded-For: %(address)b",
        "Content-Length: %(length)d",
    ]
    return "\r\n".join([*lines, "", json.dumps(body)]).encode()


@dataclass(frozen=True)
class Visit:
    """A visitor who came: what it sent, and what it was answered."""

    browser: Browser
    values: Mapping[bytes, bytes]
    visitor: str

    def request(self, template: bytes, **more: str) -> bytes:
        return _filled(template, {**self.values, **{name.encode(): value.encode() for name, value in more.items()}})


@dataclass
class Traffic:
    """The traffic of one tenant. Its clients share what they were answered: later ones come back as earlier ones."""

    keys: Mapping[str, str]
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - made to be the same again
    #: Every visit so far, those that no user is known for yet, and the users who are.
    visits: list[Visit] = field(default_factory=list)
    anonymous: deque[Visit] = field(default_factory=deque)
    users: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        devices = (one for one in make_world(Random(1), seed=1, people=PEOPLE).devices() if one.kind != "crawler")  # noqa: S311
        self._browsers = cycle([Browser.of(device, self.keys, now) for device in devices])
        self._addresses, self._numbers = _addresses(), count()

    def visiting(self) -> Client:
        """A visitor comes for the first time, then one of before comes back with its token, and so on."""
        while True:
            yield from self._new(next(self._addresses))
            yield from self._return(self.random.choice(self.visits))

    def tracking(self) -> Client:
        """Visitors of before send events."""
        while True:
            yield from self._event(self.random.choice(self.visits))

    def identifying(self) -> Client:
        """A visitor who is new logs in, then says so once more, and so on until all visitors have logged in."""
        while self.anonymous:
            visit, number = self.anonymous.popleft(), next(self._numbers)
            user = f"user-{number - SECOND_DEVICE if number % 2 and number > SECOND_DEVICE else number}"
            yield from self._login(visit, user)
            self.users.append(user)
            yield from self._login(visit, user)

    def reading_visitors(self) -> Client:
        """A server asks for visitors."""
        while True:
            visitor = self.random.choice(self.visits).visitor
            answer = orjson.loads((yield self._reading(f"visitors/{visitor}")))
            _require(answer["visitorId"] == visitor, answer)

    def reading_users(self) -> Client:
        """A server asks for the visitors of users."""
        while True:
            answer = orjson.loads((yield self._reading(f"users/{self.random.choice(self.users)}/visitors")))
            _require(len(answer["items"]) > 0, answer)

    def crowding(self) -> Client:
        """Visits, returns, events and logins at a few addresses and as a few users."""
        while True:
            yield from self._new(f"20.255.255.{self.random.randrange(HOT_ADDRESSES)}".encode())
            visit = self.anonymous.pop()
            yield from self._return(visit)
            yield from self._event(visit)
            yield from self._login(visit, f"hot-{self.random.randrange(HOT_USERS)}")

    def _new(self, address: bytes) -> Client:
        browser = next(self._browsers)
        values = {b"hash": uuid.uuid4().hex.encode(), b"address": address}
        answer = orjson.loads((yield _filled(browser.first, values)))
        _require(answer["isNewVisitor"], answer)
        values |= {b"token": answer["visitorToken"].encode(), b"session": answer["sessionId"].encode()}
        visit = Visit(browser, values, answer["visitorId"])
        self.visits.append(visit)
        self.anonymous.append(visit)

    def _return(self, visit: Visit) -> Client:
        answer = orjson.loads((yield visit.request(visit.browser.again)))
        _require(answer["match"]["method"] == "token" and answer["visitorId"] == visit.visitor, answer)

    def _event(self, visit: Visit) -> Client:
        answer = orjson.loads((yield visit.request(visit.browser.event)))
        _require(answer["visitorId"] == visit.visitor and not answer["duplicate"], answer)

    def _login(self, visit: Visit, user: str) -> Client:
        answer = orjson.loads((yield visit.request(visit.browser.login, user=user)))
        _require(answer["userId"] == user and not answer["duplicate"], answer)

    def _reading(self, path: str) -> bytes:
        head = f"GET /api/v1/{path} HTTP/1.1\r\nHost: id.shop.example\r\nAuthorization: Bearer {self.keys['secretKey']}"
        return f"{head}\r\n\r\n".encode()


def doing_nothing(path: str) -> Client:
    """A client of an endpoint that does nothing."""
    while True:
        answer = yield f"GET {path} HTTP/1.1\r\nHost: id.shop.example\r\n\r\n".encode()
        _require(b"live" in answer, answer)


def _filled(template: bytes, values: Mapping[bytes, bytes]) -> bytes:
    """Fill in a call's places. The length of the body is known only then."""
    head, end, body = template.partition(b"\r\n\r\n")
    body %= {**values, b"message": str(uuid.uuid4()).encode()}
    return head % {**values, b"length": len(body)} + end + body


def _addresses() -> Iterator[bytes]:
    """Yield public addresses, each once."""
    for number in range(1 << 24):
        yield f"20.{number >> 16}.{number >> 8 & 255}.{number & 255}".encode()


def _require(is_right: bool, answer: object) -> None:  # noqa: FBT001 - a condition
    if not is_right:
        raise WrongAnswerError(f"not what was expected: {str(answer)[:500]}")
