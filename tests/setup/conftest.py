"""A copy of the checkout, set up by `make` and started by it, as a person would."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
#: Of a first start: Neo4j takes 10 s, and twice that on a machine that does something else as well.
START_SECONDS = 120
STOP_SECONDS = 15
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".data", ".*_cache", ".hypothesis", "node_modules", "build", "__pycache__"
)


@dataclass
class Make:
    """A `make` that runs in the copy, what it has printed, and all processes it led to."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> None:
        """Wait until this was printed; fails with all that was printed."""
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {text!r} within {seconds} s:\n{self.output}"
            time.sleep(0.1)

    def printed(self, label: str) -> str:
        """The value in the line that starts with this label."""
        found = re.search(rf"^ *{label} {{2,}}(\S+)", self.output, re.MULTILINE)
        assert found, f"no {label!r} in:\n{self.output}"
        return found[1]

    def family(self) -> list[psutil.Process]:
        """The process and everything that it has started."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def member(self, *words: str) -> psutil.Process:
        """The eldest of the family whose command line has all these words."""
        return next(each for each in self.family() if all(word in " ".join(each.cmdline()) for word in words))

    def ended(self, family: list[psutil.Process], seconds: float = STOP_SECONDS) -> bool:
        """Whether all of a family are gone within so many seconds."""
        self.process.wait(seconds)
        _, alive = psutil.wait_procs(family, seconds)
        return not alive


@pytest.fixture(scope="session")
def bare_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout as a clone has it, where the path has spaces; nothing is set up."""
    copy = tmp_path_factory.mktemp("a path with spaces") / "who graph"
    shutil.copytree(CHECKOUT, copy, ignore=LEFT_OUT)
    return copy


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Ours, without what belongs to the make that runs these tests and to its service."""
    ours = ("MAKE", "MFLAGS", "PORT", "HOST", "DATA_DIR", "NEO4J_URI", "VIRTUAL_ENV", "PYTHON", "TESTS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="session")
def checkout(bare_checkout: Path, environment: dict[str, str]) -> Path:
    """The copy, set up to run."""
    subprocess.run(["sh", "bin/setup", "run"], cwd=bare_checkout, env=environment, check=True, capture_output=True)
    return bare_checkout


@pytest.fixture(scope="session")
def make(
    checkout: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Make]]:
    """Start `make run` with settings, each time in a session of its own like a terminal's; all are ended at last."""
    started: list[Make] = []

    def start(settings: dict[str, str]) -> Make:
        log = tmp_path_factory.mktemp("log") / "output"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["make", "run"],
                cwd=checkout,
                env=environment | settings,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(Make(process, log))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            family = each.family()
            each.process.send_signal(signal.SIGTERM)
            assert each.ended(family)


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Find a port that nobody listens on."""

    def find() -> int:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port: int = server.getsockname()[1]
            return port

    return find
