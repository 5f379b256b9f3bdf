"""What gives each visit an id: the service, by its acts or through HTTP, and simple rules to compare it with."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.accuracy.drift import Shown, Visit
from bench.service import Service
from graph.acts import init
from graph.acts.arrival import Arrival
from graph.acts.later import only
from graph.database import Database
from graph.model import Fingerprint, Method, NewIds, Observed, Page
from graph.rules.policy import Policy
from graph.store.messages import canonical

#: All browsers are Chrome on Windows.
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
#: Gives a visit an id.
Linker = Callable[[Visit], str]


def exact() -> Linker:
    """Return the seeds' first rule: whoever has the fingerprint's hash is the same."""
    ids: dict[str, str] = {}
    return lambda visit: ids.setdefault(visit.shown.hash, str(len(ids)))


def stable() -> Linker:
    """Return a rule that compares what seldom changes, all of it: languages, canvas, card and system."""
    ids: dict[tuple[str, ...], str] = {}
    names = ("os", "browser", "platform", "language", "canvas", "vendor", "renderer")
    return lambda visit: ids.setdefault(tuple(str(visit.shown.attributes.get(name)) for name in names), str(len(ids)))


@dataclass(frozen=True)
class Said:
    """How a visit was recognised: by which method, how surely, 0–1, and whether the visitor is that of its browser."""

    method: str
    confidence: float
    is_right: bool


def acts(database: Database, policy: Policy, said: list[Said] | None = None) -> Linker:
    """Return the service's own `init`, without HTTP. The address proves nothing, and no visit brings a token.

    `said` gets how each visit was recognised. A visitor is the browser's that it began with.
    """
    founders: dict[str, str] = {}

    def link(visit: Visit) -> str:
        begun = only(database.write(init.act, [_command(visit, policy)]))
        founder = founders.setdefault(begun.visitor_id, visit.shown.browser)
        if said is not None and not begun.is_new_visitor:
            said.append(Said(begun.match.method.value, begun.match.confidence, founder == visit.shown.browser))
        return begun.visitor_id

    return link


def http(service: Service) -> Linker:
    """Return the service's own `init`, as a page calls it."""
    connection = service.connection()

    def link(visit: Visit) -> str:
        body = {
            "fingerprint": {"visitorId": visit.shown.hash, "components": components(visit.shown)},
            "timestamp": datetime.fromtimestamp(visit.at, UTC).isoformat(),
        }
        agent = AGENT.format(version=visit.shown.attributes["version"][0])
        return str(service.post(connection, "/eventTracking/init", body, agent=agent)["visitorId"])

    return link


def components(shown: Shown) -> dict[str, object]:
    """Return the attributes as FingerprintJS wraps them; what the user agent says is no component."""
    return {
        name: {"value": value} for name, value in shown.attributes.items() if name not in {"browser", "os", "version"}
    }


def _command(visit: Visit, policy: Policy) -> init.Init:
    at = datetime.fromtimestamp(visit.at, UTC)
    attributes = visit.shown.attributes
    return init.Init(
        Arrival(
            at=at,
            received_at=at + timedelta(milliseconds=1),
            observed=Observed(
                None, False, attributes["browser"], str(attributes["version"][0]), attributes["os"], "desktop"
            ),
            page=Page(),
            trusted=False,
            actor="bench",
            policy=policy,
            ids=NewIds(lambda: str(uuid.uuid4())),
        ),
        message=None,
        jar_id=f"jar_{uuid.uuid4()}",
        jar_kind="issued",
        jar_method=Method.NEW,
        fingerprint=Fingerprint(visit.shown.hash, None, canonical(components(visit.shown))),
        user_id=None,
        reset=False,
        consent=True,
    )
