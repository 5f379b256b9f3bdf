"""Every file under cypher/ keeps the conventions for queries, and there is no Cypher anywhere else."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from graph import generated
from graph.queries import CYPHER, load, names
from graph.store import analysis

CHECKOUT = CYPHER.parent
NAMES = tuple(names())
CLAUSES = {"CALL", "CREATE", "DELETE", "FOREACH", "MATCH", "MERGE", "REMOVE", "RETURN", "SET", "UNWIND", "WITH"}
#: Variables of edges, and of nodes that get no edges from others than those who hold their visitor.
EDGES = {"closed", "edge", "inference", "seen"}
LONELY = {"hour", "job", "key", "node", "session", "sibling", "tombstone", "warning"}

#: Queries that take no tenant, and why.
WITHOUT_TENANT = {
    "consistency/without_tenant": "finds what has none; for whoever runs the database, never for a caller",
    "embedded/set_password": "a server of its own, before there is any tenant",
    "migrations/applied": "the schema is everybody's",
    "migrations/constraints": "the schema is everybody's",
    "migrations/create_names": "the schema is everybody's",
    "migrations/indexes": "the schema is everybody's",
    "migrations/lock": "the schema is everybody's",
    "migrations/lock_constraint": "the schema is everybody's",
    "migrations/record": "the schema is everybody's",
    "migrations/size": "plans are everybody's",
    "tenants/find_key": "finds the tenant",
    "tenants/list": "lists the tenants",
}
#: Keywords are written in capitals; null, true and false are not (https://neo4j.com/docs/cypher-manual/current/styleguide/).
KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
    ALTER AND AS ASC BY CALL CASE CONSTRAINT CONSTRAINTS CONTAINS CREATE DELETE DESC DETACH DISTINCT ELSE END ENDS
    EXISTS FOREACH IF IN INDEX INDEXES IS LIMIT MATCH MERGE NOT ON OPTIONAL OR ORDER REMOVE REQUIRE RETURN SET SHOW
    SKIP STARTS THEN UNION UNIQUE UNWIND WHEN WHERE WITH XOR YIELD
    """,
    )
)
#: Queries that read who a tenure probably belongs to.
READ_INFERENCES = (
    "analysis/cluster",
    "analysis/cluster_picture",
    "analysis/explanation_picture",
    "analysis/first_touch",
    "analysis/funnel",
    "analysis/journey",
    "analysis/paths",
    "analysis/weakest_links",
    "clusters/edges",
    "explain/path",
    "export/identities",
    "identities/get",
    "identities/resolve",
    "init/gather",
    "journeys/of_identity",
    "preview/standings",
    "propagate/apply",
    "sessions/get",
    "track/gather",
    "visitors/get",
)
#: A clause of Cypher, which does not occur in English.
CLAUSE = re.compile(
    r"\b(?:MATCH|MERGE|CREATE)\s+\w*\s*=?\s*\(\s*\w*\s*[:)\s{]"
    r"|\bUNWIND\s+\$|\bDETACH DELETE\b|\bRETURN\s+(?:DISTINCT\s+)?[\w.]+\s+AS\b"
    r"|\b(?:CREATE|DROP) (?:CONSTRAINT|INDEX)\b|\bSHOW (?:CONSTRAINTS|INDEXES)\b|\bALTER (?:CURRENT )?USER\b"
)


def body(text: str) -> str:
    """Return a query without its comments."""
    return re.sub(r"//[^\n]*", "", text)


def python_files() -> Iterator[Path]:
    for folder in ("app", "graph", "migrations"):
        yield from sorted((CHECKOUT / folder).rglob("*.py"))


def loads() -> Iterator[tuple[str, Path]]:
    """Yield the query and the file of each `query("…")` and `load("…")` in the source."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"query", "load"}
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(node.args[0].value), path


def texts(path: Path) -> Iterator[str]:
    """Yield the strings of a Python file, and the constant pieces of its f-strings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("name", NAMES)
def test_the_purpose_is_one_sentence(name: str) -> None:
    purpose = load(name)[1].purpose
    assert re.fullmatch(r"[A-Z](?:[^.]|\.(?=\w))*\.", purpose), purpose


def test_every_file_is_run_by_exactly_one_place_in_the_graph() -> None:
    used = Counter(name for name, _ in loads())
    # Queries for analysts are run by their names.
    asked = {f"analysis/{name}" for name in analysis.names()}
    assert used == dict.fromkeys(set(NAMES) - asked, 1)


def test_the_committed_generated_files_are_up_to_date() -> None:
    generated_files = generated.files()
    assert set(generated_files) == {generated.STUB, *(CYPHER / "paste").iterdir()}
    for file, text in generated_files.items():
        assert file.read_bytes() == text.encode(), f"{file}: run python -m graph.generated"


def test_a_query_is_run_by_the_module_named_like_its_folder() -> None:
    elsewhere = [
        (name, path.relative_to(CHECKOUT).as_posix())
        for name, path in loads()
        if path.relative_to(CHECKOUT).parts[:1] != ("graph",)
        or name.partition("/")[0] not in {path.stem, path.parent.name}
    ]
    assert elsewhere == []


def test_every_query_takes_a_tenant_or_is_a_known_exception() -> None:
    assert {name for name in NAMES if "tenant" not in load(name)[1].params} == WITHOUT_TENANT.keys()


@pytest.mark.parametrize("name", sorted(set(NAMES) - WITHOUT_TENANT.keys()))
def test_every_key_that_is_looked_up_or_created_has_the_tenant(name: str) -> None:
    keyed = re.findall(r"(?:\(\w*(?::\w+)+|:IDENTIFIED_AS) \{[^{}]*\}", body(load(name)[0]))
    assert [pattern for pattern in keyed if "tenant: $tenant" not in pattern] == []


@pytest.mark.parametrize("name", NAMES)
def test_keywords_are_in_capitals(name: str) -> None:
    plain = re.sub(r"'[^']*'", "''", body(load(name)[0]))
    unnamed = re.sub(r"AS \w+|\$\w+|\.\w+|:\w+|\w+(?=:|\()", "", plain)
    words = re.findall(r"[a-zA-Z]\w*", unnamed)
    assert [word for word in words if word.upper() in KEYWORDS and word != word.upper()] == []


@pytest.mark.parametrize("name", NAMES)
def test_labels_and_types_are_literal(name: str) -> None:
    dynamic = re.findall(r"[:|]\s*\$(?:\(|any|all)[^)]*\)?", body(load(name)[0]))
    assert dynamic == []


def test_a_hint_asks_for_a_seek() -> None:
    """Neo4j may fulfil a hint without SEEK by a scan, and does so while it believes that an index is nearly empty."""
    plain = re.compile(r"USING INDEX (?!SEEK )")
    assert [path.name for path in CYPHER.rglob("*.cypher") if plain.search(path.read_text(encoding="utf-8"))] == []


def test_no_edge_is_merged() -> None:
    """`MERGE` of an edge locks both ends against new edges, too (docs/graph-model.md, Locks)."""
    edge = re.compile(r"\bMERGE\s+\([^()]*\)\s*[<-]")
    assert [path.name for path in CYPHER.rglob("*.cypher") if edge.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_set_of_a_node_reads_no_property_that_it_writes(name: str) -> None:
    """Else Neo4j locks the node against new edges, too, which deadlocks with whoever adds one and waits for the node."""
    clauses = re.split(rf"\b(?={'|'.join(sorted(CLAUSES))})\b", body(load(name)[0]))
    written = re.compile(r"\b(\w+)\.(\w+) = ((?:.|\n)*?)(?=,\s+\w+\.\w+ = |$)")
    found = {
        variable
        for clause in clauses
        if clause.startswith("SET")
        for variable, key, read in written.findall(clause)
        if re.search(rf"\b{variable}\.{key}\b", read)
    }
    assert found - EDGES - LONELY == set()


def source(name: str) -> str:
    return (CYPHER / f"{name}.cypher").read_text(encoding="utf-8")


def test_every_read_of_inferences_checks_cannot_links_by_the_same_part() -> None:
    found = {name: load(name)[0].count("AS apart_from") for name in NAMES}
    assert {name: count for name, count in found.items() if count} == dict.fromkeys(READ_INFERENCES, 1)


@pytest.mark.parametrize("path", sorted((CYPHER / "parts").iterdir()), ids=lambda path: path.stem)
def test_a_part_has_a_purpose_and_is_used_more_than_once(path: Path) -> None:
    comments = takewhile(lambda line: line.startswith("//"), path.read_text(encoding="utf-8").splitlines())
    purpose = " ".join(line.removeprefix("//").strip() for line in comments if not line.startswith("// part:"))
    assert re.match(r"purpose: [A-Z].*\.$", purpose), purpose
    users = [
        name
        for name in CYPHER.rglob("*.cypher")
        if re.search(rf"// part: {path.stem}\b", name.read_text(encoding="utf-8"))
    ]
    assert len(users) > 1 or len(re.findall(rf"// part: {path.stem}\b", users[0].read_text(encoding="utf-8"))) > 1


def test_there_is_no_cypher_in_python() -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}: {text[:60]!r}"
        for path in python_files()
        for text in texts(path)
        if CLAUSE.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("migrations/")])
def test_the_pattern_of_a_clause_matches_every_query(name: str) -> None:
    assert CLAUSE.search(body(load(name)[0]))


@pytest.mark.parametrize("name", analysis.names())
def test_an_analysis_describes_its_parameters_and_its_rows(name: str) -> None:
    found = analysis.find(name)
    defaults = {each.name: each.default for each in found.parameters}
    pasted = dict(re.findall(r"(\w+): ('[^']*'|\[[^]]*\]|[\d.]+)", found.paste))
    assert found.paste.startswith(":params {")
    assert pasted.keys() == defaults.keys()
    for parameter in found.parameters:
        assert parameter.about.endswith(".")
        assert parameter.default is None or pasted[parameter.name].strip("'") == parameter.default
    assert defaults["tenant"] == "demo"
    assert int(defaults["limit"] or 0) > 0
    heading = [cell.strip() for cell in found.example[0].strip("|").split("|")]
    assert tuple(heading) == found.columns
    assert len(found.example) > 2
