"""Who may import whom, as pyproject.toml says it, and what that cannot say."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from app.config import CHECKOUT


def imports(path: Path) -> Iterator[str]:
    """The modules that a file names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def test_the_contracts_of_the_layers_hold(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(CHECKOUT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "path", [CHECKOUT / "graph" / "model.py", *(CHECKOUT / "graph" / "rules").glob("*.py")], ids=str
)
def test_the_model_and_the_rules_need_nothing_but_python(path: Path) -> None:
    beyond = [
        name
        for name in imports(path)
        if name.partition(".")[0] not in sys.stdlib_module_names and not re.match(r"graph\.(?:model|rules)\b", name)
    ]
    assert beyond == []


def test_the_rules_ask_no_clock_and_no_chance() -> None:
    asked = [
        f"{path.name}: {name}"
        for path in (CHECKOUT / "graph" / "rules").glob("*.py")
        for name in imports(path)
        if name.partition(".")[0] in {"random", "secrets", "time", "uuid", "os"}
    ]
    calls = [
        f"{path.name}: {found}"
        for path in (CHECKOUT / "graph" / "rules").glob("*.py")
        for found in re.findall(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today)\b", path.read_text(encoding="utf-8"))
    ]
    assert asked + calls == []
