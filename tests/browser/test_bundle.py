"""The committed bundles are what sdk/ and explore/ build, and their checks pass. Needs Node (18 or later) and npm."""

import gzip
import re
import shutil
from pathlib import Path

import pytest

from tests.browser.packages import npm

CHECKOUT = Path(__file__).resolve().parents[2]
BUNDLES = {
    "sdk": CHECKOUT / "app/static/sdk/whograph.js",
    "explore": CHECKOUT / "app/static/explore/explore.js",
}
EXPLORE_BYTES_MAX = 1_500_000


@pytest.fixture(scope="module", params=BUNDLES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of sdk/ or explore/ with its pinned packages installed."""
    name: str = request.param
    copy = tmp_path_factory.mktemp("npm") / name
    shutil.copytree(CHECKOUT / name, copy, ignore=shutil.ignore_patterns("node_modules", "build"))
    npm(copy, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return copy


def test_the_committed_bundle_is_what_the_sources_build(project: Path, tmp_path: Path) -> None:
    built = tmp_path / "built.js"
    npm(project, "run", "build", "--", str(built))
    committed = BUNDLES[project.name].read_bytes()
    assert built.read_bytes() == committed, f"run `npm ci && npm run build` in {project.name}/ and commit the bundle"


def test_the_sources_pass_the_strict_type_check(project: Path) -> None:
    npm(project, "run", "check")


def test_the_unit_tests_of_the_sources_pass(project: Path) -> None:
    npm(project, "test")


def test_the_bundle_holds_the_licence_of_fingerprintjs() -> None:
    banner, _, _ = BUNDLES["sdk"].read_text(encoding="utf-8").partition("*/")
    assert "FingerprintJS 5.2.0" in banner
    assert "The above copyright notice and this permission notice shall be included" in banner


def test_the_compressed_bundle_is_below_21_kb() -> None:
    compressed = gzip.compress(BUNDLES["sdk"].read_bytes(), mtime=0)
    assert len(compressed) < 21_000, "FingerprintJS alone is 15,500 bytes"


def test_the_explorer_holds_the_licences_of_what_is_in_it() -> None:
    banner, _, _ = BUNDLES["explore"].read_text(encoding="utf-8").partition("*/")
    for package in ("cytoscape", "cytoscape-fcose", "cose-base", "layout-base"):
        assert f"\n{package} " in banner
    assert banner.count("Permission is hereby granted, free of charge") == 4


def test_the_explorer_holds_nothing_of_the_checker_of_its_tests() -> None:
    assert b"axe-core" not in BUNDLES["explore"].read_bytes()


def test_the_explorer_is_below_1_500_kb() -> None:
    assert BUNDLES["explore"].stat().st_size < EXPLORE_BYTES_MAX


@pytest.mark.parametrize("project", BUNDLES)
def test_the_lock_file_names_no_registry(project: str) -> None:
    lock = (CHECKOUT / project / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert len(re.findall(r'"integrity": "sha512-', lock)) == lock.count('"node_modules/')


def test_the_documented_stub_is_the_one_that_the_demo_uses() -> None:
    stub = (CHECKOUT / "app/static/demo/stub.js").read_text(encoding="utf-8")
    assert stub in (CHECKOUT / "docs/sdk.md").read_text(encoding="utf-8")
