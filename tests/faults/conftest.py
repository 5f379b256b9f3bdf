"""What tests of faults ask for: a gunicorn of their own."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from app.config import CHECKOUT, Settings
from graph.acts.tenants import TenantKeys
from tests.conftest import environ_of
from tests.faults.gunicorn import Running, Start
from tests.patience import FOREVER_SECONDS, PATIENCE_SECONDS, wait_until


@pytest.fixture
def start(settings: Settings, tenant: TenantKeys, tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as running:

        def gunicorn(**given: str) -> Running:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            environ = {
                **environ_of(settings),
                "PORT": str(port),
                "WORKERS": "1",
                "THREADS": "2",
                "JOBS_INTERVAL_SECONDS": "0",
                "MAX_REQUEST_SECONDS": str(int(FOREVER_SECONDS)),
                **given,
            }
            log = running.enter_context((tmp_path / "log").open("w+"))
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "wsgi:app"], cwd=CHECKOUT, env=environ, stdout=log, stderr=log
            )
            running.callback(process.wait, PATIENCE_SECONDS)
            running.callback(process.send_signal, signal.SIGTERM)

            def is_ready() -> bool:
                assert process.poll() is None, (tmp_path / "log").read_text()
                try:
                    return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=PATIENCE_SECONDS).ok
                except requests.ConnectionError:
                    return False

            wait_until(is_ready, (tmp_path / "log").read_text)
            return Running(port, tenant)

        yield gunicorn
