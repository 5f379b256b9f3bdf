"""Measure a tenant with few clients, alone and beside a tenant that sends what it can."""

import json
import os
import subprocess
import sys

from bench.service import CHECKOUT, Service, percentile
from bench.throughput.comparison import CLIENTS
from bench.throughput.door import Door
from bench.throughput.goal import Goal
from bench.throughput.load import call
from bench.throughput.traffic import Traffic

FEW = 4
ROUNDS = 2


def measure(door: Door, quiet: Traffic, heavy: Traffic, seconds: float) -> Goal:
    """Measure both in turn. The quiet tenant's first visits are a warm-up."""
    door.call(quiet.visiting, FEW, 2)
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(ROUNDS):
        alone += door.call(quiet.visiting, FEW, seconds).load.latencies
        clients = [*(quiet.visiting() for _ in range(FEW)), *(heavy.visiting() for _ in range(CLIENTS))]
        for latencies in call(door.port, clients, seconds).clients[:FEW]:
            beside += latencies
    p99_alone, p99_beside = percentile(alone, 0.99), percentile(beside, 0.99)
    print(f"a tenant with {FEW} clients: p99 {p99_alone:.0f} ms alone, {p99_beside:.0f} ms beside another", flush=True)
    return Goal("p99 of a tenant beside a heavy one / alone", p99_beside / p99_alone, 3, is_least=False)


def create(service: Service, name: str) -> Traffic:
    """Make a tenant, and return its traffic."""
    made = subprocess.run(
        [sys.executable, "-m", "app", "tenants", "create", name, "--json"],
        cwd=CHECKOUT,
        env={**os.environ, "DATA_DIR": str(service.data_dir)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Traffic(json.loads(made.stdout))
