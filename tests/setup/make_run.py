"""A `make run` that was started, what it has printed, and all processes it led to."""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

#: Of a first start: Neo4j takes 10 s, and several times that on a machine that does something else as well.
START_SECONDS = 240
STOP_SECONDS = 15


@dataclass(frozen=True)
class MakeRun:
    process: "subprocess.Popen[bytes]"
    log: Path
    data_dir: Path

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until this was printed; fails with all that was printed."""
        deadline = time.monotonic() + START_SECONDS
        while text not in self.output:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {text!r} within {START_SECONDS} s:\n{self.output}"
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        self.wait_for("signing secret")

    def printed(self, label: str) -> str:
        """The value in the line that starts with this label."""
        found = re.search(rf"^ *{label} {{2,}}(\S+)", self.output, re.MULTILINE)
        assert found, f"no {label!r} in:\n{self.output}"
        return found[1]

    @property
    def url(self) -> str:
        return self.printed("Demo page").removesuffix("/demo/")

    def family(self) -> list[psutil.Process]:
        """The process and everything that it has started."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def member(self, *words: str) -> psutil.Process:
        """The eldest of the family whose command line has all these words."""
        return next(each for each in self.family() if all(word in " ".join(each.cmdline()) for word in words))

    def left_of(self, family: list[psutil.Process]) -> list[psutil.Process]:
        """What of a family still runs after the seconds in which all of it should have ended."""
        self.process.wait(STOP_SECONDS)
        left: list[psutil.Process] = psutil.wait_procs(family, STOP_SECONDS)[1]
        return left

    def init(self) -> dict[str, object]:
        """Visit, as a page with the printed write key does."""
        visit = {"writeKey": self.printed("write key"), "fingerprint": {"visitorId": "f1"}, "anonymousId": "a1"}
        answer = requests.post(f"{self.url}/eventTracking/init", json=visit, timeout=60)
        answer.raise_for_status()
        return dict(answer.json())

    def get(self, path: str) -> requests.Response:
        """Read, as a server with the printed secret key does."""
        headers = {"Authorization": f"Bearer {self.printed('secret key')}"}
        return requests.get(f"{self.url}/api/v1{path}", headers=headers, timeout=60)
