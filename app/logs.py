"""Log one JSON object per line: what happened and in which request, never whom or what it was about.

- A path is logged as its route template, since paths and queries contain ids.
- An address is logged as a keyed hash.
- An exception is logged as its type and the places it passed, since messages of Neo4j and of Python quote values.
"""

import hmac
import json
import logging
import re
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request

from app import metrics
from app.config import CHECKOUT
from app.context import address, request_id, service
from graph.rules.keys import derived_key

requests = logging.getLogger("whograph.requests")

#: Made once: `json.dumps` would make an encoder for each line.
_encode = json.JSONEncoder(ensure_ascii=True, default=str).encode

#: Request ids as proxies and tracers send them. Another is replaced, or clients could put any text into the logs.
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; `extra={"fields": {…}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (answered := request_id()) is not None:
            line["requestId"] = answered
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = list(_chain(record.exc_info[1]))
        return _encode(line)


class Nameless(logging.Filter):
    """Removes addresses and paths from gunicorn's messages about requests that never reach the application."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        for beginning in ("Invalid request", "Error handling request"):
            if said.startswith(beginning):
                record.msg, record.args, record.exc_info = f"{beginning}, refused by gunicorn", (), None
        return True


def configuration(level: str) -> dict[str, Any]:
    """Return the process's logging for `logging.config.dictConfig`: everything goes to stderr, gunicorn's log too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "filters": {"nameless": {"()": Nameless}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            # At DEBUG the driver logs every parameter of every query, at WARNING every retry.
            "neo4j": {"level": "ERROR"},
            "gunicorn.error": {"level": level, "handlers": [], "propagate": True, "filters": ["nameless"]},
            # gunicorn's access log has paths and queries. `whograph.requests` has the same facts without them.
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }


def init_app(app: Flask) -> None:
    """Make the app give every request an id, and log and count it when it is answered."""
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    known = g._get_current_object()  # noqa: SLF001 - as in _finish
    known.started = time.perf_counter()
    sent = request.environ.get("HTTP_X_REQUEST_ID")
    known.request_id = sent if sent and _SANE_ID.fullmatch(sent) else secrets.token_hex(16)


def _finish(response: Response) -> Response:
    # The objects themselves, as each access through a proxy takes half a microsecond.
    known, answered = g._get_current_object(), request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    seconds = time.perf_counter() - known.started
    response.headers["X-Request-ID"] = known.request_id
    route = answered.url_rule.rule if answered.url_rule is not None else "unmatched"
    metrics.request(route, answered.method, response.status_code, seconds)
    if not requests.isEnabledFor(logging.INFO):
        return response
    key = known.get("key")
    fields = {
        "route": route,
        "method": answered.method if answered.method in metrics.METHODS else "other",
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "tenant": key.tenant if key else None,
        "keyId": key.key_id if key else None,
        "address": _keyed_address(),
    }
    # Probes ask every few seconds.
    level = logging.DEBUG if route.startswith("/health/") else logging.INFO
    given = {name: value for name, value in fields.items() if value is not None}
    requests.log(level, "answered", extra={"fields": given})
    return response


def _keyed_address() -> str:
    """Hash the caller's address under SECRET_KEY. Without that key nobody can find the address by trying them all."""
    return _keyed(derived_key(service().secret_key, "logged-address"), address())


@lru_cache(maxsize=4096)
def _keyed(key: bytes, address: str) -> str:
    return hmac.digest(key, address.encode(), "sha256").hex()[:16]


def _chain(error: BaseException | None) -> Any:
    """Yield an exception and then its causes: types, Neo4j's codes, and places."""
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        link: dict[str, Any] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "at": [f"{_within_checkout(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if isinstance(getattr(error, "code", None), str | int):
            link["code"] = error.code  # type: ignore[attr-defined]
        yield link
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _within_checkout(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else filename
