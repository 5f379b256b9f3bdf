"""Names: an act has one word everywhere, empty words are not used, and names of tests are sentences."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import CHECKOUT
from graph.queries import CYPHER, names

#: Words that are not used in names: they mean nothing, or something else in this field.
WITHOUT = re.compile(r"profile|device_?id|cookie_?id|engine|score|helper|manager|handler|processor|wrapper|utils?|misc")
FOLDERS = ("app", "graph", "migrations")


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*.py"))]


def definitions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node


def words(name: str) -> set[str]:
    """Return the words of a name in snake_case or CamelCase."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def test_no_name_has_an_empty_word() -> None:
    named = [(path, path.stem) for path in files(*FOLDERS)]
    named += [(path, name) for path in files(*FOLDERS) for name, _ in definitions(path)]
    named += [(path, path.stem) for path in CYPHER.rglob("*.cypher")]
    found = [
        f"{path.relative_to(CHECKOUT)}: {name}"
        for path, name in named
        if any(WITHOUT.fullmatch(word) for word in words(name))
    ]
    assert found == []


def test_an_act_has_the_same_word_from_its_url_to_its_queries() -> None:
    for act in ("init", "track", "identify"):
        for place in ("app/routes", "app/calls", "app/schemas", "graph/acts", "graph/store"):
            assert (CHECKOUT / place / f"{act}.py").is_file()
        assert any(name.startswith(f"{act}/") for name in names())
        assert f'"/eventTracking/{act}"' in (CHECKOUT / "app" / "routes" / f"{act}.py").read_text(encoding="utf-8")


def test_every_folder_of_queries_has_a_store_of_its_name() -> None:
    folders = {name.partition("/")[0] for name in names()}
    stores = {path.stem for path in (CHECKOUT / "graph" / "store").glob("*.py")} - {"__init__"}
    assert folders - {"embedded"} == stores


@pytest.mark.parametrize("path", files(*FOLDERS), ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_every_module_begins_with_a_sentence(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body:
        docstring = ast.get_docstring(tree)
        assert docstring is not None
        assert re.match(r"[A-Z`][^\n]*[.:?]$", docstring.partition("\n")[0]), docstring


def test_names_of_tests_are_sentences() -> None:
    short = [
        f"{path.name}: {name}"
        for path in files("tests")
        for name, node in definitions(path)
        if isinstance(node, ast.FunctionDef) and name.startswith("test_") and len(name.split("_")) < 4
    ]
    assert short == []


def test_the_name_of_a_class_in_the_graph_means_one_thing() -> None:
    classes = [name for path in files("graph") for name, node in definitions(path) if isinstance(node, ast.ClassDef)]
    types = [
        target.id
        for path in files("graph")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and not target.id.isupper()
    ]
    found = Counter(classes + [name for name in types if name[0].isupper()])
    assert [name for name, count in found.items() if count > 1 and not name.startswith("_")] == []
