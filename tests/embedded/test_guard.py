"""A guarded command ends with its owner, with its guard and when it is told to, even if it ignores signals."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from graph.embedded import guard
from tests.embedded.conftest import Gone
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS, wait_until

IGNORES_SIGTERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    f"print('on', flush=True); time.sleep({FOREVER_SECONDS})"
)
SLEEPS = ["sleep", str(FOREVER_SECONDS)]
#: The grace is so long that a command which ends within the test has not waited for it.
OWNER = f"""
import time
from graph.embedded import guard
guarded = guard.start({SLEEPS}, log=None, environ={{}}, grace_seconds={FOREVER_SECONDS})
print(guarded.guard_pid, guarded.pid, flush=True)
time.sleep({FOREVER_SECONDS})
"""


def sleeper(**options: object) -> guard.Guarded:
    arguments: dict[str, object] = {"log": None, "environ": {}, "grace_seconds": FOREVER_SECONDS, **options}
    return guard.start(SLEEPS, **arguments)  # type: ignore[arg-type]


@contextmanager
def owner(text: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that starts a guarded command; it is killed at the end at the latest."""
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("victim", ["owner", "guard", "command"])
def test_killing_the_owner_the_guard_or_the_command_ends_the_command_and_its_guard(victim: str, gone: Gone) -> None:
    with owner(OWNER) as process:
        assert process.stdout is not None
        guard_pid, command_pid = map(int, process.stdout.readline().split())
        {
            "owner": psutil.Process(process.pid),
            "guard": psutil.Process(guard_pid),
            "command": psutil.Process(command_pid),
        }[victim].kill()
        gone(guard_pid, command_pid)


def test_a_command_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    log = tmp_path / "log"
    guarded = guard.start([sys.executable, "-c", IGNORES_SIGTERM], log=log, environ={}, grace_seconds=0.5)
    wait_until(lambda: "on" in log.read_text(), "the command does not start")
    started = time.monotonic()
    guarded.stop(PATIENCE_SECONDS)
    assert time.monotonic() - started >= 0.5
    assert guarded._guard.returncode == 128 + signal.SIGKILL, "the guard itself was killed"
    assert not psutil.pid_exists(guarded.pid)


def test_a_command_whose_owner_died_is_killed_after_the_orphans_grace(gone: Gone) -> None:
    text = f"""
import sys, time
from graph.embedded import guard
command = [sys.executable, "-c", {IGNORES_SIGTERM!r}]
guarded = guard.start(command, log=None, environ={{}}, grace_seconds={FOREVER_SECONDS}, orphan_grace_seconds=0.2)
print(guarded.pid, flush=True)
time.sleep({FOREVER_SECONDS})
"""
    with owner(text) as process:
        assert process.stdout is not None
        printed = {process.stdout.readline().strip(), process.stdout.readline().strip()}
        (pid,) = printed - {"on"}
        started = time.monotonic()
        process.kill()
        gone(int(pid))
        assert time.monotonic() - started >= 0.2


def test_a_guard_that_hangs_is_killed_and_the_command_with_it(gone: Gone) -> None:
    guarded = sleeper()
    psutil.Process(guarded.guard_pid).suspend()
    guarded.stop(0.5)
    gone(guarded.guard_pid, guarded.pid)


def test_a_signal_to_the_guard_ends_the_command() -> None:
    guarded = sleeper()
    psutil.Process(guarded.guard_pid).send_signal(signal.SIGTERM)
    wait_until(lambda: not guarded.is_running(), "it goes on")
    assert not psutil.pid_exists(guarded.pid)


def test_stopping_a_stopped_command_changes_nothing() -> None:
    guarded = sleeper()
    assert guarded.is_running()
    guarded.stop(PATIENCE_SECONDS)
    guarded.stop(PATIENCE_SECONDS)
    assert not guarded.is_running()


def test_the_command_is_in_the_guards_session_and_not_in_its_owners(tmp_path: Path) -> None:
    log = tmp_path / "log"
    show = "import os; print(os.getsid(0), os.getppid(), flush=True)"
    guarded = guard.start([sys.executable, "-c", show], log=log, environ={}, grace_seconds=1)
    wait_until(lambda: not guarded.is_running(), "it goes on")
    assert log.read_text().split() == [str(guarded.guard_pid)] * 2


def test_the_error_names_a_command_that_does_not_exist() -> None:
    with pytest.raises(OSError, match="no-such-command: No such file"):
        guard.start(["no-such-command"], log=None, environ={}, grace_seconds=1)


def test_the_command_has_only_the_passed_files_and_its_log_open(tmp_path: Path) -> None:
    with (tmp_path / "passed").open("w") as passed, (tmp_path / "kept").open("w"):
        guarded = sleeper(pass_fds=[passed.fileno()], log=tmp_path / "log")
        opened = {
            Path(file.path).name for file in psutil.Process(guarded.pid).open_files() if str(tmp_path) in file.path
        }
        guarded.stop(PATIENCE_SECONDS)
    assert opened == {"passed", "log"}
