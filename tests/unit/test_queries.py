"""A query file is loaded only if its header and body agree, and called only with the parameters of its header."""

from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from neo4j import ManagedTransaction

from graph import queries
from graph.errors import Overtaken
from graph.queries import BadQueryFile, Nothing, load, query
from graph.transaction import Transaction

GOOD = """\
// purpose: What became of each.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, at ZONED DATETIME NULL}
// returns: i INTEGER, name STRING NULL
// index:   Event(tenant, event_id),
//          Session(tenant, session_id)
UNWIND $rows AS row
// index: not of the header any more
MATCH (event:Event {tenant: $tenant, event_id: row.at})
RETURN row.i AS i, event.name AS name
"""
Write = Callable[[str], str]


@dataclass(frozen=True)
class Row:
    """A row that `GOOD` returns."""

    i: int
    name: str | None


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a query file and return its name, which is its path."""

    def write(text: str) -> str:
        (tmp_path / "query.cypher").write_text(text)
        return str(tmp_path / "query")

    return write


def test_all_keys_of_a_header_are_read(write: Write) -> None:
    text, header = load(write(GOOD))

    assert text == GOOD
    assert header.purpose == "What became of each."
    assert header.access == "read"
    assert header.params == {"tenant": "STRING", "rows": "LIST<MAP>"}
    assert header.rows == {"i", "at"}
    assert header.returns == ("i", "name")
    assert header.index == ("Event(tenant, event_id)", "Session(tenant, session_id)")


@pytest.mark.parametrize(
    ("good", "bad", "why"),
    [
        ("// access:  read\n", "", "the header needs"),
        ("// purpose:", "// aim:", "the header needs"),
        ("// access:  read\n// params:", "// params:", "the header needs"),
        ("access:  read", "access:  look", "the access is one of"),
        ("{i INTEGER", "{i integer", "cannot read 'i integer"),
        ("tenant STRING", "tenant", "cannot read 'tenant"),
        ("Event(tenant, event_id)", "Event tenant, event_id", "cannot read 'Event"),
        ("tenant STRING, ", "", "parameters differ"),
        ("tenant STRING, ", "tenant STRING, limit INTEGER, ", "parameters differ"),
        ("$tenant", "$tenat", "parameters differ"),
        ("row.at", "row.att", "keys of a row differ"),
        ("at ZONED DATETIME NULL", "at ZONED DATETIME NULL, to ZONED DATETIME", "keys of a row differ"),
        ("AS name", "AS title", r"does not return \['name'\]"),
        ("name STRING NULL", "name STRING NULL, at ZONED DATETIME", r"does not return \['at'\]"),
    ],
)
def test_a_header_that_disagrees_with_its_body_stops_the_start(write: Write, good: str, bad: str, why: str) -> None:
    assert good in GOOD
    with pytest.raises(BadQueryFile, match=why):
        load(write(GOOD.replace(good, bad, 1)))


def test_the_dataclass_of_a_row_needs_the_columns_in_order(write: Write) -> None:
    @dataclass(frozen=True)
    class Turned:
        name: str
        i: int

    name = write(GOOD)
    assert query(name, Row).row is Row
    for kind in (Nothing, Turned):
        with pytest.raises(BadQueryFile, match="returns"):
            query(name, kind)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"row": []},
        {"rows": [], "tenant": "another"},
        {"rows": [], "limit": 3},
        {"rows": [{"i": 0}]},
        {"rows": [{"i": 0, "at": None}, {"i": 1, "at": None, "to": None}]},
    ],
)
def test_a_call_with_other_parameters_than_the_header_has_is_refused(write: Write, params: dict[str, object]) -> None:
    nowhere = Transaction(cast("ManagedTransaction", None), "shop")
    with pytest.raises(TypeError, match="was given"):
        query(write(GOOD), Row)(nowhere, **params)


@pytest.mark.parametrize("value", [datetime, float], ids=lambda kind: kind.__name__)
def test_a_null_where_a_value_has_to_be_says_that_something_was_erased_meanwhile(value: type) -> None:
    """Neo4j answers null for what another transaction removes while a query reads it. The act is run again."""
    row = make_dataclass("Row", [("value", value)], frozen=True)
    with pytest.raises(Overtaken):
        queries._converter.structure({"value": None}, row)
