"""Serve the browser SDK, whose bundle is built from sdk/ and committed."""

from flask import Blueprint, send_from_directory
from flask.typing import ResponseReturnValue

blueprint = Blueprint("sdk", __name__, url_prefix="/sdk")


@blueprint.get("/whograph.js")
def get_sdk() -> ResponseReturnValue:
    """Serve the script to any site. Browsers cache it for ten minutes, so a new version is soon everywhere."""
    answer = send_from_directory("static/sdk", "whograph.js", mimetype="text/javascript", max_age=600)
    # Sites with a Cross-Origin-Embedder-Policy load only resources with this header: https://web.dev/articles/coop-coep
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
