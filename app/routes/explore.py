"""The explorer: a page on which a person with a secret key looks at identities, and asks why two are one."""

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint(
    "explore",
    __name__,
    url_prefix="/explore",
    static_folder="../static/explore",
    static_url_path="/static",
)


@blueprint.get("/")
def get_explore() -> ResponseReturnValue:
    """Show the page. It holds no key: its visitor types one, which the page's script keeps in memory only."""
    page = make_response(render_template("explore.html"))
    # The key is typed into a form that only the script reads. Without the script, no form may send it anywhere.
    page.headers["Content-Security-Policy"] = (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    page.headers["Referrer-Policy"] = "no-referrer"
    return page
