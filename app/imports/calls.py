"""Make the calls that rows of a file stand for, as `POST /eventTracking/batch` makes them for a server."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask, g, has_app_context

from app import context
from app.calls import batch
from app.calls.arrival import observe
from app.config import Settings
from app.context import Caller
from app.enrichment.client_ip import UNKNOWN, client_ip
from app.factory import create_app
from app.imports.open_sessions import OpenSessions
from app.imports.rows import Row
from app.schemas.imported import BadRow, Imported, imported
from graph.acts import tenants
from graph.acts.tenants import Key, TenantSettings
from graph.database import Database
from graph.model import Observed
from graph.rules import times
from graph.rules.identifiers import in_case, kept_id
from graph.store import users
from graph.transaction import Transaction

NAME = "import"
#: How long a group of rows may take at least: nobody waits for a row, as callers wait for a call.
SECONDS = 60
#: A request from nowhere: the parts of a call look for their caller, its policy and the settings in a request.
ENVIRON = {
    "REQUEST_METHOD": "POST",
    "PATH_INFO": "/",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "wsgi.url_scheme": "http",
}


@dataclass(frozen=True)
class Rejected:
    """A row that is no event or was refused, and what to change; `code` is as in errors of calls."""

    line: int
    code: str
    fix: str
    row: Any


@dataclass
class Done:
    """How many rows were imported, how many of these were there already, and which were rejected."""

    imported: int = 0
    repeated: int = 0
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True)
class Loaded:
    """A row with the call that it stands for, or why it stands for none.

    `previous_id` is what an alias takes for a browser, which must be none of the users when the call is made.
    """

    row: Row
    item: batch.Item | BadRow
    previous_id: str | None = None


def _moment() -> datetime:
    """Return the time of the row that is being loaded, which is the clock of its call."""
    return cast("datetime", g.moment) if has_app_context() and "moment" in g else times.BEGINNING


class Calls:
    """The calls of one tenant's import.

    Each row arrives at its own time, with its own address and browser. So evidence, sessions and half-lives are as they
    would be if the service had run then. The caller is as trusted as a server of the tenant.
    """

    def __init__(self, settings: Settings, database: Database, tenant: str, clock: Callable[[], datetime]) -> None:
        """Prepare calls for a tenant.

        Raises:
            NotFound: There is no such tenant.
        """
        row = tenants.tenant(database, tenant)
        self._clock = clock
        settings = replace(settings, call_seconds=max(SECONDS, settings.call_seconds))
        self._app: Flask = create_app(settings, database, clock=_moment)
        self._key = Key(
            tenant,
            NAME,
            "secret",
            None,
            TenantSettings.from_json(row.settings),
            tenants.policy(database, tenant),
            (),
        )

    def load(self, rows: Sequence[Row], shape: str | None) -> list[Loaded]:
        """Return the calls that rows stand for. Nothing is read from the graph, so rows can be loaded before others' turn."""
        with self._request():
            return [self._loaded(row, shape) for row in rows]

    def make(self, rows: Sequence[Loaded]) -> Done:
        """Make the calls of rows, in their order; each row alone succeeds or is rejected.

        Raises:
            GraphUnavailable: Neo4j does not answer. Some rows may be done, and a repeat does them no second time.
            GraphTimeout: A transaction took too long.
        """
        done = Done()
        with self._request():
            ready: list[tuple[Row, batch.Item]] = []
            sessions = OpenSessions(self._key.policy)
            for loaded in rows:
                row, item = loaded.row, loaded.item
                try:
                    if isinstance(item, BadRow):
                        raise item
                    if loaded.previous_id is not None:
                        # The user may be one of the rows before.
                        _make(sessions, ready, done)
                        ready = []
                        self._require_browser(loaded.previous_id)
                except BadRow as error:
                    done.rejected.append(Rejected(row.line, "invalid_request", str(error), row.text or row.said))
                else:
                    ready.append((row, item))
            _make(sessions, ready, done)
        done.rejected.sort(key=lambda rejected: rejected.line)
        return done

    @contextmanager
    def _request(self) -> Iterator[None]:
        """A request of the import's caller, as the parts of a call expect one."""
        with self._app.request_context(ENVIRON):
            g.key, g.caller = self._key, Caller(self._key.tenant, NAME, "secret", job=NAME)
            yield

    def _loaded(self, row: Row, shape: str | None) -> Loaded:
        try:
            found = self._imported(row, shape)
        except BadRow as error:
            return Loaded(row, error)
        return Loaded(row, self._load(found, has_halves=row.has_halves), found.previous_id)

    def _imported(self, row: Row, shape: str | None) -> Imported:
        if row.why is not None:
            raise BadRow(row.why)
        found = imported(row.said, shape)
        if times.is_ahead(found.at, None, self._clock()):
            raise BadRow("timestamp: it is in the future")
        return found

    def _load(self, found: Imported, *, has_halves: bool) -> batch.Item:
        g.moment = found.at
        address = client_ip(found.address, None, 0)
        has_client = address != UNKNOWN or found.agent is not None
        g.observed = (
            observe(None if address == UNKNOWN else address, found.agent or "", {}) if has_client else Observed()
        )
        g.json_body_has_halves = has_halves
        return batch.load(found.item, {})

    def _require_browser(self, previous_id: str) -> None:
        """Check that what an alias takes for a browser is none of the tenant's users.

        Raises:
            BadRow: It is one.
        """
        user_id = in_case(kept_id(previous_id), self._key.policy.user_id_case)
        if context.graph().read(_is_user, user_id):
            raise BadRow(f"alias: {user_id} is a user, so these are two accounts: link them with `python -m app link`")


def _make(sessions: OpenSessions, ready: Sequence[tuple[Row, batch.Item]], done: Done) -> None:
    results = sessions.run([item for _, item in ready])
    for (row, _), result in zip(ready, results, strict=True):
        if _is_problem(result):
            done.rejected.append(Rejected(row.line, result["code"], _fix(result), row.said))
        else:
            done.imported += 1
            done.repeated += bool(result.get("duplicate"))


def _is_user(tx: Transaction, user_id: str) -> bool:
    return bool(users.find(tx, user_id=user_id))


def _is_problem(result: dict[str, Any]) -> bool:
    return "requestId" in result


def _fix(problem: dict[str, Any]) -> str:
    """Return what is wrong with a row, field by field if the problem tells that."""
    said = list(_said(problem.get("errors") or {}))
    return "; ".join(said) or str(problem["detail"])


def _said(errors: Any, path: str = "") -> Any:
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from _said(inner, name if name == "_schema" or not path else f"{path}.{name}")
    elif isinstance(errors, list):
        for inner in errors:
            yield from _said(inner, path)
    else:
        yield f"{path}: {errors}" if path and path != "_schema" else str(errors)


def now() -> datetime:
    """Return the machine's time, in UTC."""
    return datetime.now(UTC)
