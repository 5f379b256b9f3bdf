"""Serve the documentation that comes with the service: an API browser, and the meaning of each problem."""

import re
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, abort, render_template, send_from_directory

from app.config import CHECKOUT

SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"
ERRORS = CHECKOUT / "docs" / "errors.md"
_ROW = re.compile(r"^\| `(\w+)` \| (\d+) \| (.+) \|$", re.MULTILINE)

blueprint = Blueprint("docs", __name__, url_prefix="/docs")


@blueprint.get("/")
def get_docs() -> Response:
    response = Response(render_template("docs.html"))
    # Everything comes from this service, so the page works without the internet. Swagger UI sets styles inline.
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
    )
    return response


@blueprint.get("/ui/<path:name>")
def get_ui(name: str) -> Response:
    return send_from_directory(SWAGGER_UI, name)


@blueprint.get("/errors")
def get_errors() -> Response:
    """Show the page that the `type` of a problem links to."""
    if not ERRORS.exists():
        abort(404)
    page = Response(render_template("errors.html", errors=_ROW.findall(ERRORS.read_text(encoding="utf-8"))))
    page.headers["Content-Security-Policy"] = "default-src 'self'; style-src 'self' 'unsafe-inline'"
    return page
