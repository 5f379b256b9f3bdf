"""`python -m migrations` prints what it did, and fails with an error in one line."""

import os
import re
import subprocess
import sys

import neo4j
import pytest

import migrations
from app.config import CHECKOUT
from graph.database import Database
from migrations.runner import files
from tests.neo4j_server import Server
from tests.patience import PATIENCE_SECONDS

NOWHERE = Server("bolt://127.0.0.1:1", "neo4j", "none", None)


def run(server: Server, verb: str) -> subprocess.CompletedProcess[str]:
    """Run a verb on a server, without any other settings of this process."""
    return subprocess.run(
        [sys.executable, "-m", "migrations", verb],
        cwd=CHECKOUT,
        env={
            "PATH": os.environ["PATH"],
            "NEO4J_URI": server.uri,
            "NEO4J_USER": server.user,
            "NEO4J_PASSWORD": server.password,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@pytest.mark.usefixtures("migrated")
def test_an_up_to_date_schema_is_reported_as_such(server: Server) -> None:
    done, status, valid = (run(server, verb) for verb in ("migrate", "status", "validate"))

    assert (done.returncode, done.stdout) == (0, "0 applied, the schema is up to date\n")
    lines = status.stdout.splitlines()
    assert len(lines) == len(files())
    assert re.fullmatch(r"V0001 Create the identity graph: applied \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", lines[0])
    assert (valid.returncode, valid.stdout) == (0, "history and schema are as the files say\n")


def test_a_missing_constraint_is_an_error_in_one_line(server: Server, migrated: Database, driver: neo4j.Driver) -> None:
    [found] = driver.execute_query(
        "SHOW CONSTRAINTS YIELD name, createStatement WHERE name = 'audit_entry_key' RETURN createStatement AS text"
    ).records
    driver.execute_query("DROP CONSTRAINT audit_entry_key")
    try:
        failed = run(server, "validate")
    finally:
        driver.execute_query(found["text"])

    assert failed.returncode == 1
    assert re.fullmatch(r"Error: [^\n]*audit_entry_key[^\n]*\n", failed.stderr)
    migrations.check_schema(migrated)


@pytest.mark.parametrize("verb", ["migrate", "status", "validate"])
def test_a_server_that_does_not_answer_is_an_error_without_a_traceback(verb: str) -> None:
    failed = run(NOWHERE, verb)

    assert failed.returncode == 1
    assert failed.stderr.endswith("Error: Neo4j does not answer\n")
    assert "Traceback" not in failed.stderr
