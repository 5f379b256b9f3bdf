"""docs/errors.md has every error code with its status; a running service makes its own page of errors from it."""

import ast
import re
from collections.abc import Iterator

from app import errors
from app.config import CHECKOUT
from app.routes import docs
from graph import errors as graph_errors
from graph.errors import BackupError, EmbeddedError, IdentityGraphError
from migrations import runner

PAGE = (CHECKOUT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = {code: int(status) for code, status, _ in docs._ROW.findall(PAGE)}
#: Errors that werkzeug raises by itself, answered in our shape.
BY_ITSELF = {"bad_request": 400, "not_found": 404, "method_not_allowed": 405}
#: Errors without a class of their own.
FIXED = {"invalid_request": 422, "internal_error": 500}


def kinds() -> dict[str, type[IdentityGraphError]]:
    named = {**vars(graph_errors), **vars(errors), **vars(runner)}
    return {
        name: kind for name, kind in named.items() if isinstance(kind, type) and issubclass(kind, IdentityGraphError)
    }


def status(kind: type[IdentityGraphError]) -> int | None:
    return next((errors.STATUS[base].value for base in kind.__mro__ if base in errors.STATUS), None)


def raised() -> Iterator[tuple[str, str]]:
    """Yield the class and the code of each `Kind(…, code="…")` in the source."""
    for folder in ("app", "graph", "migrations"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds():
                    for keyword in node.keywords:
                        if keyword.arg == "code":
                            assert isinstance(keyword.value, ast.Constant), f"{path}: a code is written out"
                            yield node.func.id, str(keyword.value.value)


def test_the_page_has_exactly_the_codes_of_errors_each_with_its_status() -> None:
    answered: dict[str, int | None] = {**BY_ITSELF, **FIXED}
    for kind in kinds().values():
        if kind not in {IdentityGraphError, EmbeddedError, BackupError}:
            answered[kind.code] = status(kind)
    for name, code in raised():
        answered[code] = status(kinds()[name])
    assert answered == ROWS


def test_no_code_is_on_the_page_twice() -> None:
    assert len(docs._ROW.findall(PAGE)) == len(ROWS) == len(re.findall(r"^\| `", PAGE, re.MULTILINE))
