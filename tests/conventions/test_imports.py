"""Modules import only what their layer may: the contracts of pyproject.toml, and rules that it cannot express."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import CHECKOUT


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def test_the_contracts_of_the_layers_hold() -> None:
    # In a process of its own: import-linter configures logging, which disables the loggers that other tests read.
    check = "from importlinter.cli import lint_imports_command as check; check()"
    checked = subprocess.run(
        [sys.executable, "-c", check, "--no-cache"], cwd=CHECKOUT, check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    "path", [CHECKOUT / "graph" / "model.py", *(CHECKOUT / "graph" / "rules").glob("*.py")], ids=str
)
def test_the_model_and_the_rules_import_only_the_standard_library_and_each_other(path: Path) -> None:
    beyond = [
        name
        for name in imports(path)
        if name.partition(".")[0] not in sys.stdlib_module_names and not re.match(r"graph\.(?:model|rules)\b", name)
    ]
    assert beyond == []


def test_the_rules_use_no_clock_and_no_randomness() -> None:
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
