"""Let ids in paths contain any character, including a slash and a percent sign.

WSGI passes the path decoded, so `a%2Fb` and `a/b` look the same. This middleware keeps `%2F` and `%25` encoded until
the router has cut the path into segments; then each segment is decoded.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from flask import Flask, request
from werkzeug.routing import UnicodeConverter

from app.errors import Malformed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_KEPT = re.compile("%(2F|25)", re.IGNORECASE)


class Segment(UnicodeConverter):
    """Converts one segment of a path, the text between two slashes."""

    def to_python(self, value: str) -> str:
        return unquote(value)

    def to_url(self, value: str) -> str:
        return quote(value, safe="")


class EncodedPath:
    """Middleware that gives the router the path as the client sent it, with slashes inside segments still encoded."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        # gunicorn and werkzeug pass the path as sent in RAW_URI. Without that, the decoded path is encoded again.
        sent = environ.get("RAW_URI")
        if sent is None:
            environ["PATH_INFO"] = environ.get("PATH_INFO", "").replace("%", "%25")
        else:
            path = sent.partition("?")[0] if sent.startswith("/") else urlsplit(sent).path
            path = path.removeprefix(environ.get("SCRIPT_NAME", ""))
            if not _is_plain(path):
                # WSGI texts hold one byte per character.
                path = unquote_to_bytes(_KEPT.sub(r"%25\1", path)).decode("latin-1")
            environ["PATH_INFO"] = path
        return self._app(environ, start_response)


def init_app(app: Flask) -> None:
    """Make the app route by the path as sent, and refuse a path that is not UTF-8, since its ids would match others."""
    app.wsgi_app = EncodedPath(app.wsgi_app)  # type: ignore[method-assign]
    app.url_map.converters["default"] = app.url_map.converters["string"] = Segment
    # An empty segment is an empty id, not a superfluous slash.
    app.url_map.merge_slashes = False
    app.before_request(_refuse_what_is_not_utf8)


def _refuse_what_is_not_utf8() -> None:
    environ = request.environ
    if not _is_utf8(environ["PATH_INFO"]):
        raise Malformed("the path is not UTF-8", code="malformed_url")
    if not _is_utf8(environ.get("QUERY_STRING", "")):
        raise Malformed("the query is not UTF-8", code="malformed_query")


def _is_utf8(text: str) -> bool:
    """Whether a text of WSGI, which holds one byte per character, is UTF-8 once it is decoded."""
    if _is_plain(text):
        return True
    try:
        unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_plain(text: str) -> bool:
    """Whether a text of a URL stands for itself, so that decoding would not change it."""
    return "%" not in text and text.isascii()
