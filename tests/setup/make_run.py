"""A started `make run`: its output and all its processes."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from tests.patience import PATIENCE_SECONDS, wait_until


@dataclass(frozen=True)
class MakeRun:
    process: "subprocess.Popen[bytes]"
    log: Path
    data_dir: Path

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until this text is printed; a failure shows the whole output."""

        def printed() -> bool:
            is_running = self.process.poll() is None
            found = text in self.output
            assert found or is_running, f"ended with {self.process.returncode}:\n{self.output}"
            return found

        wait_until(printed, lambda: f"no {text!r} in:\n{self.output}")

    def wait_until_ready(self) -> None:
        self.wait_for("signing secret")

    def printed(self, label: str) -> str:
        """Return the value in the printed line that starts with this label."""
        found = re.search(rf"^ *{label} {{2,}}(\S+)", self.output, re.MULTILINE)
        assert found, f"no {label!r} in:\n{self.output}"
        return found[1]

    @property
    def url(self) -> str:
        return self.printed("Demo page").removesuffix("/demo/")

    def family(self) -> list[psutil.Process]:
        """Return the process and all processes under it."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def member(self, *words: str) -> psutil.Process:
        """Return the first process of the family whose command line has all these words."""
        return next(each for each in self.family() if all(word in " ".join(each.cmdline()) for word in words))

    def left_of(self, family: list[psutil.Process]) -> list[psutil.Process]:
        """Wait until the processes of a family have ended; return those that still run when patience is over."""
        self.process.wait(PATIENCE_SECONDS)
        left: list[psutil.Process] = psutil.wait_procs(family, PATIENCE_SECONDS)[1]
        return left

    def init(self) -> dict[str, object]:
        """Send an `init` with the printed write key, as a page does."""
        visit = {"writeKey": self.printed("write key"), "fingerprint": {"visitorId": "f1"}, "anonymousId": "a1"}
        answer = requests.post(f"{self.url}/eventTracking/init", json=visit, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return dict(answer.json())

    def get(self, path: str) -> requests.Response:
        """Read with the printed secret key, as a customer's server does."""
        headers = {"Authorization": f"Bearer {self.printed('secret key')}"}
        return requests.get(f"{self.url}/api/v1{path}", headers=headers, timeout=PATIENCE_SECONDS)
