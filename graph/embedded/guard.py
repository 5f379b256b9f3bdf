"""Run a command that ends when its owner, the process that started it, ends, even by kill -9.

A guard process, which is this file run as a program, runs between owner and command. It holds the read end of a pipe
from the owner. When the owner ends in any way, the pipe closes, and the guard ends the command. If the guard itself is
killed, Linux ends the command.

PR_SET_PDEATHSIG alone, without a guard, would not do: it fires when the *thread* that forked ends
(https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html). The guard has one thread, which outlives the command.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
ENDS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class Guarded:
    """A command under guard; `pid` is the command's process id, `guard_pid` the guard's."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: int, pid: int) -> None:
        self.pid = pid
        self.guard_pid = process.pid
        self._guard = process
        self._pipe: int | None = pipe

    def is_running(self) -> bool:
        """Whether the command still runs; it may have ended by itself."""
        return self._guard.poll() is None

    def stop(self, timeout: float) -> None:
        """End the command: SIGTERM, SIGKILL after its grace period, and after `timeout` seconds kill the guard, too."""
        if self._pipe is not None:
            # The text tells the guard that the owner asks for a stop; a dying owner only closes the pipe. If the guard
            # is gone, nobody reads the pipe.
            with contextlib.suppress(BrokenPipeError):
                os.write(self._pipe, b"stop")
            os.close(self._pipe)
            self._pipe = None
        try:
            self._guard.wait(timeout)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
        if self._guard.returncode < 0:
            # The guard was killed. Only Linux then ends the command by itself.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def start(
    command: Sequence[str],
    *,
    log: Path | None,
    environ: Mapping[str, str],
    grace_seconds: float,
    orphan_grace_seconds: float | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    cwd: Path | None = None,
    umask: int = -1,
    pass_fds: Sequence[int] = (),
) -> Guarded:
    """Start a command under guard, in its own session, so that Ctrl-C in a terminal reaches only its owner.

    - `log` is the file for the command's output; None means the owner's own output.
    - `grace_seconds` is the time between SIGTERM and SIGKILL; `orphan_grace_seconds` is the same if the owner died.
    - `death_signal` is the signal that the command gets if the guard is killed.
    - `pass_fds` stay open in the guard and in the command.

    Raises:
        OSError: The command could not be started.
    """
    with contextlib.ExitStack() as opened:
        # The pipe is closed on exec. Otherwise another child of the owner could keep it open after the owner's end.
        held, pipe = os.pipe()
        opened.callback(os.close, held)
        graces = (grace_seconds, grace_seconds if orphan_grace_seconds is None else orphan_grace_seconds)
        told, tells = os.pipe()
        answer = opened.enter_context(os.fdopen(told))
        output = opened.enter_context(log.open("ab")) if log is not None else None
        try:
            process = subprocess.Popen(  # noqa: S603 - the callers' commands are their own
                [
                    sys.executable,
                    "-I",
                    "-S",
                    __file__,
                    *map(str, (held, tells, *graces, int(death_signal))),
                    *command,
                ],
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                umask=umask,
                pass_fds=(held, tells, *pass_fds),
                start_new_session=True,
            )
        except BaseException:
            os.close(pipe)
            raise
        finally:
            os.close(tells)
        said = answer.read()
    if not said.isdigit():
        os.close(pipe)
        process.wait()
        raise OSError(f"cannot start {command[0]}: {said or 'its guard was killed'}")
    return Guarded(process, pipe, int(said))


def main(held: int, tells: int, graces: tuple[float, float], death_signal: int, command: Sequence[str]) -> int:
    """Run as the guard: start the command, report its process id or the error, and wait for its end or the owner's."""
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    # These are handlers and not SIG_IGN, since the command would inherit SIG_IGN.
    for number in (signal.SIGCHLD, *ENDS):
        signal.signal(number, lambda _number, _frame: None)
    # The owner's descriptors are inheritable; these two must stay with the guard.
    os.set_inheritable(held, False)
    os.set_inheritable(tells, False)
    try:
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=_end_with_guard(death_signal),  # noqa: PLW1509 - there is one thread
        )
    except OSError as error:
        os.write(tells, str(error.strerror).encode())
        return 127
    os.write(tells, str(child.pid).encode())
    os.close(tells)
    while child.poll() is None:
        ready, _, _ = select.select([held, woken], [], [])
        if held in ready or ENDS.intersection(os.read(woken, 64)):
            child.terminate()
            is_orphan = held in ready and not os.read(held, 64)
            try:
                child.wait(graces[is_orphan])
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _end_with_guard(death_signal: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    libc, guard = ctypes.CDLL(None), os.getpid()

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != guard:  # the guard was killed before prctl
            os._exit(1)

    return ask_kernel


if __name__ == "__main__":
    held, tells, grace, orphan_grace, death_signal = sys.argv[1:6]
    sys.exit(main(int(held), int(tells), (float(grace), float(orphan_grace)), int(death_signal), sys.argv[6:]))
