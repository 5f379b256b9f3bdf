"""Ids in paths may contain any character."""

from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import errors, paths


def make_app() -> Flask:
    app = Flask(__name__)
    errors.init_app(app)
    paths.init_app(app)

    @app.get("/users/<user_id>/visitors/<visitor_id>")
    def pair(user_id: str, visitor_id: str) -> list[str]:
        return [user_id, visitor_id]

    @app.get("/plain/")
    def plain() -> str:
        return "plain"

    return app


APP = make_app()
IDS = [
    "a/b",
    "/",
    "//",
    "50%",
    "%2F",
    "%252F",
    "%25",
    "a?b#c",
    "a b+c",
    "é",
    "e\u0301",
    "😀",
    "..;",
    "a:b@c",
    '"',
    "\\",
    "%",
]
any_id = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in {".", ".."})


@pytest.mark.parametrize("user_id", IDS)
def test_an_id_of_any_characters_arrives_unchanged(user_id: str) -> None:
    response = APP.test_client().get(f"/users/{quote(user_id, safe='')}/visitors/v")
    assert response.get_json() == [user_id, "v"]


@given(any_id, any_id)
def test_a_pair_of_ids_arrives_unchanged(user_id: str, visitor_id: str) -> None:
    path = f"/users/{quote(user_id, safe='')}/visitors/{quote(visitor_id, safe='')}"
    assert APP.test_client().get(path).get_json() == [user_id, visitor_id]


@pytest.mark.parametrize("user_id", IDS)
def test_a_server_that_passes_only_the_decoded_path_loses_only_ids_with_slashes(user_id: str) -> None:
    environ = {"RAW_URI": None, "PATH_INFO": f"/users/{user_id}/visitors/v".encode().decode("latin-1")}
    answers = APP.test_client().get("/", environ_overrides=environ)
    if "/" in user_id:
        assert answers.status_code == 404
    else:
        assert answers.get_json() == [user_id, "v"]


def test_a_request_line_may_hold_the_whole_url_as_for_a_proxy() -> None:
    environ = {"RAW_URI": "http://shop.example/users/a%2Fb/visitors/v?x=/y"}
    assert APP.test_client().get("/", environ_overrides=environ).get_json() == ["a/b", "v"]


def test_a_service_below_a_prefix_routes_the_rest_of_the_path() -> None:
    environ = {"RAW_URI": "/whograph/users/a%2Fb/visitors/v", "SCRIPT_NAME": "/whograph"}
    assert APP.test_client().get("/", environ_overrides=environ).get_json() == ["a/b", "v"]


def test_an_empty_id_is_not_found_and_not_redirected() -> None:
    assert APP.test_client().get("/users//visitors/v").status_code == 404


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/users/%ff/visitors/v", "malformed_url"),
        ("/users/%C3/visitors/v", "malformed_url"),
        ("/plain/?a=%ff", "malformed_query"),
    ],
)
def test_a_path_that_is_not_utf8_is_refused_since_all_such_ids_would_be_one(path: str, code: str) -> None:
    response = APP.test_client().get(path)
    assert (response.status_code, response.get_json()["code"]) == (400, code)


def test_built_urls_escape_the_ids_in_them() -> None:
    with APP.test_request_context():
        assert APP.url_for("pair", user_id="a/b%", visitor_id="é") == "/users/a%2Fb%25/visitors/%C3%A9"
