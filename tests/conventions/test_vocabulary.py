"""Queries, migrations and docs/graph-model.md use exactly the labels, types and properties of graph/vocabulary.py."""

import re

import pytest

from graph.queries import CYPHER
from graph.rules.relationships import Source
from graph.vocabulary import LABELS, PROPERTIES, TYPES
from migrations.runner import DIRECTORY

FILES = [*CYPHER.rglob("*.cypher"), *DIRECTORY.glob("*.cypher")]
PAGE = (CYPHER.parent / "docs" / "graph-model.md").read_text(encoding="utf-8")
#: Variables of a query that stand for maps.
MAPS = frozenset({"row", "step", "found", "record"})
#: The figures of a record: in a map named like its source, or on a relationship with the source's name in front.
RECORD = ("count", "first", "last", "figure")
OF_RECORDS = {(source.value, name) for source in Source for name in RECORD}
RECORDS = {f"{source}_{name}" for source, name in OF_RECORDS}
#: Each past type, and the type that it was. A closed edge keeps the properties of the open one and says what closed it.
CLOSED = {
    "RESOLVED_TO": "RESOLVES_TO",
    "WAS_PROBABLY": "PROBABLY",
    "WAS_IN": "IN",
    "WAS_TIED_TO": "TIED_TO",
    "WAS_IDENTIFIED_AS": "IDENTIFIED_AS",
    "UNMERGED_FROM": "MERGED_INTO",
    "WAS_LINKED_TO": "LINKED_TO",
    "COULD_NOT_LINK": "CANNOT_LINK",
    "HAD_FINGERPRINT": "HAS_FINGERPRINT",
}
KNOWN = {"tenant"}.union(*PROPERTIES.values())


def code(text: str) -> str:
    """Return Cypher without its comments, texts and parameters."""
    return re.sub(r"//[^\n]*|'[^']*'|\$\w+", "", text)


def labels(text: str) -> set[str]:
    return set(re.findall(r":([A-Z][a-z]\w*)", code(text)))


def types(text: str) -> set[str]:
    return {kind for found in re.findall(r":([A-Z][A-Z_|]+)", code(text)) for kind in found.split("|")}


def properties(text: str) -> set[str]:
    """Return the properties that a query reads, projects, or has in the braces of a pattern."""
    # A time has `epochMillis`.
    text = code(text).replace(".epochMillis", "")
    found = set(re.findall(r"\b([a-z]\w*)\.(\w+)\b(?!\()", text)) - OF_RECORDS
    read = {name for variable, name in found if variable not in MAPS}
    projected = set(re.findall(r"[\s{]\.(\w+)", text))
    patterns = re.findall(r"[\w(\[]:\w+ \{([^{}]*)\}", text)
    return read | projected | {name for braces in patterns for name in re.findall(r"(\w+):", braces)}


def used(what: str) -> set[str]:
    find = {"labels": labels, "types": types, "properties": properties}[what]
    return {word for path in FILES for word in find(path.read_text(encoding="utf-8"))}


def test_the_labels_in_use_are_those_of_the_vocabulary() -> None:
    assert used("labels") == LABELS.keys()


def test_the_relationship_types_in_use_are_those_of_the_vocabulary() -> None:
    assert used("types") == TYPES.keys()


def test_the_properties_in_use_are_those_of_the_vocabulary() -> None:
    assert used("properties") | RECORDS == KNOWN


def test_each_label_and_type_has_its_properties_listed() -> None:
    assert PROPERTIES.keys() == LABELS.keys() | TYPES.keys()


def section(label: str) -> str:
    """Return the page's section on a label."""
    found = re.search(rf"^### [^\n]*`{label}`.*?(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/graph-model.md has no heading `{label}`"
    return found[0]


def row(kind: str) -> str:
    """Return the page's row on a relationship type."""
    found = re.search(rf"^\| `{kind}` \|[^\n]*", PAGE, re.MULTILINE)
    assert found is not None, f"docs/graph-model.md has no row `{kind}`"
    return found[0]


def test_the_page_describes_every_property_under_its_label_or_type() -> None:
    observed = PAGE.partition("### What was observed")[2].partition("\n##")[0]
    weighted = PAGE.partition("### The weighted relationship")[2].partition("\n##")[0]
    texts = {**{label: section(label) for label in LABELS}, **{kind: row(kind) for kind in TYPES}}
    texts["Session"] += observed
    texts["Event"] += observed
    texts["Collection"] += texts["Session"]
    texts["IDENTIFIED_AS"] += weighted
    for closed, kind in CLOSED.items():
        texts[closed] += texts[kind]
    missing = {
        f"{owner}.{name}"
        for owner, names in PROPERTIES.items()
        for name in names - {"_lock", "is_new"}
        if f"`{name}`" not in texts[owner]
    }
    assert missing == set()
    assert "`_lock`" in PAGE
    assert "`is_new`" in PAGE


def test_the_page_describes_only_properties_that_exist() -> None:
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| [^|]*\|[^|]*\|$", PAGE, re.MULTILINE)
    described = {name for cell in cells for name in re.findall(r"\w+", cell)}
    assert described - KNOWN - TYPES.keys() == set()
    assert len(described & KNOWN) > 60


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MATCH (a:Visitor {tenant: $tenant})<-[r:IN]-(:Jar)", {"tenant"}),
        ("RETURN event {.call, .answer}, visitor.kind, row.other // x.comment", {"call", "answer", "kind"}),
        ("RETURN stated.count + verified.first AS sum, claimed.weight", {"weight"}),
        ("CREATE (a)-[:TIED_TO {\n  since: row.at,\n  method: 'x: y'\n}]->(b)", {"since", "method"}),
    ],
)
def test_properties_are_found_in_cypher(text: str, found: set[str]) -> None:
    assert properties(text) == found
