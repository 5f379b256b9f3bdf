"""How gunicorn serves: workers of threads, settings from app/config.py, logs and metrics as the rest of the service has them."""

import gc
import os
import shutil
from typing import Any

from app.config import Settings

_settings = Settings.from_environment(os.environ)

if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # Counted anew from each start, but not from each reload, which reads this file again and finds the variable set.
    _metrics = _settings.data_dir / "run" / f"metrics-{_settings.port}"
    shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(mode=0o700, parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)

# prometheus_client looks for that variable when it is imported, which app.logs does.
from prometheus_client import multiprocess  # noqa: E402

from app import logs  # noqa: E402

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = f"{_host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
# Each worker connects for itself: a driver does not survive a fork.
preload_app = False
# A stop waits this long for answers under way; a client that has connected and says nothing would hold it up longer.
graceful_timeout = 5
# Two ids of 256 characters, percent-encoded, make a path of 6 kB; gunicorn's default is 4.
limit_request_line = 8190
# By default a socket in the home directory that all gunicorns of a user would share.
control_socket_disable = True
logconfig_dict = logs.configuration(_settings.log_level)


def post_worker_init(_worker: Any) -> None:
    """Never look again through what was made at the start and stays: a collection took 70 ms of a large batch."""
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the live gauges of a worker that has ended."""
    multiprocess.mark_process_dead(worker.pid)
