"""explore/src/words.ts has words for all that the service names: terms, methods, kinds, labels and obstacles."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields

from app.config import CHECKOUT
from app.schemas import clusters, explain, identities, wire
from graph.model import Method
from graph.rules.clusters import LABELS
from graph.store.identity_graph import PartCounts

WORDS = (CHECKOUT / "explore" / "src" / "words.ts").read_text(encoding="utf-8")
#: The variables in which the source collects the numbers of a piece of evidence.
ARITHMETIC = {"arithmetic", "factors"}


def words(table: str) -> set[str]:
    """The names for which a table of words.ts has words."""
    [lines] = re.findall(
        rf"^(?:export )?const {table}: Record<[^\n]*> = {{\n(.*?)^}}$", WORDS, re.MULTILINE | re.DOTALL
    )
    return set(re.findall(r"^  (\w+):", lines, re.MULTILINE))


def enum(schema: type, field: str) -> set[str]:
    return set(vars(schema)["_declared_fields"][field].metadata["enum"])


def source() -> Iterator[ast.AST]:
    for path in (CHECKOUT / "graph").rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def keys(tree: ast.AST) -> Iterator[str]:
    """Yield the keys of the dictionaries that are written out in a part of the source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def terms() -> Iterator[str]:
    """Yield the terms of the arithmetic: what functions that return numbers by name, and such variables, hold."""
    for node in source():
        if isinstance(node, ast.FunctionDef) and node.returns and "str, float]" in ast.unparse(node.returns):
            yield from keys(node)
        elif isinstance(node, ast.keyword) and node.arg == "arithmetic":
            yield from keys(node.value)
        elif isinstance(node, ast.Assign | ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and target.id in ARITHMETIC:
                    yield from keys(node.value)
                elif (
                    isinstance(target, ast.Subscript)
                    and ast.unparse(target.value) in ARITHMETIC
                    and isinstance(target.slice, ast.Constant)
                ):
                    yield str(target.slice.value)


def called(name: str) -> Iterator[str]:
    """Yield the first argument of each call of a name, where it is written out."""
    for node in source():
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_the_explorer_has_words_for_every_term_of_the_arithmetic() -> None:
    assert set(terms()) == words("FIGURES")


def test_the_explorer_has_words_for_every_way_of_recognising() -> None:
    assert {*Method, *enum(wire.MatchSchema, "method")} <= words("METHODS")


def test_the_explorer_has_words_for_every_node_and_edge() -> None:
    assert enum(identities.NodeSchema, "kind") == words("NODE_KINDS")
    drawn = enum(identities.EdgeSchema, "kind") | enum(clusters.ClusterEdgeSchema, "kind")
    assert drawn == words("EDGE_SAYS")


def test_the_explorer_has_words_for_every_label_of_a_cluster() -> None:
    assert set(LABELS) == words("LABELS")


def test_the_explorer_has_words_for_every_obstacle() -> None:
    assert set(called("Obstacle")) == enum(explain.ObstacleSchema, "kind") == words("OBSTACLES")


def test_the_explorer_has_words_for_all_that_a_graph_leaves_out() -> None:
    counted = {field.name for field in fields(PartCounts)}
    assert {*called("leave_out"), *counted} == words("LEFT_OUT")


def test_a_term_is_found_wherever_the_source_names_it() -> None:
    """The search sees a factor that is set later, as `collector` is where a tie came loose."""
    assert {"collector", "two_users", "hop"} <= set(terms())
