"""The page at `/`, which says what this is and where to go."""

from flask import Blueprint, Response, render_template

from app import context

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def get_home() -> Response:
    has_demo = (context.settings().data_dir / "demo-tenant.json").is_file()
    page = Response(render_template("home.html", has_demo=has_demo))
    page.headers["Content-Security-Policy"] = "default-src 'self'; style-src 'self' 'unsafe-inline'"
    return page
