"""A server that is called, with the CPU that it takes: Python's (all processes of gunicorn) and Neo4j's (Java)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import psutil

from bench.throughput.load import Client, Load, call


@dataclass(frozen=True)
class Cpu:
    """Milliseconds of CPU a call: of the server, of Neo4j, and of this process with the clients."""

    python: float
    neo4j: float
    clients: float


@dataclass(frozen=True)
class Measured:
    """Calls, and the CPU that each took."""

    load: Load
    cpu: Cpu


@dataclass(frozen=True)
class Door:
    """A server's port and processes. Workers that start later are not among them."""

    port: int
    gunicorn: list[psutil.Process]
    java: psutil.Process

    @classmethod
    def of(cls, port: int, pid: int, java: int) -> Self:
        """Return the door that a process, or one below it, keeps."""
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
        return cls(port, [one for one in tree if "gunicorn" in one.cmdline()], psutil.Process(java))

    def call(self, client: Callable[[], Client], clients: int, seconds: float) -> Measured:
        """Let some clients of a kind call for some seconds."""
        return self.measure(lambda: call(self.port, [client() for _ in range(clients)], seconds))

    def measure(self, calling: Callable[[], Load]) -> Measured:
        """Measure the CPU beside any calls."""
        before = self._cpu_seconds()
        load = calling()
        if not load.latencies:
            raise RuntimeError("nothing was called")
        calls = len(load.latencies)
        taken = zip(self._cpu_seconds(), before, strict=True)
        return Measured(load, Cpu(*(1000 * (after - then) / calls for after, then in taken)))

    def _cpu_seconds(self) -> tuple[float, float, float]:
        return sum(map(_seconds, self.gunicorn)), _seconds(self.java), time.process_time()


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
