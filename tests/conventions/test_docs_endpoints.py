"""docs/api.md has exactly the calls that are served."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from app.config import CHECKOUT, Settings
from app.factory import create_app
from app.openapi import Blueprint
from graph.database import Database


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make the service without a database, since only its routes are read."""
    settings = Settings.from_environment({"DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    database = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    yield create_app(settings, database)
    database.close()


def test_the_page_has_exactly_the_calls_that_are_served(served: Flask) -> None:
    page = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")
    written = set(re.findall(r"`(GET|POST|PUT|DELETE) (/[^`?\s]*)[^`]*`", page))
    there = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", "{}", rule.rule))
        for rule in served.url_map.iter_rules()
        if isinstance(served.blueprints.get(rule.endpoint.partition(".")[0]), Blueprint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in written} == there
