"""A guarded command ends with its owner, with its guard, and when asked to, whatever it thinks of that."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from graph.embedded import guard

IGNORES_SIGTERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
)
OWNER = """
import sys, time
from graph.embedded import guard
guarded = guard.start(["sleep", "60"], log=None, environ={}, grace_seconds=1)
print(guarded.guard_pid, guarded.pid, flush=True)
time.sleep(60)
"""


def sleeper(**options: object) -> guard.Guarded:
    arguments: dict[str, object] = {"log": None, "environ": {}, "grace_seconds": 1, **options}
    return guard.start(["sleep", "60"], **arguments)  # type: ignore[arg-type]


def seconds_until(done: Callable[[], bool]) -> float:
    started = time.monotonic()
    while not done():
        assert time.monotonic() - started < 10, "it goes on"
        time.sleep(0.01)
    return time.monotonic() - started


@pytest.mark.parametrize("victim", ["owner", "guard", "command"])
def test_killing_any_of_the_three_ends_the_command_and_its_guard(victim: str) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        guard_pid, command_pid = map(int, owner.stdout.readline().split())
        {
            "owner": psutil.Process(owner.pid),
            "guard": psutil.Process(guard_pid),
            "command": psutil.Process(command_pid),
        }[victim].kill()
        assert seconds_until(lambda: not is_alive(guard_pid) and not is_alive(command_pid)) < 1
        owner.kill()


def is_alive(pid: int) -> bool:
    # A killed guard is a zombie for as long as its owner does not look at it.
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_what_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    log = tmp_path / "log"
    guarded = guard.start([sys.executable, "-c", IGNORES_SIGTERM], log=log, environ={}, grace_seconds=0.5)
    seconds_until(lambda: "on" in log.read_text())
    started = time.monotonic()
    guarded.stop(5)
    assert 0.5 <= time.monotonic() - started < 2
    assert not psutil.pid_exists(guarded.pid)


def test_what_lost_its_owner_has_a_grace_of_its_own() -> None:
    owner = f"""
import os, sys, time
from graph.embedded import guard
command = [sys.executable, "-c", {IGNORES_SIGTERM!r}]
guarded = guard.start(command, log=None, environ={{}}, grace_seconds=30, orphan_grace_seconds=0.2)
print(guarded.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = {process.stdout.readline().strip(), process.stdout.readline().strip()}
        process.kill()
        (pid,) = said - {"on"}
        assert 0.1 < seconds_until(lambda: not psutil.pid_exists(int(pid))) < 2


def test_a_guard_that_hangs_is_killed_and_the_command_with_it() -> None:
    guarded = sleeper()
    psutil.Process(guarded.guard_pid).suspend()
    guarded.stop(0.5)
    seconds_until(lambda: not psutil.pid_exists(guarded.pid))


def test_a_signal_to_the_guard_ends_the_command_in_order() -> None:
    guarded = sleeper()
    psutil.Process(guarded.guard_pid).send_signal(signal.SIGTERM)
    seconds_until(lambda: not guarded.is_running())
    assert not psutil.pid_exists(guarded.pid)


def test_stopping_twice_is_stopping_once() -> None:
    guarded = sleeper()
    assert guarded.is_running()
    guarded.stop(5)
    guarded.stop(5)
    assert not guarded.is_running()


def test_the_command_is_in_a_session_without_the_terminal_that_its_owner_has(tmp_path: Path) -> None:
    log = tmp_path / "log"
    show = "import os; print(os.getsid(0), os.getppid(), flush=True)"
    guarded = guard.start([sys.executable, "-c", show], log=log, environ={}, grace_seconds=1)
    seconds_until(lambda: not guarded.is_running())
    assert log.read_text().split() == [str(guarded.guard_pid)] * 2


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(OSError, match="no-such-command: No such file"):
        guard.start(["no-such-command"], log=None, environ={}, grace_seconds=1)


def test_only_the_files_that_are_passed_on_are_open_in_the_command(tmp_path: Path) -> None:
    with (tmp_path / "passed").open("w") as passed, (tmp_path / "kept").open("w"):
        guarded = sleeper(pass_fds=[passed.fileno()], log=tmp_path / "log")
        opened = {
            Path(file.path).name for file in psutil.Process(guarded.pid).open_files() if str(tmp_path) in file.path
        }
        guarded.stop(5)
    assert opened == {"passed", "log"}
