"""Export a person: everything that the graph has about a user, or about a visitor with all visitors merged with it.

The lines come page by page, each page in a transaction of its own, so the memory that it takes does not grow with the
person. What changes meanwhile may be in an export or not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.acts.erase import Person, is_named, not_found
from graph.acts.warnings import TEXT_CHARACTERS_MAX
from graph.database import Database
from graph.rules.policy import Policy
from graph.rules.times import BEGINNING, END
from graph.store import audit
from graph.store import export as store
from graph.transaction import Transaction

#: How many events, sessions or entries are read at once.
PAGE = 500


@dataclass(frozen=True)
class ExportLine:
    """One thing about a person: what it is, such as `event`, and what the graph says of it."""

    what: str
    said: Mapping[str, Any]


def act(database: Database, kind: Person, subject_id: str, policy: Policy) -> Iterator[ExportLine]:
    """Return the lines about a person. The person is looked for at once, all else when it is asked for.

    Raises:
        NotFound: There is no such user or visitor.
    """
    if kind == "user":
        found = database.read(store.user, user_id=subject_id)
    else:
        found = database.read(store.visitors, visitor_id=subject_id)
    if not found and not (kind == "user" and database.read(is_named, subject_id, policy)):
        raise not_found(kind)
    return _lines(database, kind, subject_id, found)


def _lines(database: Database, kind: Person, subject_id: str, found: list[store.JoinedLine]) -> Iterator[ExportLine]:
    for joined in found:
        yield ExportLine(kind, joined.said)
        yield from (ExportLine("relationship", edge) for edge in joined.edges)
    hashes: set[str] = set()
    for line in _tenures(database, kind, subject_id):
        if line.what in {"session", "collection"}:
            hashes.add(line.said.get("fingerprint", ""))
        yield line
    yield from _nodes("fingerprint", database.read(store.fingerprints, hashes=sorted(hashes)))
    if kind == "user":
        yield from _nodes("event", database.read(store.logins, user_id=subject_id))
    for subject in {subject_id, *(joined.said.get("visitor_id", subject_id) for joined in found)}:
        yield from (ExportLine("audit", vars(entry)) for entry in _audit(database, f"{kind}:{subject}"))
        yield from _nodes("warning", database.read(store.warnings, subject=subject[:TEXT_CHARACTERS_MAX]))


def _nodes(kind: str, found: list[store.NodeLine]) -> Iterator[ExportLine]:
    return (ExportLine(kind, node.said) for node in found)


def _tenures(database: Database, kind: Person, subject_id: str) -> Iterator[ExportLine]:
    after: str | None = ""
    while after is not None:
        page = database.read(
            store.tenures,
            user_id=subject_id if kind == "user" else None,
            server_jar_id=f"server:{subject_id}" if kind == "user" else None,
            until=END,
            visitor_id=subject_id if kind == "visitor" else None,
            after=after,
            limit=PAGE,
        )
        for row in page:
            ids = {"jar_id": row.jar["jar_id"], "visitor_id": row.visitor["visitor_id"]}
            yield ExportLine("jar", {**row.jar, "visitor_id": ids["visitor_id"]})
            yield ExportLine("tenure", {**row.tenure, **ids})
            yield from (ExportLine("relationship", {**edge, "tenure_id": row.tenure_id}) for edge in row.edges)
            yield from _visits(database, row.tenure_id)
            yield from _events(database, row.tenure_id)
        after = page[-1].tenure_id if len(page) == PAGE else None


def _visits(database: Database, tenure_id: str) -> Iterator[ExportLine]:
    after: str | None = ""
    while after is not None:
        page = database.read(store.visits, tenure_id=tenure_id, after=after, limit=PAGE)
        for row in page:
            kind = "session" if "session_id" in row.said else "collection"
            yield ExportLine(kind, {**row.said, "tenure_id": tenure_id})
        after = page[-1].visit_id if len(page) == PAGE else None


def _events(database: Database, tenure_id: str) -> Iterator[ExportLine]:
    after: tuple[datetime, str] | None = (BEGINNING, "")
    while after is not None:
        page = database.read(store.events, tenure_id=tenure_id, after_at=after[0], after_id=after[1], limit=PAGE)
        yield from (ExportLine("event", {**row.said, "session_id": row.session_id}) for row in page)
        after = (page[-1].at, page[-1].event_id) if len(page) == PAGE else None


def _audit(database: Database, subject: str) -> Iterator[audit.Entry]:
    before: tuple[datetime, str] | None = (END, "")
    while before is not None:
        page = database.read(_audit_page, subject, before)
        yield from page
        before = (page[-1].at, page[-1].entry_id) if len(page) == PAGE else None


def _audit_page(tx: Transaction, subject: str, before: tuple[datetime, str]) -> list[audit.Entry]:
    return list(audit.page(tx, subject, since=BEGINNING, before=before, limit=PAGE))
