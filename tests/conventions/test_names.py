"""One word, one stem; no file without a noun; tests are sentences."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import CHECKOUT
from graph.queries import CYPHER, names

#: Words the house does without: they say nothing, or something else in this field.
WITHOUT = re.compile(r"profile|device_?id|cookie_?id|engine|score|helper|manager|handler|processor|wrapper|utils?|misc")
FOLDERS = ("app", "graph", "migrations")


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*.py"))]


def definitions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node


def words(name: str) -> set[str]:
    """The words of a name in either spelling."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def test_no_name_is_of_a_word_that_the_house_does_without() -> None:
    named = [(path, path.stem) for path in files(*FOLDERS)]
    named += [(path, name) for path in files(*FOLDERS) for name, _ in definitions(path)]
    named += [(path, path.stem) for path in CYPHER.rglob("*.cypher")]
    said = [
        f"{path.relative_to(CHECKOUT)}: {name}"
        for path, name in named
        if any(WITHOUT.fullmatch(word) for word in words(name))
    ]
    assert said == []


def test_an_act_has_one_word_from_the_url_to_the_query() -> None:
    for act in ("init", "track", "identify"):
        for place in ("app/routes", "app/schemas", "graph/acts", "graph/store"):
            assert (CHECKOUT / place / f"{act}.py").is_file()
        assert any(name.startswith(f"{act}/") for name in names())
        assert f'"/eventTracking/{act}"' in (CHECKOUT / "app" / "routes" / f"{act}.py").read_text(encoding="utf-8")


def test_the_queries_of_a_folder_are_the_stores_of_its_name() -> None:
    folders = {name.partition("/")[0] for name in names()}
    stores = {path.stem for path in (CHECKOUT / "graph" / "store").glob("*.py")} - {"__init__"}
    assert folders - {"embedded"} == stores


@pytest.mark.parametrize("path", files(*FOLDERS), ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_every_module_begins_with_a_sentence(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body:
        said = ast.get_docstring(tree)
        assert said is not None
        assert re.match(r"[A-Z`][^\n]*[.:?]$", said.partition("\n")[0]), said


def test_tests_are_sentences() -> None:
    short = [
        f"{path.name}: {name}"
        for path in files("tests")
        for name, node in definitions(path)
        if isinstance(node, ast.FunctionDef) and name.startswith("test_") and len(name.split("_")) < 4
    ]
    assert short == []
