"""The browser SDK, built from sdk/ and committed."""

from flask import Blueprint, send_from_directory
from flask.typing import ResponseReturnValue

blueprint = Blueprint("sdk", __name__, url_prefix="/sdk")


@blueprint.get("/whograph.js")
def get_sdk() -> ResponseReturnValue:
    """The script for any site to include; asked for again after ten minutes, so that a new one is soon everywhere."""
    answer = send_from_directory("static/sdk", "whograph.js", mimetype="text/javascript", max_age=600)
    # Sites that send Cross-Origin-Embedder-Policy load only what says it may be: https://web.dev/articles/coop-coep
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
