"""Sample a worker under load with py-spy, and draw where its CPU goes as a flame graph."""

import shutil
import subprocess
from pathlib import Path

from bench.throughput.comparison import CLIENTS, Places

#: Without pauses: they would stop a worker's threads where they call the system, and those places would look expensive.
SAMPLING = ("--gil", "--nonblocking")
SECONDS = 30
SAMPLES_A_SECOND = 100


def take(places: Places, folder: Path) -> None:
    """Write `flame-init.svg` and `flame-track.svg` into a folder.

    Raises:
        SystemExit: py-spy is missing.
    """
    command = shutil.which("py-spy")
    if command is None:
        raise SystemExit("py-spy is missing: .venv/bin/python -m pip install -r requirements-bench.txt")
    folder.mkdir(parents=True, exist_ok=True)
    worker = max(places.service.gunicorn, key=lambda one: sum(one.cpu_times()[:2]))
    for name, client in (("init", places.traffic.visiting), ("track", places.traffic.tracking)):
        file = folder / f"flame-{name}.svg"
        arguments = ["--pid", str(worker.pid), "--duration", str(SECONDS), "--rate", str(SAMPLES_A_SECOND)]
        sampler = subprocess.Popen([command, "record", *SAMPLING, "--output", str(file), *arguments])
        places.service.call(client, CLIENTS, SECONDS + 3)
        if sampler.wait() != 0:
            raise SystemExit("py-spy may not look into the worker: it needs root, or the right to trace processes")
        print(f"{file}", flush=True)
