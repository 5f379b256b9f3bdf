"""The script in docs/python.md runs, block after block, and what it names is there."""

import importlib
import re

import pytest

from app.config import CHECKOUT
from graph.acts import init
from graph.acts.tenants import create_tenant
from graph.database import Database
from tests import given
from tests.conftest import SECRET_KEY
from tests.neo4j_server import Server

PAGE = (CHECKOUT / "docs/python.md").read_text(encoding="utf-8")


def test_the_script_of_the_page_runs(database: Database, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    create_tenant(database, "demo", secret_key=SECRET_KEY, now=given.NOON)
    visits = [given.visit(fingerprint=name) for name in ("phone", "laptop")]
    database.of("demo").write(init.act, visits)
    script = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    assert "merge.act" in script
    monkeypatch.setattr("sys.argv", ["script.py", *(visit.arrival.ids.visitor for visit in visits)])
    for name, value in (("URI", server.uri), ("USER", server.user), ("PASSWORD", server.password)):
        monkeypatch.setenv(f"NEO4J_{name}", value)
    exec(compile(script, "docs/python.md", "exec"), {})  # noqa: S102 - ours


def test_every_function_it_names_is_there() -> None:
    named = re.findall(r"`(\w+)\.(\w+)`", PAGE.partition("## What there is")[2])
    assert len(named) > 10
    for module, function in named:
        assert callable(getattr(importlib.import_module(f"graph.acts.{module}"), function))
