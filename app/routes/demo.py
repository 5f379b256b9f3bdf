"""The demo shop: a page with the SDK on it, and a panel that shows what the service answered."""

import json
from pathlib import Path

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from app import context

blueprint = Blueprint(
    "demo",
    __name__,
    url_prefix="/demo",
    static_folder="../static/demo",
    static_url_path="/static",
)


@blueprint.get("/")
def get_demo() -> ResponseReturnValue:
    """Show the shop of the tenant `demo`. The page holds the tenant's write key, never its secret key."""
    keys = context.settings().data_dir / "demo-tenant.json"
    if not keys.is_file():
        return _how_to_create(keys), 404, {"Content-Type": "text/plain; charset=utf-8"}
    tenant = json.loads(keys.read_text(encoding="utf-8"))
    page = make_response(render_template("demo.html", tenant_id=tenant["tenantId"], write_key=tenant["writeKey"]))
    # The policy allows nothing from elsewhere and nothing inline. Sites may be as strict, and the SDK must work there.
    # The page has nothing that a site around it could steal, and the SDK must work in frames, too.
    page.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors *"
    return page


def _how_to_create(keys: Path) -> str:
    return (
        "There is no demo tenant yet.\n\n"
        "`make run` creates one; beside a running service do it by hand:\n\n"
        f"    (umask 077; python -m app tenants create demo --json > {keys.name})\n\n"
        "in the service's DATA_DIR, and load this page again.\n"
    )
