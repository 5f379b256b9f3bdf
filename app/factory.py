"""Create the WSGI application."""

import functools
import importlib
import json
import logging
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import uuid6
from flask import Flask, Request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import NullSession, SessionInterface

import migrations
from app import cors, errors, logs, metrics, openapi, paths, refusals, routes, security
from app.cli.tenants import tenants
from app.config import Settings, secret_key
from app.context import Service
from app.enrichment.geo import Geo
from app.grouped import Grouped
from app.key_ring import KeyRing
from app.rate_limits import RateLimits
from app.readiness import Progress, Readiness
from graph import database as databases
from graph import groups, queries
from graph.database import Database
from graph.errors import GraphTimeout, GraphUnavailable

logger = logging.getLogger("whograph")

#: How long the start waits for Neo4j. A connection that gets no answer at all would delay it by 10 s.
START_SECONDS = 5.0


class NoSessions(SessionInterface):
    """Gives every request the same empty session: nothing here uses one."""

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002
        """Return the empty session."""
        return NO_SESSION


NO_SESSION = NullSession()


class Json(DefaultJSONProvider):
    """Writes answers as Flask does, by an encoder that is made once."""

    sort_keys = False
    compactly = staticmethod(json.JSONEncoder(default=DefaultJSONProvider.default, separators=(",", ":")).encode)

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return JSON text; without blanks, as answers are, it is made in half the time."""
        return self.compactly(obj) if kwargs == {"separators": (",", ":")} else super().dumps(obj, **kwargs)


class Door(Flask):
    """A Flask application without asynchronous views and without sessions."""

    session_interface = NoSessions()
    json_provider_class = Json

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: asking whether it is a coroutine took 2 µs for each of a dozen a request."""
        return func


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_id: Callable[[], str] = lambda: str(uuid6.uuid7()),
    rehearse: Callable[[Progress], None] | None = None,
    door: Flask | None = None,
) -> Flask:
    """Create the WSGI application, on a database that may not answer yet.

    Its routes are made by `new_door`, unless an application is given that may be furnished anew.

    If Neo4j does not answer, the service starts all the same. It is live but not ready, and makes the schema check
    before it serves any call. With a rehearsal, it begins in a thread, and the service is ready once it has passed.

    Raises:
        BadGeoData: A file is not a database of addresses.
        SchemaOutOfDate: Neo4j answers and lacks a migration, a constraint or an index.
        MigrationRefused: Neo4j answers, and its history of migrations disagrees with the files.
    """
    app = door or new_door()
    app.config["MAX_CONTENT_LENGTH"] = settings.max_batch_bytes
    key = secret_key(settings)
    database = database.within(settings.call_seconds)
    service = Service(
        settings=settings,
        database=database,
        secret_key=key,
        clock=clock,
        new_id=new_id,
        key_ring=KeyRing(database, clock),
        readiness=Readiness(functools.partial(migrations.check_schema, database), rehearse, database.silent_seconds),
        rate_limits=RateLimits(settings, key),
        grouped=Grouped.of(settings.group_size_max),
        geo=Geo.open(settings.geoip_city_db, settings.geoip_asn_db, settings.cache_dir),
    )
    app.extensions["whograph"] = service
    for name, files in (("geo", service.geo.cities), ("asn", service.geo.networks)):
        if not files:
            logger.info("%s is null for lack of a database of addresses: python -m app geoip fetch", name)
    queries.observe = metrics.query
    groups.observe = metrics.group
    databases.observe_failure = metrics.failed_try
    try:
        service.readiness.check(START_SECONDS)
    except (GraphUnavailable, GraphTimeout):
        logger.warning("Neo4j does not answer yet; nothing is served until it does")
    if rehearse is not None:
        database.when_away.append(service.readiness.lose)
        service.readiness.keep(database.verify)
    return app


def new_door() -> Flask:
    """Return an application with all routes and no service behind them. Documenting the routes takes most of 70 ms."""
    app = Door(__name__)
    # The part registered first sees a request first and its answer last.
    for part in (logs, security, cors, paths, errors, refusals):
        part.init_app(app)
    api = openapi.init_app(app)
    for module in pkgutil.iter_modules(routes.__path__, f"{routes.__name__}."):
        blueprint = importlib.import_module(module.name).blueprint
        # API calls are in the OpenAPI document; pages are not.
        (api if isinstance(blueprint, openapi.Blueprint) else app).register_blueprint(blueprint)
    app.cli.add_command(tenants)
    return app
