"""Configure gunicorn: workers with threads, settings from app/config.py, and the service's own logs and metrics."""

import gc
import os
import shutil
from typing import Any

from app.config import Settings

_settings = Settings.from_environment(os.environ)

if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # Each start counts from zero. A reload does not: it reads this file again and finds the variable set.
    _metrics = _settings.data_dir / "run" / f"metrics-{_settings.port}"
    shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(mode=0o700, parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)

# prometheus_client reads that variable at import, and app.logs imports it.
from gunicorn.glogging import Logger  # noqa: E402
from prometheus_client import multiprocess  # noqa: E402

from app import logs  # noqa: E402
from app.worker import Worker  # noqa: E402

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = f"{_host}:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
# How many connections a worker has at most, idle ones included. Beyond that it closes the oldest that waits.
worker_connections = 1000
# gunicorn would wait for a client to take a file. The worker reads files, so that no thread waits.
sendfile = False
# Each worker opens its own connections, since a driver does not survive a fork.
preload_app = False
# How long a stop waits for requests in progress.
graceful_timeout = 5
# Two ids of 256 characters, percent-encoded, make a path of 6 kB; gunicorn's default limit is 4 kB.
limit_request_line = 8190
# By default a client of the same machine names the prefix of its own path in a header, and a wrong one is a 500.
forwarder_headers = ""
# By default gunicorn opens a socket in the home directory, which all gunicorns of a user would share.
control_socket_disable = True
logconfig_dict = logs.configuration(_settings.log_level)


class worker_class(Worker):  # noqa: N801 - the name of a setting of gunicorn
    """The worker with the service's limits."""

    trusted_proxies = _settings.trusted_proxies
    request_seconds = _settings.max_request_seconds
    body_bytes_max = max(_settings.max_body_bytes, _settings.max_batch_bytes)


class logger_class(Logger):  # noqa: N801 - the name of a setting of gunicorn
    """gunicorn's logger without its access log. It prepared every line of it, a tenth of the CPU of an empty request."""

    access_log_enabled = False


def post_worker_init(_worker: Any) -> None:
    """Exclude the objects made at the start from garbage collection: a collection took 70 ms of a large batch."""
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Remove the live gauges of a worker that has ended."""
    multiprocess.mark_process_dead(worker.pid)
