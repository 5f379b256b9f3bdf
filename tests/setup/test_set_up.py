"""`bin/setup`: what it needs of a machine, and that it can be interrupted, repeated and run twice at once."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.patience import PATIENCE_SECONDS, wait_until

SetUp = Callable[..., "subprocess.CompletedProcess[str]"]
COMMANDS = ("sh", "dirname", "sed", "cmp", "sort", "paste", "id", "make", "awk", "rm", "mkdir", "cp", "cat")


@pytest.fixture
def copy(bare_checkout: Path, tmp_path: Path) -> Path:
    """A folder with only the files that `bin/setup` needs, and one small package to install instead of a hundred."""
    copy = tmp_path / "a copy"
    (copy / "bin").mkdir(parents=True)
    shutil.copy(bare_checkout / "bin" / "setup", copy / "bin")
    shutil.copy(bare_checkout / "Makefile", copy)
    (copy / "requirements.txt").write_text(_pinned(bare_checkout, "itsdangerous"))
    (copy / "requirements-embedded.txt").write_text("")
    return copy


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder for PATH with the commands that every machine has, and without Python."""
    folder = tmp_path / "commands"
    folder.mkdir()
    for name in COMMANDS:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def set_up(copy: Path, environment: dict[str, str]) -> SetUp:
    def run(what: str = "run", **settings: str | None) -> "subprocess.CompletedProcess[str]":
        changed = {name: value for name, value in (environment | settings).items() if value is not None}
        return subprocess.run(
            ["sh", "bin/setup", what],
            cwd=copy,
            env=changed,
            text=True,
            capture_output=True,
            check=False,
        )

    return run


def test_help_lists_every_verb(bare_checkout: Path, environment: dict[str, str]) -> None:
    printed = subprocess.run(["make"], cwd=bare_checkout, env=environment, text=True, capture_output=True, check=True)
    listed = {line.split()[1] for line in printed.stdout.splitlines() if line.startswith("  make ")}
    phony = next(line for line in (bare_checkout / "Makefile").read_text().splitlines() if line.startswith(".PHONY"))
    assert listed == set(phony.split()[1:])


def test_without_a_suitable_python_the_error_says_what_is_needed(set_up: SetUp, commands: Path) -> None:
    _script(commands / "python3", 'case "$2" in *version_info*) echo 3.9 ;; esac')
    result = set_up(PATH=str(commands), PYENV_ROOT=str(commands))
    assert result.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in result.stderr
    assert "found 3.9." in result.stderr
    assert "apt-get install python3 python3-venv" in result.stderr


def test_a_python_that_does_not_run_is_skipped_and_no_home_is_needed(set_up: SetUp, copy: Path, commands: Path) -> None:
    _script(commands / "python3.13", 'echo "pyenv: python3.13: command not found" >&2; exit 127')
    _script(commands / "python3", f'exec "{_python()}" "$@"')
    result = set_up(PATH=str(commands), PYENV_ROOT=str(commands), HOME=None)
    assert result.returncode == 0, result.stderr
    assert "with python3, Python 3." in result.stderr
    assert (copy / ".venv" / "installed" / "requirements.txt").exists()


def test_without_venv_the_missing_package_is_named(set_up: SetUp, commands: Path) -> None:
    _script(
        commands / "python3",
        'case "$2" in *version_info*) echo 3.12 ;; *) echo "No module named ensurepip" >&2; exit 1 ;; esac',
    )
    result = set_up(PATH=str(commands), PYENV_ROOT=str(commands))
    assert result.returncode == 1
    assert "sudo apt-get install python3.12-venv" in result.stderr


def test_root_on_debian_gets_venv_installed_after_an_update(set_up: SetUp, commands: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    _script(
        commands / "python3",
        f'case "$2" in *ensurepip*) [ -e "{installed}" ] || exit 1 ;; esac; exec "{_python()}" "$@"',
    )
    (commands / "id").unlink()
    _script(commands / "id", "echo 0")
    _script(commands / "apt-get", f'echo "$DEBIAN_FRONTEND $*" >>"{installed}"')
    result = set_up(PATH=str(commands), PYENV_ROOT=str(commands))
    assert result.returncode == 0, result.stderr
    update, install = installed.read_text().splitlines()
    assert update.startswith("noninteractive")
    assert update.endswith("update")
    assert " -y " in install
    assert install.endswith("-venv")


def test_a_missing_browser_is_installed_for_root_and_named_for_others(set_up: SetUp, commands: Path) -> None:
    (commands / "id").unlink()
    _script(commands / "apt-get", f'case "$*" in *"install chromium") ln -s /bin/true "{commands}/chromium" ;; esac')
    (commands / "ln").symlink_to("/bin/ln")
    (commands / "python3").symlink_to(sys.executable)
    _script(commands / "npm", "true")
    for user, status in (("1000", 1), ("0", 0)):
        _script(commands / "id", f"echo {user}")
        result = set_up("browser", PATH=str(commands), CHROMIUM=None)
        assert result.returncode == status, result.stderr
        assert ("sudo apt-get install chromium" in result.stderr) == (status == 1)


def test_setting_up_again_does_nothing_until_a_requirement_changes(
    set_up: SetUp, copy: Path, bare_checkout: Path
) -> None:
    assert "installing" in set_up().stderr
    assert set_up().stderr == ""
    (copy / "requirements.txt").write_text(_pinned(bare_checkout, "blinker"))
    # Not even root can write to this home directory.
    changed = set_up(HOME="/dev/null")
    assert changed.returncode == 0, changed.stderr
    assert "Successfully installed blinker" in changed.stderr


def test_a_package_that_is_not_the_pinned_one_is_refused(set_up: SetUp, copy: Path) -> None:
    requirements = copy / "requirements.txt"
    requirements.write_text(f"itsdangerous==2.2.0 --hash=sha256:{'0' * 64}\n")
    result = set_up()
    assert result.returncode != 0
    assert not (copy / ".venv" / "installed").exists()


def test_an_interrupted_set_up_leaves_nothing_running_and_the_next_one_finishes_it(
    set_up: SetUp, bare_checkout: Path, copy: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    shutil.copy(bare_checkout / "requirements.txt", copy)
    # The output goes to a file. With a pipe, a process that still writes after the end would be killed by it.
    log = tmp_path / "log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            ["make", "run"], cwd=copy, env=environment, stderr=output, stdout=output, start_new_session=True
        ) as setting_up,
    ):

        def installs() -> bool:
            assert setting_up.poll() is None, log.read_text()
            return "Collecting" in log.read_text()

        wait_until(installs, log.read_text)
        family = psutil.Process(setting_up.pid).children(recursive=True)
        setting_up.send_signal(signal.SIGTERM)
    assert psutil.wait_procs(family, PATIENCE_SECONDS)[1] == []
    # The installation was interrupted and did not finish.
    assert list((copy / ".venv").rglob("site-packages/flask")) == []
    assert not (copy / ".venv" / "installed").exists()
    (copy / "requirements.txt").write_text(_pinned(bare_checkout, "itsdangerous"))
    assert set_up().returncode == 0
    assert (copy / ".venv" / "installed" / "requirements.txt").exists()


def test_a_second_set_up_waits_for_the_first(set_up: SetUp, copy: Path, environment: dict[str, str]) -> None:
    with subprocess.Popen(
        ["sh", "bin/setup", "run"], cwd=copy, env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stderr
        assert "making .venv" in first.stderr.readline()
        second = set_up()
        first.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert second.stderr == "setup: waiting for another one to finish\n"


def _script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def _python() -> str:
    """Return the path of an interpreter outside of any virtual environment."""
    return os.path.realpath(sys.executable)


def _pinned(checkout: Path, name: str) -> str:
    """Return the lines of a package in the requirements."""
    lines = iter((checkout / "requirements.txt").read_text().splitlines())
    pinned = [next(line for line in lines if line.startswith(f"{name}=="))]
    while pinned[-1].endswith("\\"):
        pinned.append(next(lines))
    return "\n".join(pinned) + "\n"
