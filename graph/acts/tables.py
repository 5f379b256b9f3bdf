"""Export whole tables of a tenant: who belongs to whom, visits and events, without what is hidden from reads.

The rows come page by page, each page in a transaction of its own, so the memory that they take does not grow with the tenant.
What changes meanwhile may be in a table or not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from graph.acts import weigh
from graph.acts.candidates import AFTER_ALL
from graph.database import Database
from graph.model import Seen, Standing
from graph.rules import decay
from graph.rules.candidates import ACCEPTED, OPEN, REFUSED
from graph.rules.probable import Bound
from graph.rules.times import BEGINNING, END
from graph.store import candidates as offered
from graph.store import export as store
from graph.store import journeys
from graph.transaction import Transaction

#: How many tenures or relationships are read at once.
PAGE = 500
#: Of how many tenures events or sessions are read at once, and how many of each.
TENURES, OF_EACH = 50, 200

TableRow = dict[str, Any]
R = TypeVar("R")

#: What a table has of a client.
OF_CLIENT: Mapping[str, str] = MappingProxyType(
    {
        "address": "STRING",
        "browser": "STRING",
        "browser_version": "STRING",
        "os": "STRING",
        "device_class": "STRING",
        "country": "STRING",
        "region": "STRING",
        "city": "STRING",
    }
)
#: Whose a row is.
OF_OWNER: Mapping[str, str] = MappingProxyType(
    {"identity_id": "STRING", "user_id": "STRING", "belongs_by": "STRING", "belongs_confidence": "FLOAT"}
)


@dataclass(frozen=True)
class Tenure:
    """A tenure that reads may tell of, and whose it is now."""

    row: store.TenureRow
    standing: Standing

    def owner(self) -> TableRow:
        """Return whose the tenure is, as each of its rows has it."""
        standing = self.standing
        return {
            "identity_id": standing.person_id,
            "user_id": standing.user_id,
            "belongs_by": standing.method,
            "belongs_confidence": standing.confidence,
        }


def identities(database: Database, bound: Bound) -> Iterator[list[TableRow]]:
    """Yield the tenures, each with the identity that it belongs to."""
    for page in _tenures(database, bound):
        yield [
            {
                **tenure.owner(),
                "tenure_id": tenure.row.tenure_id,
                "visitor_id": tenure.row.visitor_id,
                "jar_id": tenure.row.jar_id,
                "kind": tenure.row.kind,
                "first_seen": tenure.row.first_seen,
                "last_seen": tenure.row.last_seen,
                "sessions": tenure.row.sessions,
                "events": tenure.row.events,
            }
            for tenure in page
        ]


def relationships(database: Database, bound: Bound) -> Iterator[list[TableRow]]:
    """Yield the relationships of users and visitors, each with its confidence now."""
    after = ("", "")
    while page := database.read(store.relationships, after_user=after[0], after_visitor=after[1], limit=PAGE):
        yield [
            {
                "user_id": row.user_id,
                "visitor_id": row.visitor_id,
                "confidence": decay.shown(row.rank, bound.at, bound.policy.relationship_half_life_days),
                "count": row.count,
                "source": row.source,
                "verified": row.verified,
                "first_seen": row.first_seen,
                "last_seen": row.last_seen,
            }
            for row in page
        ]
        after = (page[-1].user_id, page[-1].visitor_id)


def links(database: Database, bound: Bound) -> Iterator[list[TableRow]]:  # noqa: ARG001 - links do not depend on it
    """Yield the links of users, each with the identity that it gives both."""
    after = ""
    while page := database.read(store.links, after=after, limit=PAGE):
        rows: list[TableRow] = [
            {
                "identity_id": row.identity_id,
                "user_id": row.user_id,
                "linked_user_id": link.user_id,
                "since": link.since,
            }
            for row in page
            for link in sorted(row.links, key=lambda link: link.user_id)
        ]
        yield from (rows[first : first + PAGE] for first in range(0, len(rows), PAGE))
        after = page[-1].user_id


def candidates(database: Database, bound: Bound) -> Iterator[list[TableRow]]:  # noqa: ARG001 - each has its confidence
    """Yield the candidates that a list has, the open ones first, each with the two visitors."""
    for state in (OPEN, ACCEPTED, REFUSED):
        after = (1.0, AFTER_ALL)
        while page := database.read(offered.page, offered.CandidatesPlace(state, 0.0, *after, PAGE)):
            yield [
                {
                    "candidate_id": row.candidate_id,
                    "visitor_id": row.one_id,
                    "other_visitor_id": row.other_id,
                    "state": row.state,
                    "confidence": row.confidence,
                    "addresses": row.addresses,
                    "found_at": row.found_at,
                    "decided_at": row.decided_at,
                }
                for row in page
            ]
            after = (page[-1].confidence, page[-1].candidate_id)


def sessions(database: Database, bound: Bound) -> Iterator[list[TableRow]]:
    """Yield the sessions, each with the identity that its tenure belongs to."""

    def next_of(tx: Transaction, tenure_ids: Sequence[str], after: store.SessionRow | None) -> list[store.SessionRow]:
        rows = [{"tenure_id": tenure_id} for tenure_id in tenure_ids]
        return store.sessions(tx, rows=rows, after=after.session_id if after else "", limit=OF_EACH)

    for tenures, page in _of_tenures(database, bound, next_of, lambda row: row.session_id):
        yield [
            {
                **tenures[row.tenure_id].owner(),
                "session_id": row.session_id,
                **_place(tenures[row.tenure_id]),
                "started_at": row.started_at,
                "last_seen": row.last_seen,
                "events": row.events,
                "method": row.method,
                "confidence": row.confidence,
                "fingerprint": row.fingerprint,
                "page_url": row.page_url,
                "page_referrer": row.page_referrer,
                **_client(row.seen),
            }
            for row in page
        ]


def events(database: Database, bound: Bound) -> Iterator[list[TableRow]]:
    """Yield the events, each with the identity that its tenure belongs to."""

    def next_of(tx: Transaction, tenure_ids: Sequence[str], after: journeys.Event | None) -> list[journeys.Event]:
        place: tuple[datetime, str] = (after.at, after.event_id) if after else (BEGINNING, "")
        return journeys.page(tx, tenure_ids, after=place, until=END, limit=OF_EACH)

    for tenures, page in _of_tenures(database, bound, next_of, lambda row: (row.at, row.event_id)):
        yield [
            {
                **tenures[row.tenure_id].owner(),
                "event_id": row.event_id,
                "name": row.name,
                "at": row.at,
                "received_at": row.received_at,
                "session_id": row.session_id,
                **_place(tenures[row.tenure_id]),
                "page_url": row.page_url,
                "page_referrer": row.page_referrer,
                "page_title": row.page_title,
                **_client(row.seen),
                "properties": row.properties,
            }
            for row in page
        ]


@dataclass(frozen=True)
class Table:
    """A table: its columns with their types, as headers of queries name these, and what yields its pages."""

    types: Mapping[str, str]
    pages: Callable[[Database, Bound], Iterator[list[TableRow]]]


_PLACE = {"tenure_id": "STRING", "visitor_id": "STRING"}
_SEEN = {"first_seen": "ZONED DATETIME", "last_seen": "ZONED DATETIME"}
TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "identities": Table(
            {
                **OF_OWNER,
                **_PLACE,
                "jar_id": "STRING",
                "kind": "STRING",
                **_SEEN,
                "sessions": "INTEGER",
                "events": "INTEGER",
            },
            identities,
        ),
        "relationships": Table(
            {
                "user_id": "STRING",
                "visitor_id": "STRING",
                "confidence": "INTEGER",
                "count": "INTEGER",
                "source": "STRING",
                "verified": "BOOLEAN",
                **_SEEN,
            },
            relationships,
        ),
        "links": Table(
            {"identity_id": "STRING", "user_id": "STRING", "linked_user_id": "STRING", "since": "ZONED DATETIME"},
            links,
        ),
        "candidates": Table(
            {
                "candidate_id": "STRING",
                "visitor_id": "STRING",
                "other_visitor_id": "STRING",
                "state": "STRING",
                "confidence": "FLOAT",
                "addresses": "STRING",
                "found_at": "ZONED DATETIME",
                "decided_at": "ZONED DATETIME",
            },
            candidates,
        ),
        "sessions": Table(
            {
                **OF_OWNER,
                "session_id": "STRING",
                **_PLACE,
                "started_at": "ZONED DATETIME",
                "last_seen": "ZONED DATETIME",
                "events": "INTEGER",
                "method": "STRING",
                "confidence": "FLOAT",
                "fingerprint": "STRING",
                "page_url": "STRING",
                "page_referrer": "STRING",
                **OF_CLIENT,
            },
            sessions,
        ),
        "events": Table(
            {
                **OF_OWNER,
                "event_id": "STRING",
                "name": "STRING",
                "at": "ZONED DATETIME",
                "received_at": "ZONED DATETIME",
                "session_id": "STRING",
                **_PLACE,
                "page_url": "STRING",
                "page_referrer": "STRING",
                "page_title": "STRING",
                **OF_CLIENT,
                "properties": "STRING",
            },
            events,
        ),
    }
)


def _tenures(database: Database, bound: Bound) -> Iterator[list[Tenure]]:
    """Yield the tenures of which reads may tell, page by page; a page without those that are hidden may be short."""
    after = ""
    while True:
        rows, standings = database.read(_weighed, after, bound)
        if not rows:
            return
        yield [
            Tenure(row, standing)
            for row, standing in zip(rows, standings, strict=True)
            if standing is not None and standing.method != "hidden"
        ]
        after = rows[-1].tenure_id


def _weighed(tx: Transaction, after: str, bound: Bound) -> tuple[list[store.TenureRow], list[Standing | None]]:
    rows = store.identities(tx, after=after, limit=PAGE)
    weighed = weigh.weigh(tx, [row.resolved for row in rows], bound.policy)
    return rows, [
        resolved.shown(row.tenure_id, bound, row.hidden_ids) for row, resolved in zip(rows, weighed, strict=True)
    ]


def _of_tenures(
    database: Database,
    bound: Bound,
    next_of: Callable[[Transaction, Sequence[str], Any], list[Any]],
    key: Callable[[Any], Any],
) -> Iterator[tuple[Mapping[str, Tenure], list[Any]]]:
    """Yield what tenures have, in the order of its key; a tenure that has more than `OF_EACH` is read on alone."""
    for found in _tenures(database, bound):
        tenures = {tenure.row.tenure_id: tenure for tenure in found}
        ids = list(tenures)
        for start in range(0, len(ids), TENURES):
            page = database.read(next_of, ids[start : start + TENURES], None)
            yield tenures, page
            for tenure_id, count in Counter(row.tenure_id for row in page).items():
                more = [row for row in page if row.tenure_id == tenure_id] if count == OF_EACH else []
                while more:
                    more = database.read(next_of, [tenure_id], max(more, key=key))
                    if more:
                        yield tenures, more


def _place(tenure: Tenure) -> TableRow:
    return {"tenure_id": tenure.row.tenure_id, "visitor_id": tenure.row.visitor_id}


def _client(seen: Seen) -> TableRow:
    return {name: getattr(seen, name) for name in OF_CLIENT}
